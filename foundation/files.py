"""Files that people send: what they really are, what the public may see of them, and where they lie.

The name and the type that a browser states are not believed; the content is read. What the public sees of a photo is a
new picture without the position, the camera and whatever else travelled in the file. Originals lie under MEDIA_ROOT,
which no web server serves: the app that owns the record does, after ``visible_to(user)``, through ``serve``.

Every function takes the file as bytes or as an open binary file, which it reads to its end and leaves at its start.
"""

import enum
import hashlib
import io
import math
import os
import re
import secrets
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

import puremagic
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation, ValidationError
from django.http import FileResponse, Http404
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps
from PIL.ExifTags import GPS, IFD

MAX_PIXELS = 50_000_000  # decoded at 4 bytes a pixel: 200 MB at most
PUBLIC_SIDE = 2048  # pixels of the longer side
THUMBNAIL_SIDE = 480


type Content = bytes | IO[bytes]


class Allowed(enum.Flag):
    """What a form takes."""

    IMAGE = enum.auto()
    DOCUMENT = enum.auto()
    TABLE = enum.auto()

    @property
    def accept(self) -> str:
        """For ``<input type="file" accept="...">``. Naming JPEG makes an iPhone convert its HEIC photos by itself."""
        return ",".join(kind.content_type for kind in KINDS if kind.allowed & self)


IMAGE, DOCUMENT, TABLE = Allowed.IMAGE, Allowed.DOCUMENT, Allowed.TABLE


class Kind(NamedTuple):
    """A kind of file that is taken."""

    allowed: Allowed
    content_type: str
    extension: str
    signature: re.Pattern[bytes]
    max_bytes: int


