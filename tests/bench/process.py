"""One step of the comparison in a process of its own: `python -m tests.bench.process STEP ...`.

The database is the one of DATABASE_URL; the last line of the output is what was measured.
"""

import json
import resource
import sys
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from tests.bench import burst, county, fanout, lists, province, reading, ways  # noqa: E402


def prepare() -> None:
    call_command("migrate", verbosity=0)
    county.build()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def write(path: str, rows: str, kind: str) -> None:
    county.write_list(path, int(rows), bad=kind == "bad")


def measure(way: str, path: str, rows: str) -> None:
    ways.allow(int(rows))
    connection.ensure_connection()
    parts = ways.WAYS[way](Path(path))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report = {"seconds": sum(parts.values()), "parts": parts, "peak": peak, "rows": ways.written()}
    print(json.dumps(report))


def build_province(folder: str, counties: str, months: str, until: str) -> None:
    call_command("migrate", verbosity=0)
    province.build(Path(folder), int(counties), int(months), until)


def read(rounds: str) -> None:
    print(json.dumps(reading.measure(int(rounds))))


def country(path: str = "") -> None:
    call_command("migrate", verbosity=0)
    lists.build(path or None)


def timed() -> None:
    print(json.dumps(lists.measure()))


def ledger(kind: str, rows: str) -> None:
    print(json.dumps(lists.ledger(kind, int(rows))))


def cards(villages: str, households: str) -> None:
    print(json.dumps(burst.prepare(int(villages), int(households))))


def answers() -> None:
    print(json.dumps(burst.outcome()))


def reports_bare(workers: str) -> None:
    print(json.dumps(fanout.bare(int(workers))))


def reports_asked() -> None:
    print(json.dumps(fanout.asked()))


def county_month(rounds: str) -> None:
    print(json.dumps(fanout.county_month(int(rounds))))


STEPS = (
    *(prepare, write, measure, build_province, read, country, timed, ledger, cards, answers),
    *(reports_bare, reports_asked, county_month),
)

if __name__ == "__main__":
    {step.__name__: step for step in STEPS}[sys.argv[1]](*sys.argv[2:])
