import hashlib
import io
import random
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import SuspiciousFileOperation, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin, TiffImagePlugin
from PIL.ExifTags import GPS, IFD, Base

from foundation.files import (
    DOCUMENT,
    IMAGE,
    Checked,
    check_upload,
    delete,
    public_image,
    read_position,
    serve,
    store,
    thumbnail,
)
from foundation.printing import pdf

# Pillow warns about damaged EXIF data and goes on; so do we.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

LON, LAT = 120.3120, 22.6203


def picture(width: int = 640, height: int = 400) -> Image.Image:
    """Noise, so that it does not compress to nothing, with a red square at the upper left."""
    image = Image.frombytes("RGB", (width, height), random.Random(7).randbytes(width * height * 3))
    ImageDraw.Draw(image).rectangle((0, 0, width // 4, height // 4), fill="red")
    return image


def encoded(image: Image.Image, format: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def gps(lon: float = LON, lat: float = LAT, **changes) -> Image.Exif:
    def parts(angle: float) -> tuple:
        degrees, rest = divmod(abs(angle), 1)
        minutes, rest = divmod(rest * 60, 1)
        return (degrees, minutes, rest * 60)

    exif = Image.Exif()
    exif[Base.Make] = "SECRETCAMERA"
    tags = {
        GPS.GPSLongitudeRef: "E" if lon >= 0 else "W",
        GPS.GPSLongitude: parts(lon),
        GPS.GPSLatitudeRef: "N" if lat >= 0 else "S",
        GPS.GPSLatitude: parts(lat),
    }
    tags.update({GPS[name]: value for name, value in changes.items()})
    exif.get_ifd(IFD.GPSInfo).update({tag: value for tag, value in tags.items() if value is not None})
    return exif


JPEG = encoded(picture(), "JPEG")
PNG = encoded(picture(), "PNG")
WEBP = encoded(picture(), "WEBP")
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\nxref\n0 1\ntrailer<</Root 1 0 R>>\nstartxref\n44\n%%EOF\n"


def problem(data: bytes, allowed=IMAGE | DOCUMENT) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        check_upload(io.BytesIO(data), allowed)
    return caught.value


# --- Taken ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (JPEG, Checked("image/jpeg", ".jpg")),
        (encoded(picture(), "JPEG", progressive=True), Checked("image/jpeg", ".jpg")),
        (encoded(picture().convert("CMYK"), "JPEG"), Checked("image/jpeg", ".jpg")),
        (PNG, Checked("image/png", ".png")),
        (encoded(picture().convert("P"), "PNG"), Checked("image/png", ".png")),
        (WEBP, Checked("image/webp", ".webp")),
        (encoded(picture(), "WEBP", lossless=True), Checked("image/webp", ".webp")),
        (PDF, Checked("application/pdf", ".pdf")),
        (PDF + b"\r\n \0", Checked("application/pdf", ".pdf")),
    ],
)
def test_what_is_taken(data, expected):
    file = SimpleUploadedFile("whatever.exe", data, content_type="application/x-msdownload")
    assert check_upload(file) == expected
    assert file.read() == data  # ready to be read again


def test_a_phone_photo_with_something_behind_its_end_is_taken():
    """Motion photos and gain maps follow the end of the JPEG: a second picture, or a film."""
    assert check_upload(io.BytesIO(JPEG + JPEG)).content_type == "image/jpeg"
    assert check_upload(io.BytesIO(encoded(picture(), "MPO", save_all=True, append_images=[picture()])))
    assert check_upload(io.BytesIO(JPEG + b"\0\0\0\x18ftypmp42" + bytes(1000)))


# --- Refused, and told why --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "allowed", "code", "words"),
    [
        (b"", IMAGE, "empty", "空的"),
        (PDF, IMAGE, "type", "PDF"),
        (JPEG, DOCUMENT, "type", "PDF"),
        (encoded(picture(), "GIF"), IMAGE | DOCUMENT, "type", "GIF"),
        (encoded(picture(), "TIFF"), IMAGE, "type", "TIF"),
        (encoded(picture(), "BMP"), IMAGE, "type", "JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", IMAGE, "type", "JPEG"),
        (b"MZ" + bytes(500), IMAGE | DOCUMENT, "type", "JPEG"),
        (b"hello", IMAGE, "type", "JPEG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500), IMAGE, "heic", "iPhone"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500), DOCUMENT, "type", "PDF"),
        (JPEG[:20], IMAGE, "damaged", "損壞"),
        (JPEG[: len(JPEG) // 2], IMAGE, "damaged", "損壞"),
        (PNG[: len(PNG) // 2], IMAGE, "damaged", "損壞"),
        (PNG[:-20], IMAGE, "damaged", "損壞"),
        (WEBP[: len(WEBP) // 2], IMAGE, "damaged", "損壞"),
        (b"\xff\xd8\xff" + bytes(500), IMAGE, "damaged", "損壞"),
        (PDF[:-10], DOCUMENT, "damaged", "損壞"),
        (PDF + b"<html><script>", DOCUMENT, "damaged", "損壞"),
        (b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), IMAGE, "too_large", "10.0"),
        (b"\xff\xd8\xff" + bytes(11 * 1024 * 1024), IMAGE | DOCUMENT, "too_large", "10.0"),
        (b"%PDF-1.7" + bytes(20 * 1024 * 1024), DOCUMENT, "too_large", "20.0"),
    ],
)
def test_what_is_refused(data, allowed, code, words):
    refused = problem(data, allowed)
    assert refused.code == code
    assert words in refused.messages[0]


def test_the_name_decides_nothing():
    with pytest.raises(ValidationError):
        check_upload(SimpleUploadedFile("photo.jpg", PDF, content_type="image/jpeg"), IMAGE)
    assert check_upload(SimpleUploadedFile("photo.jpg", PDF, content_type="image/jpeg")).extension == ".pdf"


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("payload.html", "<script>alert(1)</script>")
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        JPEG + archive(),
        PNG + archive(),
        PDF[:-7]
        + archive()[:-2]
        + struct.pack("<H", 7)
        + b"\n%%EOF\n",  # hidden before the end, in the archive's comment
        encoded(picture(), "JPEG", comment=b"%PDF-1.7 a document in a comment"),
        encoded(picture(), "JPEG", comment=b"<HTML><body>"),
        JPEG + b"<ScRiPt>alert(1)</script>",
    ],
)
def test_two_types_in_one_file(data):
    assert problem(data).code == "two_types"


def png_of(width: int, height: int) -> bytes:
    """A PNG that claims so many pixels in a few bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(999))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [7_100, 10_000, 13_000, 20_000, 60_000])
def test_a_bomb_is_refused_before_it_is_decoded(side):
    assert problem(png_of(side, side), IMAGE).code == "too_many_pixels"
    with pytest.raises(ValidationError):
        public_image(io.BytesIO(png_of(side, side)))
    assert read_position(io.BytesIO(png_of(side, side))) is None


def test_the_words_in_english():
    with override("en"):
        assert "HEIC" in problem(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), IMAGE).messages[0]


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([JPEG, PNG, WEBP, PDF]), st.data())
def test_damage_never_ends_in_anything_but_a_refusal(data, draw):
    """Whatever bytes are changed or cut: either it is still a good file or a ValidationError says that it is not."""
    damaged = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 20))):
        damaged[draw.draw(st.integers(0, min(len(damaged) - 1, 2000)))] = draw.draw(st.integers(0, 255))
    file = io.BytesIO(bytes(damaged[: draw.draw(st.integers(1, len(damaged)))]))
    for read in (check_upload, public_image):
        try:
            read(file)
        except ValidationError as refused:
            assert refused.messages  # the words can be put together
    read_position(file)


# --- What the public sees ---------------------------------------------------------------------------------------------


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_nothing_of_the_file_but_its_pixels_becomes_public():
    exif = gps()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>SECRETXMP</x:xmpmeta>"
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "SECRETTEXT")
    for data in (
        encoded(picture(), "JPEG", exif=exif, xmp=xmp, comment=b"SECRETCOMMENT", icc_profile=srgb) + b"SECRETTRAILER",
        encoded(picture(), "PNG", exif=exif, pnginfo=info, icc_profile=srgb),
        encoded(picture(), "WEBP", exif=exif, xmp=xmp, icc_profile=srgb),
    ):
        assert b"SECRET" in data
        assert read_position(io.BytesIO(data)) == (pytest.approx(LON), pytest.approx(LAT))
        for public in (public_image(io.BytesIO(data)), thumbnail(data, 480)):
            image = opened(public)
            assert image.format == "JPEG"
            assert b"SECRET" not in public
            assert not image.getexif()
            assert set(image.info) <= {
                "jfif",
                "jfif_version",
                "jfif_unit",
                "jfif_density",
                "progressive",
                "progression",
            }
            assert read_position(io.BytesIO(public)) is None


def test_a_photo_is_upright():
    exif = Image.Exif()
    exif[Base.Orientation] = 6  # the camera was turned to the right: the picture's top is at its right edge
    public = opened(public_image(io.BytesIO(encoded(picture(640, 400), "JPEG", exif=exif, quality=95))))
    assert public.size == (400, 640)
    red, green, blue = public.getpixel((399 - 20, 20))  # the red square went to the upper right
    assert red > 200 and green < 60 and blue < 60


@pytest.mark.parametrize(
    ("size", "longest", "expected"),
    [((3000, 1500), 2048, (2048, 1024)), ((640, 400), 2048, (640, 400)), ((1000, 4000), 480, (120, 480))],
)
def test_sizes(size, longest, expected):
    image = Image.new("RGB", size, "teal")
    assert opened(public_image(io.BytesIO(encoded(image, "JPEG")), longest)).size == expected
    assert opened(public_image(io.BytesIO(encoded(image, "PNG")), longest)).size == expected


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_colour_model(mode):
    image = Image.new(mode, (50, 40), {"I;16": 0x8000}.get(mode, 0) if mode in ("1", "L", "P", "I;16") else "black")
    public = opened(public_image(io.BytesIO(encoded(image, "PNG"))))
    assert (public.mode, public.size) == ("RGB", (50, 40))
    if mode == "I;16":
        assert all(abs(value - 128) < 4 for value in public.getpixel((20, 20)))


def test_what_is_transparent_becomes_white():
    image = Image.new("RGBA", (50, 40), (255, 0, 0, 0))
    assert min(opened(public_image(io.BytesIO(encoded(image, "PNG")))).getpixel((20, 20))) > 250


def test_colours_are_moved_to_srgb_before_the_profile_is_dropped():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    odd = swapped(srgb, b"rXYZ", b"gXYZ")  # a screen whose red is green
    red = Image.new("RGB", (50, 40), (255, 0, 0))
    shown = opened(public_image(io.BytesIO(encoded(red, "JPEG", icc_profile=odd)))).getpixel((20, 20))
    assert shown[1] > 240 and shown[0] < 20
    for profile in (srgb, b"nonsense" * 50):  # a broken one must not stop anything
        shown = opened(public_image(io.BytesIO(encoded(red, "JPEG", icc_profile=profile)))).getpixel((20, 20))
        assert shown[0] > 240 and shown[1] < 20


def swapped(data: bytes, one: bytes, other: bytes) -> bytes:
    assert data.count(one) == data.count(other) == 1
    return data.replace(one, b"????").replace(other, one).replace(b"????", other)


# --- Where it was taken -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lon", "lat"), [(LON, LAT), (-0.1276, 51.5072), (151.2093, -33.8688), (0.5, 0.0)])
def test_read_position(lon, lat):
    file = io.BytesIO(encoded(picture(64, 64), "JPEG", exif=gps(lon, lat)))
    assert read_position(file) == (pytest.approx(lon, abs=1e-6), pytest.approx(lat, abs=1e-6))


@pytest.mark.parametrize(
    "exif",
    [
        Image.Exif(),
        gps(0, 0),
        gps(GPSLatitude=None),
        gps(GPSLatitudeRef=None),
        gps(GPSLatitude=(91.0, 0.0, 0.0)),
        gps(GPSLongitude=(TiffImagePlugin.IFDRational(0, 0), 0.0, 0.0)),
        gps(GPSLongitudeRef="Q"),
    ],
)
def test_no_credible_position(exif):
    assert read_position(io.BytesIO(encoded(picture(64, 64), "JPEG", exif=exif))) is None


@pytest.mark.parametrize("data", [b"", PDF, JPEG, b"\xff\xd8\xff\xe1\0\x10Exif\0\0II*\0\xff\xff\xff\xff"])
def test_no_position_at_all(data):
    assert read_position(io.BytesIO(data)) is None


# --- Where they lie ---------------------------------------------------------------------------------------------------


def test_store():
    name, other = store(JPEG, ".jpg"), store(io.BytesIO(JPEG), ".jpg")
    root = Path(django_settings.MEDIA_ROOT)
    assert name != other  # deleting one must not take the other
    assert hashlib.sha256(JPEG).hexdigest() in name
    delete(other)
    delete(other)
    assert (root / name).read_bytes() == JPEG
    assert stat.S_IMODE((root / name).stat().st_mode) == 0o600
    assert [each for each in root.rglob("*") if each.is_file()] == [root / name]  # no draft left behind


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "", "ab/../../x"])
def test_nothing_outside_is_reached(name):
    for reach in (lambda: serve(name, "x", "image/jpeg"), lambda: delete(name)):
        with pytest.raises(SuspiciousFileOperation):
            reach()


@pytest.mark.django_db  # closing a response looks after the connection
def test_serve():
    photo = serve(store(JPEG, ".jpg"), "路面.HTML", "image/jpeg")
    assert photo["Content-Type"] == "image/jpeg"
    assert photo["X-Content-Type-Options"] == "nosniff"
    assert photo["Content-Disposition"] == "inline; filename*=utf-8''%E8%B7%AF%E9%9D%A2.jpg"
    assert "private" in photo["Cache-Control"]
    assert photo.getvalue() == JPEG
    photo.close()
    for content_type, extension in (("application/pdf", ".pdf"), ("text/html", ".bin")):
        document = serve(store(PDF, ".pdf"), "a.html", content_type)
        assert document["Content-Disposition"] == f'attachment; filename="a{extension}"'
        assert document["Content-Type"] != "text/html"
        assert "sandbox" in document["Content-Security-Policy"]
        document.close()
    with pytest.raises(Http404):
        serve("ab/cd/gone.jpg", "x", "image/jpeg")


def test_what_a_form_says_it_takes():
    assert IMAGE.accept == "image/jpeg,image/png,image/webp"
    assert (IMAGE | DOCUMENT).accept == "image/jpeg,image/png,image/webp,application/pdf"


def test_what_is_damaged_is_refused_after_printing_too():
    """WeasyPrint has Pillow take what breaks off, in the whole process."""
    pdf("<p>字</p>", [])
    assert problem(JPEG[: len(JPEG) // 2]).code == "damaged"
