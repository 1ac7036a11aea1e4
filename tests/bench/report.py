"""What was measured, as one table with the targets."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from statistics import median

NOTES = """\
Medians; each run in its own process on its own copy of the database, the ways in turn. PostgreSQL
writes as in a deployment (fsync on). MB is the peak of the process. Ratios hold within one row
count: stock takes minutes, so it is run for fewer rows (--stock-rows) and ours for as many."""
WORDS = {
    "floor": "floor: read, COPY, INSERT",
    "ours": "ours: read, preview, apply",
    "again": "ours: the same file again",
    "bad": "ours: 1 % bad rows",
    "stock": "stock: dry run, import",
}


@dataclass(frozen=True)
class Measured:
    """One run; peak in MB, `rows` are the contact points there are afterwards."""

    seconds: float
    peak: float
    rows: int
    parts: dict[str, float]


def seconds(runs: list[Measured]) -> float:
    return median(run.seconds for run in runs)


def report(measured: dict[int, dict[str, list[Measured]]], *, as_json: bool) -> str:
    if as_json:
        return json.dumps(
            {
                rows: {way: [asdict(run) for run in runs] for way, runs in ways.items()}
                for rows, ways in measured.items()
            }
        )
    head = f"{'rows':>7}  {'what':28} {'s':>7} {'MB':>5} {'x floor':>8} {'x stock':>8}  target"
    lines = [NOTES, "", head]
    for rows, ways in measured.items():
        for way, runs in ways.items():
            lines.append(_line(rows, way, runs, ways))
    return "\n".join(lines)


def _line(rows: int, way: str, runs: list[Measured], ways: dict[str, list[Measured]]) -> str:
    took, peak = seconds(runs), max(run.peak for run in runs)
    floor = took / seconds(ways["floor"])
    stock = f"{seconds(ways['stock']) / took:.0f}" if "stock" in ways else ""
    wanted = [
        f"{text} {'met' if met else 'NOT MET'}" for text, met in _targets(rows, way, runs, ways)
    ]
    parts = ", ".join(
        f"{name} {median(run.parts[name] for run in runs):.2f}" for name in runs[0].parts
    )
    return (
        f"{rows:>7}  {WORDS[way]:28} {took:7.2f} {peak:5.0f} {floor:8.2f} {stock:>8}  "
        f"{'; '.join(wanted)}  ({parts})"
    )


def _targets(
    rows: int, way: str, runs: list[Measured], ways: dict[str, list[Measured]]
) -> Iterator[tuple[str, bool]]:
    """(target, whether it was met), as the project set them."""
    took = seconds(runs)
    if way in ("ours", "bad"):
        yield "<= 2 x floor", took <= 2 * seconds(ways["floor"])
    if way == "ours" and "stock" in ways:
        yield ">= 60 x faster than stock", 60 * took <= seconds(ways["stock"])
    if way == "ours" and rows >= 100_000:
        yield "<= 350 MB", max(run.peak for run in runs) <= 350
    if way == "again":
        yield "cheaper than the first time", took < seconds(ways["ours"])
