"""Pictures: told by what is in them, measured before anything is decoded, kept without what they
tell of their maker, made small.
"""

import re
import struct
from dataclasses import dataclass, replace
from io import BytesIO
from math import prod
from typing import Literal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image

CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
# Longer sides in pixels: what a page shows at once, and what one looks at.
THUMB, VIEW = 320, 1600

_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
# Everything a decoder needs; what is not named here may tell of place, person or camera.
_JPEG_FRAMES = {0xC0, 0xC1, 0xC2}
_JPEG_TABLES = {0xC4, 0xDB, 0xDD, 0xDA}
_JPEG_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_PNG_KEPT = {b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs"}
_WEBP_KEPT = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"}
_EXIF, _SCAN, _END = 0xE1, 0xDA, 0xD9
# In a scan FF stands for itself with 00 after it; RST0-7 belong to the scan as well.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
# A camera writes about ten; each costs a pass over the whole picture.
_MOST_SCANS = 100
# Rows decoded pixels are taken over by at a time.
_BAND = 64


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept; width and height in pixels as one looks at it, 0 where unknown."""

    kind: str
    content: bytes
    width: int = 0
    height: int = 0


class Damaged(Exception):
    """The content cannot be decoded."""


def kind_of(beginning: bytes) -> str:
    """The kind of picture a file is that begins like this (16 bytes do); empty for all others."""
    if beginning.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if beginning.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    return "webp" if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP" else ""


def check_beginning(beginning: bytes) -> None:
    """Refuse what is no photo by its first bytes. Raises ValidationError with what to do."""
    if kind_of(beginning):
        return
    if beginning[4:8] == b"ftyp" and beginning[8:12] in _HEIC:
        raise ValidationError(
            _(
                "This photo is in the format HEIC, which not everybody can open. Choose “most "
                "compatible” under “formats” in the camera's settings, or send a screenshot of it."
            )
        )
    if beginning.startswith(b"%PDF"):
        raise ValidationError(_("This is a PDF and no photo, whatever its name says."))
    raise ValidationError(_("This is no photo. JPEG, PNG and WebP are taken."))


def check_length(length: int) -> None:
    """Refuse what is too large or empty. Raises ValidationError."""
    if length > settings.PHOTO_MAX_BYTES:
        raise ValidationError(
            _("The photo is larger than %(size)s MB.") % {"size": settings.PHOTO_MAX_BYTES // 2**20}
        )
    if not length:
        raise ValidationError(_("The file is empty. Choose the photo again."))


def checked(content: bytes) -> Picture:
    """A photo as it may be kept: without EXIF and the like (domain: what is never collected).

    Raises ValidationError with what to do. Nothing is decoded here.
    """
    check_length(len(content))
    check_beginning(content[:16])
    picture = without_talk(content)
    if not picture.width or not picture.height:
        raise ValidationError(_("The picture is damaged."))
    most = settings.PHOTO_MAX_PIXELS[picture.kind]
    if (pixels := picture.width * picture.height) > most:
        raise ValidationError(
            _("The picture has %(n)s million pixels; up to %(most)s are taken. Make it smaller.")
            % {"n": -(-pixels // 10**6), "most": most // 10**6}
        )
    return picture


def without_talk(content: bytes) -> Picture:
    """The picture alone, up to its end; how it was held is kept, or it would lie on its side.

    Raises ValidationError where it breaks off.
    """
    try:
        return {"jpg": _jpeg, "png": _png, "webp": _webp}[kind_of(content[:16])](content)
    except (IndexError, struct.error) as error:
        raise ValidationError(_("The picture is damaged.")) from error


def _jpeg(content: bytes) -> Picture:
    kept, at, turned, scans = [content[:2]], 2, 1, 0
    height = width = 0
    while (marker := content[at + 1]) != _END:
        if marker == 0xFF:  # any number of FF may stand before a marker
            at += 1
            continue
        start, end = at, at + 2 + struct.unpack_from(">H", content, at + 2)[0]
        content[end - 1]  # raises where the picture was cut off
        if content[at] != 0xFF or end < at + 4:
            raise IndexError(at)
        if marker in _JPEG_FRAMES:
            if width:
                raise IndexError(at)  # decoders do not agree which of two counts
            height, width = struct.unpack_from(">HH", content, at + 5)
        elif marker == _SCAN:
            scans += 1
            following = _NEXT_MARKER.search(content, end)
            if following is None or scans > _MOST_SCANS:
                raise IndexError(at)
            end = following.start()
        elif marker == _EXIF and turned == 1:
            turned = _orientation(content[at + 4 : end])
            kept.append(_only(turned))
        if marker in _JPEG_FRAMES | _JPEG_TABLES or _is_kept(marker, content[start + 4 : end]):
            kept.append(content[start:end])
        at = end
    picture = Picture("jpg", b"".join([*kept, b"\xff\xd9"]), width, height)
    return replace(picture, width=height, height=width) if turned > 4 else picture


def _is_kept(marker: int, data: bytes) -> bool:
    begins = _JPEG_KEPT.get(marker)
    # A longer JFIF part holds a thumbnail, which may show what was cut away since.
    return begins is not None and data.startswith(begins) and (marker != 0xE0 or len(data) == 14)


def _orientation(exif: bytes) -> int:
    """How the camera was held, 1 to 8; 1 where it is not said."""
    tiff = exif.removeprefix(b"Exif\0\0")
    if tiff == exif:
        return 1  # XMP
    order: Literal["little", "big"] = "little" if tiff.startswith(b"II") else "big"
    at = int.from_bytes(tiff[4:8], order)
    for n in range(int.from_bytes(tiff[at : at + 2], order)):
        entry = tiff[at + 2 + 12 * n :][:12]
        value = int.from_bytes(entry[8:10], order)
        if int.from_bytes(entry[:2], order) == 0x0112 and 2 <= value <= 8:
            return value
    return 1


def _only(orientation: int) -> bytes:
    """An EXIF part that says how the camera was held and nothing else; nothing if upright."""
    if orientation == 1:
        return b""
    head = b"\xff\xe1\x00\x22Exif\0\0MM\x00\x2a\x00\x00\x00\x08\x00\x01"
    one = b"\x01\x12\x00\x03\x00\x00\x00\x01" + orientation.to_bytes(2, "big") + b"\0\0"
    return head + one + bytes(4)


def _png(content: bytes) -> Picture:
    kept, at, name = [content[:8]], 8, b""
    width = height = 0
    while name != b"IEND":
        end = at + 12 + struct.unpack_from(">I", content, at)[0]
        name = content[at + 4 : at + 8]
        content[end - 1]  # raises where the picture was cut off
        if name == b"IHDR" and at == 8:
            width, height = struct.unpack_from(">II", content, at + 8)
            kept.append(content[at:end])
        elif name in _PNG_KEPT:
            kept.append(content[at:end])
        at = end
    return Picture("png", b"".join(kept), width, height)


def _webp(content: bytes) -> Picture:
    kept, at, sizes = [b"WEBP"], 12, [(0, 0)]
    total = 8 + struct.unpack_from("<I", content, 4)[0]
    while at < total:
        name, length = content[at : at + 4], struct.unpack_from("<I", content, at + 4)[0]
        end = at + 8 + length + length % 2
        content[end - 1]  # raises where the picture was cut off
        data = content[at + 8 : end]
        if name == b"ANMF":
            raise ValidationError(_("This is a moving picture. Choose a photo."))
        if name == b"VP8X":
            # Of what may follow it names colours and transparency only.
            data = bytes([data[0] & 0x30]) + data[1:]
            right, bottom = (int.from_bytes(data[n : n + 3], "little") for n in (4, 7))
            sizes.append((right + 1, bottom + 1))
        elif name == b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 6)
            sizes.append((width & 0x3FFF, height & 0x3FFF))
        elif name == b"VP8L":
            bits = struct.unpack_from("<I", data, 1)[0]
            sizes.append((1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)))
        if name in _WEBP_KEPT:
            kept.append(content[at : at + 8] + data)
        at = end
    body = b"".join(kept)
    width, height = max(sizes, key=prod)
    return Picture("webp", b"RIFF" + struct.pack("<I", len(body)) + body, width, height)


def sizes_of(content: bytes) -> tuple[bytes, bytes]:
    """(view, thumb) of a kept picture as JPEG, upright. Raises Damaged.

    A JPEG is decoded at a fraction of its size; of a PNG all pixels are held once, never twice.
    """
    try:
        with Image.open(BytesIO(content), formats=["JPEG", "PNG", "WEBP"]) as picture:
            longer = max(picture.size)
            turned = picture.getexif().get(0x0112, 1)
            profile = picture.info.get("icc_profile") if picture.mode == "RGB" else None
            picture.draft("RGB", [max(1, side * VIEW // longer) for side in picture.size])
            view = _upright(_shrunk(picture), turned)
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError) as error:
        raise Damaged(str(error)) from error
    thumb = view.copy()
    thumb.thumbnail((THUMB, THUMB))
    return _saved(view, 80, profile), _saved(thumb, 75, profile)


def _shrunk(picture: Image.Image) -> Image.Image:
    """The picture on white, its longer side VIEW at most, taken over band by band."""
    picture.load()
    width, height = picture.size
    factor = max(1, max(width, height) // (2 * VIEW))
    if factor == 1 and picture.mode == "RGB" and "transparency" not in picture.info:
        picture.thumbnail((VIEW, VIEW))
        return picture
    ground = Image.new("RGB", (-(-width // factor), -(-height // factor)), "white")
    for top in range(0, height, _BAND * factor):
        band = picture.crop((0, top, width, min(height, top + _BAND * factor)))
        if "A" in band.getbands() or "transparency" in picture.info:
            band = band.convert("RGBA")
            white = Image.new("RGBA", band.size, "white")
            white.alpha_composite(band)
            band = white
        ground.paste(band.convert("RGB").reduce(factor), (0, top // factor))
    ground.thumbnail((VIEW, VIEW))
    return ground


def _upright(picture: Image.Image, turned: int) -> Image.Image:
    """Turned as the camera was held."""
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return picture.transpose(turns[turned]) if turned in turns else picture


def _saved(picture: Image.Image, quality: int, profile: bytes | None) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, icc_profile=profile)
    return out.getvalue()
