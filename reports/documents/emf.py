"""A drawing as a Windows metafile: a vector picture in every Word and WPS, old ones included.

One unit is a hundredth of a millimetre, so that no scale has to be set. (MS-EMF 2.3)
"""

import struct
from collections.abc import Iterator

from reports.documents.drawing import Box, Drawing, Words, text_width

HEADER, END = 1, 14
BACKGROUND_MODE, TEXT_ALIGN, SELECT, DELETE = 18, 22, 37, 40
BRUSH, BOX, FONT, TEXT = 39, 43, 82, 84
TRANSPARENT, NO_PEN = 1, 0x80000008
BASELINE = {"start": 24, "end": 24 | 2}
GB2312_CHARSET = 134
OBJECT = 1  # one brush or font at a time


def emf(drawing: Drawing, font: str) -> bytes:
    """The bytes of the picture; words are set in `font` by the program that shows it."""
    records = [_record(BACKGROUND_MODE, TRANSPARENT), _record(SELECT, NO_PEN)]
    for shape in drawing.shapes:
        records += _box(shape) if isinstance(shape, Box) else _words(shape, font)
    records.append(_record(END, 0, 16, 20))
    return b"".join([_header(drawing, records), *records])


def _record(kind: int, *fields: int, rest: bytes = b"") -> bytes:
    rest += b"\0" * (-len(rest) % 4)
    size = 8 + 4 * len(fields) + len(rest)
    body = b"".join((field & 0xFFFFFFFF).to_bytes(4, "little") for field in fields)
    return struct.pack("<II", kind, size) + body + rest


def _header(drawing: Drawing, records: list[bytes]) -> bytes:
    size = 108
    frame = (0, 0, drawing.width, drawing.height)
    total = size + sum(map(len, records))
    device = (drawing.width, drawing.height)
    millimetres = (drawing.width // 100, drawing.height // 100)
    micrometres = (drawing.width * 10, drawing.height * 10)
    return struct.pack(
        "<II4i4i4sIIIHHIIIiiiiIIIii",
        *(HEADER, size, *frame, *frame, b" EMF", 0x10000, total, len(records) + 1),
        *(OBJECT + 1, 0, 0, 0, 0, *device, *millimetres, 0, 0, 0, *micrometres),
    )


def _box(box: Box) -> Iterator[bytes]:
    red, green, blue = bytes.fromhex(box.fill[1:])
    yield _record(BRUSH, OBJECT, 0, red | green << 8 | blue << 16, 0)
    yield _record(SELECT, OBJECT)
    yield _record(BOX, box.x, box.y, box.x + box.width, box.y + box.height)
    yield _record(DELETE, OBJECT)


def _words(words: Words, font: str) -> Iterator[bytes]:
    face = font.encode("utf-16-le")[:62].ljust(64, b"\0")
    style = struct.pack("<5i8B", -words.size, 0, 0, 0, 400, 0, 0, 0, GB2312_CHARSET, 0, 0, 0, 0)
    yield _record(FONT, OBJECT, rest=(style + face).ljust(320, b"\0"))
    yield _record(SELECT, OBJECT)
    yield _record(TEXT_ALIGN, BASELINE[words.anchor])
    text = words.text.encode("utf-16-le")
    advances = [step for letter in words.text for step in _advances(letter, words.size)]
    start = 76
    after = start + len(text) + len(text) % 4
    one = struct.unpack("<I", struct.pack("<f", 1.0))[0]
    yield _record(
        *(TEXT, 0, 0, -1, -1, 1, one, one, words.x, words.y, len(text) // 2, start),
        *(0, 0, 0, -1, -1, after),
        rest=text.ljust(after - start, b"\0") + struct.pack(f"<{len(advances)}I", *advances),
    )
    yield _record(DELETE, OBJECT)


def _advances(letter: str, size: int) -> list[int]:
    """One number for each unit of UTF-16: a rare character has two."""
    return [text_width(letter, size), *[0] * (len(letter.encode("utf-16-le")) // 2 - 1)]
