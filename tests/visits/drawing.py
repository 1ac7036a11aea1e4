"""Pictures for tests, drawn: each number its own, with everything a camera tells."""

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageDraw

# What a camera writes into its pictures, and what nobody may find in anything that is kept.
TOLD = (
    b"Zhang Camera",
    b"N37 13.1",
    b"taken at home",
    b"ns.adobe.com",
    b"8BIM Zhang",
    b"moov Zhang",
)


def drawn(n=1, size=(640, 480), mode="RGB"):
    """A picture unlike that of another number: a dark corner top left tells how it lies."""
    picture = Image.new(mode, size, (40 + n * 37 % 200, 90 + n * 59 % 160, 200)[: len(mode)])
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 4, size[1] // 4), fill="black")
    ImageDraw.Draw(picture).line((0, size[1], n % size[0], 0), fill="white", width=5)
    return picture


def exif(orientation=1):
    """EXIF with a camera, a remark and a place."""
    told = Image.Exif()
    told[0x010F], told[0x0112] = "Zhang Camera", orientation
    told.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0taken at home"
    told.get_ifd(0x8825)[0x001D] = "N37 13.1"
    return told


def saved(picture, kind="JPEG", **options):
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def segment(marker, data):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg(n=1, size=(640, 480), orientation=1, **options):
    """As a phone writes it: EXIF, XMP, IPTC and a remark before it, a film after it."""
    plain = saved(drawn(n, size), exif=exif(orientation), comment=b"taken at home", **options)
    more = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>")
    more += segment(0xED, b"8BIM Zhang") + segment(0xE2, b"FPXR\0 8BIM Zhang")
    return plain[:2] + more + plain[2:] + b"ftyp moov Zhang"


def chunk(name, data):
    crc = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + crc


def png(n=1, size=(640, 480), mode="RGB"):
    plain = saved(drawn(n, size, mode), "PNG", exif=exif())
    more = chunk(b"tEXt", b"Author\0Zhang Camera") + chunk(b"caBX", b"taken at home")
    return plain[:33] + more + plain[33:] + b"moov Zhang"


def webp(n=1, size=(640, 480), **options):
    plain = saved(drawn(n, size), "WEBP", exif=exif().tobytes(), xmp=b"ns.adobe.com", **options)
    return plain + b"moov Zhang"


def huge_png(width, height):
    """A picture of one colour whose few bytes say that it is huge."""
    body = zlib.compress(bytes(1000))
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            chunk(b"IDAT", body),
            chunk(b"IEND", b""),
        ]
    )


def huge_jpeg(width, height):
    """A small JPEG whose header says that it is huge."""
    plain = bytearray(saved(drawn()))
    at = plain.index(b"\xff\xc0")
    plain[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(plain)
