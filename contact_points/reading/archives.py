"""Zip files from strangers: what they would unfold to is measured before anything parses them."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_noop

from contact_points.reading.files import Unreadable, broken, too_large

UNFOLDED = 100 * 2**20
# Sheets are streamed and cut to what is written in them, so they may be longer.
SHEETS_UNFOLDED = 400 * 2**20
RATIO = 100
PARTS = 200
_BLOCK = 2**20
# A cell or row that does not say where it stands, so that the parser puts it next to the last one:
# it gets as far as it likes. Excel, WPS, LibreOffice and every common library say it.
_UNPLACED = re.compile(
    # What nearly all tags begin with goes first: it is four times as fast.
    rb"""<(?!/|v>|c r="|row r=")(?:[^\s<>/:]+:)?(?:c|row)(?=[\s/>])"""
    rb"""(?!(?:\s+[^\s<>/=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*?\s+r\s*=)"""
)
UNPLACED = 100
_DAMAGE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


@contextmanager
def opened(content: bytes) -> Iterator[zipfile.ZipFile]:
    """The archive, sizes and names checked; zlib's and zipfile's own errors are Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check(archive)
            for part in archive.infolist():
                _check_places(archive, part.filename)
            yield archive
    except (*_DAMAGE, zipfile.zlib.error):  # type: ignore[attr-defined]
        broken()


def is_sheet(name: str) -> bool:
    return "worksheets/" in name and name.endswith(".xml")


def _check(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    size = sum(part.file_size for part in parts)
    rest = sum(part.file_size for part in parts if not is_sheet(part.filename))
    packed = sum(part.compress_size for part in parts)
    if len(parts) > PARTS or len(set(names)) < len(names):
        too_large()
    if rest > UNFOLDED or size > SHEETS_UNFOLDED or size > RATIO * max(packed, 1):
        too_large()
    if any(part.flag_bits & 1 for part in parts):
        broken()


def _check_places(archive: zipfile.ZipFile, name: str) -> None:
    """Sheets stand where sheets stand, and their cells say where they are. Raises Unreadable."""
    unplaced = judged = 0
    tail = b""
    with archive.open(name) as stream:
        while chunk := stream.read(_BLOCK):
            text = tail + chunk
            if not is_sheet(name):
                if b"sheetData" in text:
                    broken()  # nobody would measure it
                tail = text[-64:]
                continue
            # A tag that goes on in the next chunk is judged there.
            begun = text.rfind(b"<")
            whole = len(text) if begun < 0 or b">" in text[begun:] else begun
            if len(text) - whole > 2**16:
                broken()
            unplaced += sum(1 for _ in _UNPLACED.finditer(text, judged, whole))
            if unplaced > UNPLACED:
                raise Unreadable(
                    gettext_noop(
                        "The sheet does not say where its cells stand. Open it in a spreadsheet "
                        "and save it again."
                    )
                )
            kept = min(whole, max(len(text) - 64, 0))
            tail, judged = text[kept:], whole - kept


def check_links(names: set[str], *, macros: bool) -> None:
    """Links to other files are refused; a macro part only outside of .xlsm, where it is not read.

    Raises Unreadable.
    """
    links = any("externalLinks" in name for name in names)
    if links or (not macros and any("vbaProject" in name for name in names)):
        raise Unreadable(
            gettext_noop(
                "The file carries macros or links to other files. "
                "Copy the list into a new workbook."
            )
        )


def proved(archive: zipfile.ZipFile, name: str) -> bytes:
    """A part in memory, read to its end, without a document type. Raises Unreadable."""
    with archive.open(name) as stream:
        data = stream.read()
    check_xml(data)
    return data


def check_xml(data: bytes) -> None:
    """No part of a workbook declares entities, nor is it UTF-16. Raises Unreadable."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        broken()


def skim(archive: zipfile.ZipFile, name: str) -> None:
    """Read a part to its end and keep nothing: proves that the directory tells its true size."""
    tail = b""
    with archive.open(name) as stream:
        while chunk := stream.read(_BLOCK):
            if name.endswith((".xml", ".rels")):
                check_xml(tail + chunk)
            tail = chunk[-16:]


def blocks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A sheet's XML in pieces that begin with a row, the first excepted."""
    left = b""
    with archive.open(name) as stream:
        while chunk := stream.read(_BLOCK):
            chunk = left + chunk
            cut = chunk.rfind(b"<row ")
            if cut <= 0:
                cut = chunk.rfind(b"<")
            if cut <= 0:
                left = chunk
                if len(left) > 32 * _BLOCK:
                    too_large()
                continue
            yield chunk[:cut]
            left = chunk[cut:]
    if left:
        yield left
