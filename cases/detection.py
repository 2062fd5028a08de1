"""Where faces and licence plates seem to be in a photo. Suggestions: a person decides (recall: docs/redaction.md).

Plates are rows of characters of one height, found with what the house runs on anyway. Faces take the optional package
``opencv-python-headless`` (requirements/detection.txt); without it they are covered by hand, and `faces_found` says so.
"""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from cases.redaction import Region, region_of

SIDE = 1024  # the longer side that is looked at
MOST = 40  # suggestions a photo: beyond that the photo is all texture
_CHARACTERS = 4_000  # the largest candidates that are looked at


@cache
def _opencv() -> Any:
    try:
        import cv2
    except ImportError:
        return None
    return cv2 if hasattr(cv2, "CascadeClassifier") and hasattr(cv2, "data") else None


def faces_found() -> bool:
    """Whether faces are looked for here: the optional package is installed."""
    return _opencv() is not None


def detect(picture: bytes) -> list[Region]:
    """Regions of a photo, as it is shown, that seem to be a face or a plate; wider than what was found."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    image.thumbnail((SIDE, SIDE))
    grey = np.asarray(image)
    found = [region_of(box, image.size, "face", 0.15) for box in _faces(grey)]
    found += [region_of(box, image.size, "plate", 0.05) for box in _plates(grey.astype(np.float32))]
    return sorted(_apart(found))[:MOST]


def _apart(regions: list[Region]) -> list[Region]:
    """Of regions of which one lies mostly in another only the first, which is the larger."""
    kept: list[Region] = []
    for region in sorted(regions, key=lambda r: -r.width * r.height):
        if all(_shared(region, other) < 0.6 * region.width * region.height for other in kept):
            kept.append(region)
    return kept


def _shared(a: Region, b: Region) -> int:
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return max(0, width) * max(0, height)


def _faces(grey: np.ndarray) -> list[tuple[float, float, float, float]]:
    """Frontal faces and profiles of both sides, by OpenCV's Haar cascades (Viola and Jones 2001)."""
    cv2 = _opencv()
    if cv2 is None:
        return []
    even = cv2.equalizeHist(grey)
    frontal, profile = (
        cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_{name}.xml")
        for name in ("frontalface_default", "profileface")
    )
    found = [*frontal.detectMultiScale(even, 1.1, 3, minSize=(24, 24))]
    found += [*profile.detectMultiScale(even, 1.1, 4, minSize=(24, 24))]
    mirrored = profile.detectMultiScale(np.ascontiguousarray(even[:, ::-1]), 1.1, 4, minSize=(24, 24))
    found += [(even.shape[1] - x - w, y, w, h) for x, y, w, h in mirrored]
    return [(float(x), float(y), float(w), float(h)) for x, y, w, h in found]


def _plates(grey: np.ndarray) -> list[tuple[float, float, float, float]]:
    """Rows of 4 to 9 characters of one height, dark on light or light on dark, as on plates of Taiwan."""
    from scipy import ndimage  # a second to import, and only whoever redacts needs it

    found = []
    for window in (25, 61):  # pixels around a pixel that it is compared with: small and large characters
        around = ndimage.uniform_filter(grey, window)
        for sign in (1, -1):
            labels, _n = ndimage.label(sign * (around - grey) > 8)
            spots = [
                (at[1].start, at[0].start, at[1].stop - at[1].start, at[0].stop - at[0].start)
                for at in ndimage.find_objects(labels)
            ]
            found += _rows(np.array([s for s in spots if 9 <= s[3] <= 200 and 1.1 <= s[3] / s[2] <= 6]))
    return found


def _rows(spots: np.ndarray) -> list[tuple[float, float, float, float]]:
    if len(spots) < 4:
        return []
    if len(spots) > _CHARACTERS:
        spots = spots[np.argsort(-spots[:, 3])[:_CHARACTERS]]
    spots = spots[np.argsort(spots[:, 0], kind="stable")]
    x, width, height = spots[:, 0], spots[:, 2], spots[:, 3]
    middle = spots[:, 1] + height / 2
    taken, boxes = np.zeros(len(spots), bool), []
    for first in range(len(spots)):
        if taken[first]:
            continue
        row = [first]
        while True:
            last = row[-1]
            start = np.searchsorted(x, x[last] + width[last] * 0.5)
            end = np.searchsorted(x, x[last] + width[last] + 1.1 * height[last])
            near = np.arange(max(start, last + 1), end)
            fits = (abs(middle[near] - middle[last]) < 0.35 * height[last]) & (
                abs(np.log(height[near] / height[last])) < 0.29
            )
            if not fits.any():
                break
            row.append(int(near[fits][0]))
        if 4 <= len(row) <= 9:
            chosen, tall = spots[row], float(np.median(height[row]))
            left, top = chosen[:, 0].min(), chosen[:, 1].min()
            right, bottom = (chosen[:, 0] + chosen[:, 2]).max(), (chosen[:, 1] + chosen[:, 3]).max()
            if 2.2 < (right - left) / tall < 9:
                taken[row] = True
                boxes.append(
                    (left - 0.35 * tall, top - 0.4 * tall, right - left + 0.7 * tall, bottom - top + 0.8 * tall)
                )
    return boxes
