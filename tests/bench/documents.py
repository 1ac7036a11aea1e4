"""What a county month's documents cost beside empty ones: `python -m tests.bench.documents`."""

import argparse
import io
import json
import os
import resource
import time
from collections.abc import Callable
from statistics import median
from typing import Any

NOTES = """\
Medians of calls in turn in one process. The month: {units} units in 20 townships, 50 unmet
obligations, 16 texts. The floor is an empty document written by the same library, of a workbook
its bare cells; `first` is the first call of the process, which reads the machine's fonts."""
# Times the floor; an empty PDF is next to nothing.
TARGETS = {"docx": 4.0, "xlsx": 1.5}


def month(units: int) -> dict[str, Any]:
    from reports.documents.phrases import KINDS
    from tests.reports import frozen

    def named(n: int, name: str, due: int) -> dict[str, Any]:
        row = frozen.figures(due=due, done=due - 1, visits=due, feedback_on_time=due - 1, people=9)
        return {"key": n, "name": name, "kind": "other", "figures": row}

    text = {"township": "官亭镇", "month": "2026-10-01", "text": "群众反映灌溉机井出水不足。" * 8}
    texts = [text | {"village": f"第{n}村委会"} for n in range(8)]
    return frozen.snapshot(
        {
            "due": 2 * units,
            "done": units,
            "visits": units,
            "people": 900,
            "household_contacts": 400,
        },
        units=[named(n, f"县第{n}单位综合服务中心", 2) for n in range(units)],
        townships=[named(n, f"第{n}镇", 10) for n in range(20)],
        kinds=[named(0, "", 30) | {"key": kind} for kind in KINDS],
        unmet=[frozen.owed(n) for n in range(50)],
        findings=texts,
        suggestions=texts,
    )


def ways(units: int) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """(the month's document, its floor) by kind."""
    import typst
    import xlsxwriter
    from docx import Document

    from reports.documents import fonts, layout, pdf, workbook
    from reports.documents.wording import compose

    snapshot = month(units)
    outline = compose(snapshot)

    def empty_pdf() -> None:
        typst.Compiler("面".encode(), font_paths=fonts.installed()).compile(format="pdf")

    sheets = [(sheet.heads, *sheet.rows) for sheet in workbook.sheets(snapshot)]
    cells = [[[_bare(value) for value in row] for row in rows] for rows in sheets]

    def bare_workbook() -> None:
        book = xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True})
        for rows in cells:
            page = book.add_worksheet()
            for y, row in enumerate(rows):
                page.write_row(y, 0, row)
        book.close()

    return {
        "docx": (lambda: layout.render(compose(snapshot)), lambda: Document().save(io.BytesIO())),
        "pdf": (lambda: pdf.render(compose(snapshot)), empty_pdf),
        "xlsx": (lambda: workbook.render(snapshot, outline), bare_workbook),
    }


def _bare(value: Any) -> Any:
    from reports.figures import Rate

    return value.value if isinstance(value, Rate) else value


def measure(units: int, rounds: int) -> dict[str, dict[str, float]]:
    found = {}
    for kind, (ours, floor) in ways(units).items():
        first = _timed(ours)
        floor()
        pairs = [(_timed(ours), _timed(floor)) for _round in range(rounds)]
        found[kind] = {
            "first": first,
            "ours": median(pair[0] for pair in pairs),
            "floor": median(pair[1] for pair in pairs),
        }
    return found


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def report(found: dict[str, dict[str, float]], units: int) -> str:
    lines = [NOTES.format(units=units), ""]
    lines.append(f"{'kind':6}{'first ms':>10}{'ours ms':>10}{'floor ms':>10}{'x floor':>9}  target")
    for kind, row in found.items():
        ratio = row["ours"] / row["floor"]
        target = TARGETS.get(kind)
        met = f"<= {target:g} x {'met' if ratio <= target else 'NOT MET'}" if target else ""
        times = "".join(f"{1000 * row[name]:10.1f}" for name in ("first", "ours", "floor"))
        lines.append(f"{kind:6}{times}{ratio:9.2f}  {met}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return "\n".join([*lines, f"Peak of the process: {peak} MB."])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.documents", description=__doc__)
    parser.add_argument("--units", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "outreach.settings_test"
    import django

    django.setup()
    found = measure(options.units, options.rounds)
    print(json.dumps(found) if options.json else report(found, options.units))


if __name__ == "__main__":
    main()
