"""Photos of the demo: drawn, so that nobody's street and nobody's face is in them."""

from __future__ import annotations

from io import BytesIO
from random import Random

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFilter

SIZE = (960, 720)


def pothole(rng: Random, *, mended: bool) -> ContentFile:
    """A road with a hole in it, or with the patch where it was."""
    noise = Image.effect_noise(SIZE, 38).convert("L")
    road = Image.merge("RGB", [noise.point(lambda v, base=base: base + (v - 128) // 3) for base in (104, 106, 110)])
    draw = ImageDraw.Draw(road)
    draw.polygon([(0, 560), (0, 600), (960, 420), (960, 395)], fill=(228, 226, 214))
    x, y = rng.randrange(300, 560), rng.randrange(240, 400)
    width, height = rng.randrange(170, 260), rng.randrange(80, 130)
    corners = [
        (x + int(width * dx * rng.uniform(0.85, 1.15)), y + int(height * dy * rng.uniform(0.85, 1.15)))
        for dx, dy in ((-1, 0), (-0.7, -0.7), (0, -1), (0.7, -0.7), (1, 0), (0.7, 0.7), (0, 1), (-0.7, 0.7))
    ]
    if mended:
        draw.rectangle((x - width, y - height, x + width, y + height), fill=(58, 59, 62))
    else:
        draw.polygon(corners, fill=(46, 42, 38))
        draw.polygon([(px + 14, py + 18) for px, py in corners], fill=(74, 66, 58))
    out = BytesIO()
    road.filter(ImageFilter.GaussianBlur(1.4)).save(out, "JPEG", quality=80)
    return ContentFile(out.getvalue(), name="after.jpg" if mended else "before.jpg")
