"""Files that go with a topic: which kinds are taken, told by what is in them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from visits.pictures import kind_of, without_talk

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

# What of these is no picture.
DOCUMENTS = [name for name, (kind, _begins, _holds) in KINDS.items() if "image/" not in kind]


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
    return without_talk(content).content if kind_of(content[:16]) else content
