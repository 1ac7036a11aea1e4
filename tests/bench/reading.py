"""What reading figures costs beside its own SQL run bare: `python -m tests.bench.reading`."""

import argparse
import json
import time
from collections.abc import Callable
from datetime import date
from statistics import median
from typing import Any

from tests.bench.__main__ import Bench, engines

UNTIL = "2026-10-28"
MONTH = date(2026, 10, 1)
# Pages of many cells and few figures: most of their time goes into drawing them.
DRAWN = ("list of visits", "page of a visit")
NOTES = """\
Medians of calls in turn with their own statements run bare on the same connection, one county of
the province. Of two lengths of history: the same call on a database with 3 months of it. Figures of
a month count households since January: they read up to 12 months, of the short history three."""


def measure(rounds: int) -> dict[str, Any]:
    """Measure in this process, against the database of DATABASE_URL."""
    from django.db import connection
    from django.db.models import Q
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from contact_points.models import County
    from outreach import clock
    from outreach.models import User
    from reports import indicators, rollups
    from tests import factories
    from visits.models import Visit

    county = list(County.objects.order_by("code"))[County.objects.count() // 2]
    office = User.objects.get(county=county, role="county", username__endswith="xianban")
    client, page = Client(SERVER_NAME="localhost"), reverse("county_month")
    client.force_login(office, backend="django.contrib.auth.backends.ModelBackend")
    User.objects.filter(pk=office.pk).update(must_change_password=False)
    year_ago = clock.add_months(MONTH, -11)

    def overdue() -> None:
        not_sent = Q(feedback=None) | Q(feedback__state="draft")
        rows = Visit.objects.visible_to(office).counted().filter(not_sent).for_list()
        list(rows.filter(feedback_due_on__lt=clock.today()).order_by("feedback_due_on", "id")[:50])

    def asked(address: str, **query: str) -> None:
        shown = client.get(address, query, secure=True)
        assert shown.status_code == 200, shown.status_code

    def dashboard() -> None:
        asked(page, month=f"{MONTH:%Y-%m}")

    newest = Visit.objects.visible_to(office).filter(month=MONTH).order_by("-started_at").first()

    ways: dict[str, Callable[[], object]] = {
        "month, definitions": lambda: indicators.figures(county.pk, MONTH),
        "month": lambda: rollups.figures(county.pk, MONTH),
        "month by unit, definitions": lambda: indicators.figures(county.pk, MONTH, by="unit"),
        "month by unit": lambda: rollups.figures(county.pk, MONTH, by="unit"),
        "year to date": lambda: rollups.figures(county.pk, MONTH.replace(month=1), MONTH),
        "12 months": lambda: rollups.by_month(county.pk, year_ago, MONTH),
        "12 months by township": lambda: rollups.trends(county.pk, year_ago, MONTH, "township"),
        "12 months by unit": lambda: rollups.trends(county.pk, year_ago, MONTH, "unit"),
        "matters of 12 months": lambda: rollups.matters_by_month(county.pk, year_ago, MONTH),
        "overdue feedback, first 50": overdue,
        "dashboard": dashboard,
        "list of visits": lambda: asked(reverse("visit_list")),
        "page of a visit": lambda: asked(newest.get_absolute_url()),
    }
    found: dict[str, Any] = {}
    with clock.at(factories.moment(date.fromisoformat(UNTIL), 12)):
        for name, call in ways.items():
            call()
            with CaptureQueriesContext(connection) as captured:
                call()
            statements = [query["sql"] for query in captured.captured_queries]
            # That somebody opened a record is written after the page was sent.
            statements = [sql for sql in statements if sql.lstrip().startswith(("SELECT", "WITH"))]
            took, bare = [], []
            for _round in range(rounds):
                took.append(_timed(call))
                bare.append(_timed(lambda sql=statements: _run(sql)))
            found[name] = [median(took), median(bare), len(statements)]
        found["constant page"] = [
            median(_timed(lambda: client.get("/healthz", secure=True)) for _ in range(rounds)),
            0.0,
            0,
        ]
    found["visits"] = Visit.objects.count()
    return found


def _run(statements: list[str]) -> None:
    from django.db import connection

    with connection.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            if cursor.description:
                cursor.fetchall()


def _timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def compare(bench: Bench, counties: int, months: int, rounds: int) -> dict[str, list[list[Any]]]:
    """Name -> for each length of history [ms, ms of the bare SQL, statements], medians of runs."""
    names = {"short": 3, "long": months}
    for name, length in names.items():
        bench.sql(f"CREATE DATABASE {name}")
        bench.step(name, "build_province", bench.folder, counties, length, UNTIL)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _turn in range(3):
        for name in names:
            runs[name].append(json.loads(bench.step(name, "read", rounds).splitlines()[-1]))
    print(f"{runs['long'][0]['visits']:,} visits in {months} months of {counties} counties")
    return {
        what: [
            [median(run[what][n] for run in runs[name]) for n in range(3)]
            for name in ("short", "long")
        ]
        for what in runs["long"][0]
        if what != "visits"
    }


def report(found: dict[str, list[list[Any]]]) -> str:
    head = f"{'what':28} {'ms':>7} {'SQL ms':>7} {'x SQL':>6} {'queries':>7} {'x 3 months':>10}"
    lines = [NOTES, "", f"{head}  targets"]
    for what, (short, (took, bare, queries)) in found.items():
        times = took / bare if bare else 0.0
        longer = took / short[0]
        wanted = []
        if bare and what not in DRAWN:
            wanted.append(("<= 3 x SQL", times <= 3))
        if what == "dashboard":
            wanted.append(("<= 1.2 x 3 months", longer <= 1.2))
            wanted.append(("<= 12 queries", queries <= 12))
        told = "; ".join(f"{text} {'met' if met else 'NOT MET'}" for text, met in wanted)
        lines.append(
            f"{what:28} {took * 1000:7.1f} {bare * 1000:7.1f} {times:6.2f} {queries:7.0f} "
            f"{longer:10.2f}  {told}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reading", description=__doc__)
    parser.add_argument("--counties", type=int, default=20, help="of 301 villages; 180: a province")
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=15, help="calls of each way in a run")
    options = parser.parse_args()
    with engines() as bench:
        print(report(compare(bench, options.counties, options.months, options.rounds)))


if __name__ == "__main__":
    main()
