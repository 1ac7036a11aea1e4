"""Charts as shapes, and the two files made of them."""

import struct
from xml.etree import ElementTree

import pytest

from reports.documents.drawing import HEIGHT, WIDTH, Box, Words, draw, svg, text_width
from reports.documents.emf import emf
from reports.documents.outline import Chart

CHART = Chart("图", "次", ["乡镇", "<群团>&"], [("应完成", [40, 8]), ("完成", [30, 0])])


def test_bars_are_as_long_as_their_numbers():
    boxes = [shape for shape in draw(CHART).shapes if isinstance(shape, Box)]
    forty, thirty, eight, none = boxes[2:6]  # after the two of the legend
    assert forty.width == pytest.approx(5 * eight.width, abs=3)
    assert thirty.width * 4 == pytest.approx(forty.width * 3, abs=4)
    assert none.width == 0
    assert forty.fill == eight.fill != thirty.fill == none.fill


@pytest.mark.parametrize("rows", [0, 1, 25, 120])
@pytest.mark.parametrize("value", [0, 9, 10**6])
def test_everything_stays_on_the_paper(rows, value):
    labels = [f"县农业农村和水利事业发展综合服务中心{n}" for n in range(rows)]
    drawing = draw(Chart("图", "人次", labels, [("应完成", [value] * rows), ("完成", [0] * rows)]))
    assert drawing.width == WIDTH
    assert drawing.height <= HEIGHT
    for shape in drawing.shapes:
        if isinstance(shape, Box):
            start, end = shape.x, shape.x + shape.width
        elif shape.anchor == "end":
            start, end = shape.x - text_width(shape.text, shape.size), shape.x
        else:
            start, end = shape.x, shape.x + text_width(shape.text, shape.size)
        assert 0 <= start <= end <= WIDTH, shape
        assert 0 <= shape.y <= drawing.height


def test_svg_holds_every_word_as_text():
    root = ElementTree.fromstring(svg(draw(CHART), "'Noto Serif CJK SC', \"x\""))
    said = [element.text for element in root if element.tag.endswith("text")]
    assert said == [shape.text for shape in draw(CHART).shapes if isinstance(shape, Words)]
    assert "<群团>&" in said


def records(content):
    at = 0
    while at < len(content):
        kind, size = struct.unpack_from("<II", content, at)
        assert size % 4 == 0
        yield kind, content[at : at + size]
        at += size


def test_metafile_is_whole_and_holds_every_word():
    drawing = draw(CHART)
    content = emf(drawing, "宋体")
    found = list(records(content))
    assert [found[0][0], found[-1][0]] == [1, 14]
    total, count = struct.unpack_from("<II", content, 48)
    assert (total, count) == (len(content), len(found))
    said = []
    for kind, record in found:
        if kind == 84:
            length, start = struct.unpack_from("<II", record, 44)
            (steps,) = struct.unpack_from("<I", record, 72)
            assert steps + 4 * length == len(record)
            said.append(record[start : start + 2 * length].decode("utf-16-le"))
    assert said == [shape.text for shape in drawing.shapes if isinstance(shape, Words)]


def test_a_rare_character_takes_two_units_of_the_metafile():
    content = emf(draw(Chart("图", "次", ["𬭚县"], [("完成", [1])])), "宋体")
    assert "𬭚县".encode("utf-16-le") in content
    assert sum(len(record) for _kind, record in records(content)) == len(content)
