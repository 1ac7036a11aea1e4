"""What can be said of an uploaded file before anything parses it."""

from typing import Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext_noop

KINDS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".txt")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MAGIC = {".xlsx": _ZIP, ".xlsm": _ZIP, ".ods": _ZIP, ".xls": _OLE}


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
    wanted = _MAGIC.get(kind)
    if wanted is None or head.startswith(wanted):
        return
    if wanted == _ZIP and head.startswith(_OLE):
        raise Unreadable(
            gettext_noop(
                "The file is protected by a password or of the old .xls kind. "
                "Save it as .xlsx without a password."
            )
        )
    raise Unreadable(
        gettext_noop("This is no Excel file, whatever its name says. Save it as .xlsx.")
    )


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
