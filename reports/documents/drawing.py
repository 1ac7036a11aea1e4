"""Bars as lines, boxes and words on a plane in hundredths of a millimetre, and these as SVG.

The PDF and pages take the SVG; Word takes the same shapes as a metafile (`emf`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

from reports.documents.outline import Chart

WIDTH = 15600
HEIGHT = 16000  # what a page leaves below an annex's title of three lines
ROW, LEGEND = 1500, 1100
LETTER = 423  # 12 points
BLACK, SHADES = "#000000", ("#BFBFBF", "#595959", "#8C8C8C")


@dataclass(frozen=True)
class Box:
    x: int
    y: int
    width: int
    height: int
    fill: str


@dataclass(frozen=True)
class Words:
    """One line of text; `y` is its baseline."""

    x: int
    y: int
    text: str
    size: int
    anchor: Literal["start", "end"] = "start"


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    shapes: tuple[Box | Words, ...]


def draw(chart: Chart) -> Drawing:
    """The chart on the width of the text, as high as its rows want and a page has."""
    row = min(ROW, (HEIGHT - LEGEND) // max(len(chart.labels), 1))
    height = LEGEND + row * len(chart.labels)
    return Drawing(WIDTH, height, (*_legend(chart), *_rows(chart, row)))


def _legend(chart: Chart) -> Iterator[Box | Words]:
    x = 0
    for (name, _values), shade in zip(chart.series, SHADES, strict=False):
        yield Box(x, 200, LETTER, LETTER, shade)
        yield Words(x + LETTER + 150, 200 + LETTER * 9 // 10, name, LETTER)
        x += LETTER + 150 + text_width(name, LETTER) + 800
    unit = f"单位：{chart.unit}"
    yield Words(WIDTH, 200 + LETTER * 9 // 10, unit, LETTER, "end")


def _rows(chart: Chart, row: int) -> Iterator[Box | Words]:
    size = min(LETTER, row * 6 // 10)
    longest = max((text_width(label, size) for label in chart.labels), default=0)
    left = min(longest, WIDTH // 3) + 400
    most = max((value for _name, values in chart.series for value in values), default=0)
    # Room for the number behind the longest bar.
    scale = (WIDTH - left - text_width(str(most), size) - 400) / (most or 1)
    thick = row * 8 // 10 // len(chart.series)
    digits = min(size, thick)
    for n, label in enumerate(chart.labels):
        top = LEGEND + n * row + row // 10
        middle = LEGEND + n * row + row // 2
        yield Words(
            left - 250, middle + size * 35 // 100, fitting(label, left - 400, size), size, "end"
        )
        for k, ((_name, values), shade) in enumerate(zip(chart.series, SHADES, strict=False)):
            y, length = top + k * thick, round(values[n] * scale)
            yield Box(left, y, length, thick, shade)
            baseline = y + thick // 2 + digits * 35 // 100
            yield Words(left + length + 120, baseline, str(values[n]), digits)
    yield Box(left - 20, LEGEND, 20, row * len(chart.labels), BLACK)


def text_width(text: str, size: int) -> int:
    return sum(size * 55 // 100 if letter.isascii() else size for letter in text)


def fitting(text: str, width: int, size: int) -> str:
    """The text, or as much of it as the width holds."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text, size) > width - size:
        text = text[:-1]
    return f"{text}…"


def svg(drawing: Drawing, fonts: str) -> str:
    """The drawing in the first of the comma-separated `fonts` that is there."""
    parts = [_svg(shape, fonts) for shape in drawing.shapes]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width / 100}mm" '
        f'height="{drawing.height / 100}mm" viewBox="0 0 {drawing.width} {drawing.height}">'
        f"{''.join(parts)}</svg>"
    )


def _svg(shape: Box | Words, fonts: str) -> str:
    if isinstance(shape, Box):
        size = f'width="{shape.width}" height="{shape.height}"'
        return f'<rect x="{shape.x}" y="{shape.y}" {size} fill="{shape.fill}"/>'
    family = escape(fonts, {'"': "&quot;"})
    return (
        f'<text x="{shape.x}" y="{shape.y}" font-size="{shape.size}" font-family="{family}" '
        f'text-anchor="{shape.anchor}">{escape(shape.text)}</text>'
    )
