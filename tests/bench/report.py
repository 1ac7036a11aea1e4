"""What was measured, as one table with the targets."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

NOTES = """\
Medians; each run in its own process on its own copy of the database, the ways in turn. PostgreSQL
writes as in a deployment (fsync on). MB is the peak of the process. Ratios hold within one row
count: stock takes minutes, so it is run for fewer rows (--stock-rows) and ours for as many."""
# Rows of the ledgers whose memory is compared.
LEDGERS = (5_000, 50_000)
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


def lists_report(
    timed: dict[str, dict[str, float]], ledgers: dict[tuple[str, int], Any], *, as_json: bool
) -> str:
    """What was measured, with the targets."""
    if as_json:
        taken = {f"{kind} {rows}": found for (kind, rows), found in ledgers.items()}
        return json.dumps(timed | {"ledger": taken})
    search, page = timed["search"], timed["page"]
    slowest = max(took for name, took in search.items() if name.startswith("ours"))
    usual = max(took for name, took in search.items() if name.endswith("offset"))
    first, last = page["ours: first page"], page["ours: last but one"]
    lines = ["Lists of the country's villages, medians in milliseconds"]
    for what, ways in timed.items():
        lines += [f"  {what:8} {name:26} {took:9.1f}" for name, took in ways.items()]
    lines += [
        f"  two characters <= 20 ms: {slowest:.1f}, {_met(slowest <= 20)}; "
        f"{usual / slowest:.0f} x faster than icontains",
        f"  last page <= 2 x the first: {last / first:.2f}, {_met(last <= 2 * first)}; "
        f"{page['by offset, last but one'] / last:.0f} x faster than by offset",
    ]
    for kind in ("csv", "xlsx"):
        few, many = (ledgers[kind, rows] for rows in LEDGERS)
        grown = many["more"] - few["more"]
        lines.append(
            f"  {kind} of {LEDGERS[1]:,} rows {many['seconds']:.1f} s, {many['more']:.0f} MB more; "
            f"{grown:.0f} MB above {LEDGERS[0]:,} rows <= 8 MB: {_met(grown <= 8)}"
        )
    return "\n".join(lines)


def _met(met: bool) -> str:
    return "met" if met else "NOT MET"
