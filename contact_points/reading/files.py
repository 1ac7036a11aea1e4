"""What can be said of an uploaded file before anything parses it."""

from typing import Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext_noop

# .et is what WPS calls its own .xls.
KINDS = (".xlsx", ".xlsm", ".xls", ".et", ".ods", ".csv", ".tsv", ".txt")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_TEXT = (".csv", ".tsv", ".txt")


class Unreadable(Exception):
    """A file that cannot be taken, with the sentence its owner will read."""

    def __init__(self, text: str, /, **params: Any):
        super().__init__(text % params if params else text)
        self.text, self.params = text, params


def kind_of(name: str) -> str:
    """The extension in small letters, with its dot."""
    return name[name.rfind(".") :].lower() if "." in name else ""


def check_upload(name: str, head: bytes, size: int) -> None:
    """What can be said without parsing: kind, size and first bytes. Raises Unreadable."""
    kind = kind_of(name)
    if kind not in KINDS:
        raise Unreadable(
            gettext_noop("Only .xlsx, .xls, .ods and .csv files can be read. Save it as one.")
        )
    if not size:
        raise Unreadable(gettext_noop("The file is empty."))
    if size > settings.UPLOAD_MAX_BYTES:
        raise Unreadable(
            gettext_noop("The file is larger than %(limit)s MB. Split the list."),
            limit=settings.UPLOAD_MAX_BYTES // 2**20,
        )
    if kind not in _TEXT and not head.startswith((_ZIP, _OLE)):
        raise Unreadable(
            gettext_noop("This is no Excel file, whatever its name says. Save it as .xlsx.")
        )


def true_kind(name: str, content: bytes) -> str:
    """The kind by the first bytes: people rename files without saving them anew."""
    kind = kind_of(name)
    if content.startswith(_OLE):
        return ".xls"
    if not content.startswith(_ZIP):
        return ".csv"
    if b"opendocument.spreadsheet" in content[:200]:
        return ".ods"
    return kind if kind in (".xlsm", ".ods") else ".xlsx"


def locked() -> NoReturn:
    raise Unreadable(
        gettext_noop("The file is protected by a password. Save it without one."),
    )


def broken() -> NoReturn:
    raise Unreadable(
        gettext_noop("The file is damaged. Open it in a spreadsheet and save it again.")
    )


def too_large() -> NoReturn:
    raise Unreadable(
        gettext_noop("The sheet is far larger than a list. Copy only the list into a new workbook.")
    )