KINDS = (
    Kind(IMAGE, "image/jpeg", ".jpg", re.compile(rb"\xff\xd8\xff"), 10 * 1024 * 1024),
    Kind(IMAGE, "image/png", ".png", re.compile(rb"\x89PNG\r\n\x1a\n"), 10 * 1024 * 1024),
    Kind(IMAGE, "image/webp", ".webp", re.compile(rb"RIFF.{4}WEBPVP8", re.DOTALL), 10 * 1024 * 1024),
    Kind(DOCUMENT, "application/pdf", ".pdf", re.compile(rb"%PDF-\d\.\d"), 20 * 1024 * 1024),
    # Text has no signature: whatever reads as UTF-8 and has no control characters.
    Kind(TABLE, "text/csv", ".csv", re.compile(rb"(?!)"), 5 * 1024 * 1024),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HEIC = re.compile(rb".{4}ftyp(?:heic|heix|hevc|hevx|heim|heis|mif1|msf1)", re.DOTALL)
_PILLOW_FORMATS = ("JPEG", "PNG", "WEBP")  # and MPO, which Pillow makes of a JPEG that holds several pictures
_BROKEN = Exception  # a decoder fed with hostile bytes may raise anything


class Checked(NamedTuple):
    """What a file is, by its content."""

    content_type: str
    extension: str


def _bytes(content: Content, limit: int = -1) -> bytes:
    if isinstance(content, bytes):
        return content
    content.seek(0)
    data = content.read(limit)
    content.seek(0)
    return data


def check_upload(file: Content, allowed: Allowed = IMAGE | DOCUMENT) -> Checked:
    """What an uploaded file really is.

    Raises ValidationError, in the reader's language and with what to do about it, where the file is empty, too large,
    of another type, cut off, damaged, of too many pixels, or of two types at once (codes: empty, too_large, type,
    heic, damaged, too_many_pixels, two_types), or there was no room for it (no_room).
    """
    if getattr(file, "unkept", False):  # there was no room for it on its way in (foundation.uploads)
        raise no_room()
    limit = max(kind.max_bytes for kind in KINDS if kind.allowed & allowed)
    data = _bytes(file, limit + 1)
    if not data:
        raise ValidationError(_("這個檔案是空的，請重新選擇。"), code="empty")
    if len(data) > limit:
        raise _too_large(limit)
    kind = _kind(data, allowed)
    if len(data) > kind.max_bytes:
        raise _too_large(kind.max_bytes)
    if kind.allowed is TABLE:
        return Checked(kind.content_type, kind.extension)
    if kind.allowed is IMAGE:
        _check_image(data)
    else:
        _check_pdf(data)
    _check_single_type(data, kind)
    return Checked(kind.content_type, kind.extension)


def _too_large(limit: int) -> ValidationError:
    message = _("檔案超過上限 %(limit)s。請縮小照片或分成數個檔案再上傳。")
    return ValidationError(message, code="too_large", params={"limit": filesizeformat(limit)})


def _kind(data: bytes, allowed: Allowed) -> Kind:
    for kind in KINDS:
        if kind.signature.match(data):
            if kind.allowed & allowed:
                return kind
            break
    if TABLE in allowed and _is_text(data):
        return next(kind for kind in KINDS if kind.allowed is TABLE)
    if _HEIC.match(data) and allowed & IMAGE:
        raise ValidationError(
            _(
                "無法讀取 HEIC 照片。請在 iPhone 的「設定 › 相機 › 格式」選「最相容」後重拍，"
                "或將照片另存為 JPEG 再上傳。"
            ),
            code="heic",
        )
    names = {
        IMAGE: _("請上傳 JPEG、PNG 或 WebP 照片。"),
        DOCUMENT: _("請上傳 PDF 檔。"),
        IMAGE | DOCUMENT: _("請上傳 JPEG、PNG、WebP 照片或 PDF 檔。"),
        IMAGE | DOCUMENT | TABLE: _("請上傳 PDF 檔、JPEG、PNG、WebP 照片或 UTF-8 編碼的 CSV 檔。"),
    }
    looks_like = _looks_like(data)
    problem = _("不接受這種檔案（內容看起來是 %(type)s）。") if looks_like else _("不接受這種檔案。")
    both = _("%(problem)s%(advice)s") % {"problem": problem, "advice": names[allowed]}
    raise ValidationError(both, code="type", params={"type": looks_like})


def _is_text(data: bytes) -> bool:
    """Whether it reads as UTF-8 without control characters, and is no page: a browser would run that."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not _CONTROL.search(text) and not text.lstrip().startswith("<")


def _looks_like(data: bytes) -> str:
    try:
        return puremagic.from_string(data[:8192]).removeprefix(".").upper()
    except (puremagic.PureError, ValueError):
        return ""


def _damaged() -> ValidationError:
    return ValidationError(_("檔案不完整或已損壞，請重新選擇或重拍一張。"), code="damaged")


def _open(data: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=_PILLOW_FORMATS)
        pixels = math.prod(image.size)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        pixels = MAX_PIXELS + 1
    except _BROKEN as problem:
        raise _damaged() from problem
    if pixels > MAX_PIXELS:
        message = _("照片的像素太多（上限 %(limit)s 萬像素），請縮小後再上傳。")
        raise ValidationError(message, code="too_many_pixels", params={"limit": MAX_PIXELS // 10_000})
    return image


def _check_image(data: bytes) -> None:
    image = _open(data)
    try:
        if image.format == "PNG":
            image.verify()  # the checksums of all chunks; after that it must be opened anew
            image = _open(data)
        image.draft("RGB", (THUMBNAIL_SIDE, THUMBNAIL_SIDE))  # JPEG: read all of it, but compute few pixels
        image.load()
    except _BROKEN as problem:
        raise _damaged() from problem


def _check_pdf(data: bytes) -> None:
    # Readers tolerate blanks after the end mark, and so do we; anything else there is another file riding along.
    end = data.rfind(b"%%EOF")
    if end < 0 or b"startxref" not in data or data[end + 5 :].strip(b"\0\t\n\f\r ") != b"":
        raise _damaged()


def _check_single_type(data: bytes, kind: Kind) -> None:
    """Refuse what another program would read as another type: an archive, a page with scripts, a PDF in a photo."""
    head = data[:4096].lower()
    other = (
        zipfile.is_zipfile(io.BytesIO(data))
        or (kind.allowed is IMAGE and b"%pdf-" in head[:1024])
        or (kind.allowed is IMAGE and any(mark in head for mark in (b"<html", b"<!doctype", b"<svg", b"<?php")))
        or (kind.allowed is IMAGE and b"<script" in data.lower())
    )
    if other:
        raise ValidationError(
            _("檔案裡夾帶了另一種檔案，基於安全不予接受。請另存一份新的照片或 PDF 再上傳。"), code="two_types"
        )


# --- What the public sees ---------------------------------------------------------------------------------------------


def public_image(file: Content, longest: int = PUBLIC_SIDE) -> bytes:
    """A new JPEG of the picture: upright, in sRGB, at most ``longest`` pixels on its longer side, and nothing else.

    Position, camera, author, comments and embedded previews do not survive: only pixels are carried over.
    Raises ValidationError as ``check_upload`` does.
    """
    image = _open(_bytes(file))
    try:
        image.draft("RGB", (longest, longest))
        profile = image.info.get("icc_profile")
        picture = ImageOps.exif_transpose(image)
        picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        picture = _in_srgb(picture, profile)
        clean = Image.new(
            "RGB", picture.size, "white"
        )  # of the picture before it keeps no metadata; transparent = white
        clean.paste(picture, mask=picture if picture.mode == "RGBA" else None)
    except _BROKEN as problem:
        raise _damaged() from problem
    result = io.BytesIO()
    clean.save(result, "JPEG", quality=85, optimize=True, progressive=True)
    return result.getvalue()


def thumbnail(file: Content, longest: int = THUMBNAIL_SIDE) -> bytes:
    """A small ``public_image``."""
    return public_image(file, longest)


def covered(picture: bytes, boxes: Callable[[int, int], Iterable[tuple[int, int, int, int]]]) -> bytes:
    """The picture with some boxes made unrecognisable for good; ``boxes(width, height)`` gives them in pixels.

    Of each box four averages of its quarters remain, smoothed into each other: no number of looks brings back more.
    Hand over what ``public_image`` made; the result is a new JPEG without any metadata.
    """
    image = _open(picture).convert("RGB")
    for left, top, right, bottom in boxes(*image.size):
        part = image.crop((left, top, right, bottom))
        image.paste(part.resize((2, 2), Image.Resampling.BOX).resize(part.size, Image.Resampling.BICUBIC), (left, top))
    result = io.BytesIO()
    image.save(result, "JPEG", quality=85, optimize=True, progressive=True)
    return result.getvalue()


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in RGB or RGBA, its colours moved to sRGB where a profile says that they are others."""
    has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    if picture.mode not in ("RGB", "CMYK") or has_alpha:
        if picture.mode.startswith("I"):  # 16 bits of grey: scale, where convert() would clip to white
            picture = picture.point(lambda value: value * (1 / 256)).convert("L")
        picture = picture.convert("RGBA" if has_alpha else "RGB")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            moved = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except _BROKEN:
            moved = None  # a broken profile, or one for another colour model: the bare colours are near enough
        if moved is not None:
            if has_alpha:
                moved.putalpha(picture.getchannel("A"))
            picture = moved
    return picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGB")


def read_position(file: Content) -> tuple[float, float] | None:
    """Where a photo was taken, as (longitude, latitude) in WGS 84 degrees, or None if it does not say so credibly."""
    try:
        with Image.open(io.BytesIO(_bytes(file)), formats=_PILLOW_FORMATS) as image:
            gps = image.getexif().get_ifd(IFD.GPSInfo)
        lon = _degrees(gps[GPS.GPSLongitude], gps[GPS.GPSLongitudeRef], "EW", 180)
        lat = _degrees(gps[GPS.GPSLatitude], gps[GPS.GPSLatitudeRef], "NS", 90)
    except _BROKEN:
        return None
    return None if (lon, lat) == (0, 0) else (lon, lat)  # cameras without a fix write zeros


def _degrees(parts: tuple, reference: str, letters: str, limit: int) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not 0 <= value <= limit:  # also false for nan
        raise ValueError(f"no such angle: {value}")
    sign = {letters[0]: 1, letters[1]: -1}[reference.strip("\0 ").upper()]
    return sign * round(value, 7)


# --- Where they lie ---------------------------------------------------------------------------------------------------


def store(content: Content, extension: str) -> str:
    """Keep a file under MEDIA_ROOT; returns its path there, ``"ab/cd/<sha256>-<random>.jpg"``.

    It is on the disk when this returns, so that a record committed afterwards never names a file that a power cut took.
    The name lets anyone prove that the content is unchanged; the random part gives each record a file of its own, so
    that deleting one person's photo never takes another's. Raises OSError, and leaves nothing, where there is no room.
    """
    data = _bytes(content)
    digest = hashlib.sha256(data).hexdigest()
    name = f"{digest[:2]}/{digest[2:4]}/{digest}-{secrets.token_hex(8)}{extension}"
    path = _absolute(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".draft")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)  # half a file would only fill the disk further
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return name


