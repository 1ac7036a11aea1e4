"""Files that go with a topic: which kinds are taken, told by what is in them."""

from typing import Literal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_OFFICE = "application/vnd.openxmlformats-officedocument."
# Extension -> content type, how the file begins, and what else a file of this kind holds.
KINDS: dict[str, tuple[str, bytes, bytes]] = {
    "pdf": ("application/pdf", b"%PDF-", b""),
    "docx": (f"{_OFFICE}wordprocessingml.document", b"PK\x03\x04", b"word/"),
    "xlsx": (f"{_OFFICE}spreadsheetml.sheet", b"PK\x03\x04", b"xl/"),
    "pptx": (f"{_OFFICE}presentationml.presentation", b"PK\x03\x04", b"ppt/"),
    "jpg": ("image/jpeg", b"\xff\xd8\xff", b""),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff", b""),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n", b""),
}
# Parts of a picture that tell of its maker: EXIF and XMP, IPTC, remarks.
_EXIF = 0xE1
_JPEG_TALK = {_EXIF, 0xED, 0xFE}
_PNG_TALK = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}


def extension_of(name: str) -> str:
    """The lower-case extension of a file name."""
    return name.rpartition(".")[2].lower()


def content_type_of(name: str) -> str:
    """What a file that was taken is served as."""
    return KINDS[extension_of(name)][0]


def checked(name: str, content: bytes) -> bytes:
    """The content as it is kept: pictures without EXIF (domain: what is never collected).

    Raises ValidationError with what to do.
    """
    if len(content) > settings.ATTACHMENT_MAX_BYTES:
        raise ValidationError(
            _("The file is larger than %(size)s MB.")
            % {"size": settings.ATTACHMENT_MAX_BYTES // 2**20}
        )
    kind = KINDS.get(extension_of(name))
    if kind is None:
        raise ValidationError(_("Only PDF, Word, Excel, PowerPoint and pictures are taken."))
    _type, begins, holds = kind
    if not content.startswith(begins) or holds not in content:
        raise ValidationError(_("The content of the file is not what its name says."))
    if b"vbaProject.bin" in content:
        raise ValidationError(_("The file holds macros. Save it without them."))
    try:
        if begins.startswith(b"\xff\xd8"):
            return _jpeg_without_talk(content)
        return _png_without_talk(content) if begins.startswith(b"\x89PNG") else content
    except IndexError as error:
        raise ValidationError(_("The picture is damaged.")) from error


def _jpeg_without_talk(content: bytes) -> bytes:
    kept, at = [content[:2]], 2
    while content[at + 1] != 0xDA:  # from there on the picture itself
        marker = content[at + 1]
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if content[at] != 0xFF or end < at + 4:
            raise IndexError(at)
        if marker == _EXIF:
            kept.append(_only_orientation(content[at + 4 : end]))
        elif marker not in _JPEG_TALK:
            kept.append(content[at:end])
        at = end
    return b"".join([*kept, content[at:]])


def _only_orientation(exif: bytes) -> bytes:
    """An EXIF part that says how the picture was held and nothing else; nothing if it was upright.

    Without it a leaflet photographed with a phone would lie on its side.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    if tiff == exif:
        return b""  # XMP
    order: Literal["little", "big"] = "little" if tiff.startswith(b"II") else "big"
    at = int.from_bytes(tiff[4:8], order)
    for n in range(int.from_bytes(tiff[at : at + 2], order)):
        entry = tiff[at + 2 + 12 * n :][:12]
        value = int.from_bytes(entry[8:10], order)
        if int.from_bytes(entry[:2], order) == 0x0112 and 2 <= value <= 8:
            head = b"\xff\xe1\x00\x22Exif\0\0MM\x00\x2a\x00\x00\x00\x08\x00\x01"
            one = b"\x01\x12\x00\x03\x00\x00\x00\x01" + value.to_bytes(2, "big") + b"\0\0"
            return head + one + bytes(4)
    return b""


def _png_without_talk(content: bytes) -> bytes:
    kept, at, name = [content[:8]], 8, b""
    while name != b"IEND":
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        name = content[at + 4 : at + 8]
        content[end - 1]  # raises where the picture was cut off
        if name not in _PNG_TALK:
            kept.append(content[at:end])
        at = end
    return b"".join(kept)