def read(name: str) -> bytes:
    """The content of a stored file. Raises FileNotFoundError."""
    return _absolute(name).read_bytes()


def no_room() -> ValidationError:
    """What somebody is told whose file cannot be kept because the disk is full."""
    message = _("系統暫時存不下檔案。您填寫的文字都還在，可以先不附檔案送出，稍後再補。")
    return ValidationError(message, code="no_room")


def delete(name: str) -> None:
    """Delete a stored file; it is no error if it is gone already."""
    _absolute(name).unlink(missing_ok=True)


def _absolute(name: str) -> Path:
    root = Path(settings.MEDIA_ROOT).resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or path == root:
        raise SuspiciousFileOperation(f"{name!r} lies outside MEDIA_ROOT")
    return path


def serve(path: str, name: str, content_type: str) -> FileResponse:
    """A response with the file at a path under MEDIA_ROOT, as `offer` gives it. Raises Http404 if it is not there."""
    try:
        file = _absolute(path).open("rb")
    except (FileNotFoundError, IsADirectoryError):
        raise Http404 from None
    return offer(file, name, content_type)


def offer(file: BinaryIO, name: str, content_type: str) -> FileResponse:
    """A response with an open file, under the name that the reader shall see.

    The caller has checked that this person may see it. Pictures show in the page; everything else is offered for
    saving, so that no document runs in the site's name.
    """
    kind = next((kind for kind in KINDS if kind.content_type == content_type), None)
    response = FileResponse(
        file,
        as_attachment=kind is None or kind.allowed is not IMAGE,
        # The extension is that of the content, whatever name it was sent under.
        filename=Path(name).stem + (kind.extension if kind else ".bin"),
        content_type=kind.content_type if kind else "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response
