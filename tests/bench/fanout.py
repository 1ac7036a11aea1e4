"""Reports of many counties by Celery's workers beside the same work bare, and one county's month
beside its floor: `python -m tests.bench.fanout`.

Bare is a pool of as many processes that calls the service for one report row after another: no
job, no broker, no lease. PostgreSQL (fsync on), Valkey, relay and workers are those of `make run`.
"""

import argparse
import io
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.__main__ import Bench, engines

UNTIL = "2026-10-28"
MONTH = date(2026, 10, 1)
WORKERS = 2
# How much of the bare throughput is left, and how much a process may grow after its first report.
RATIO, GROWTH_MB = 0.85, 50
WITNESS = "BENCH_WITNESS"

# In a process with the program's settings -------------------------------------------------------


def bare(workers: int) -> dict[str, Any]:
    """The next revision of every county's report by a pool of processes."""
    from django.db import connections

    from contact_points.models import County

    rows = [_next_revision(county).pk for county in County.objects.order_by("code")]
    connections.close_all()
    begun = time.perf_counter()
    with multiprocessing.Pool(workers) as pool:
        peaks = pool.map(_make, rows, chunksize=1)
    return _outcome(time.perf_counter() - begun, rows) | {"peaks": peaks}


def _next_revision(county: Any) -> Any:
    from reports.models import Report

    made = Report.objects.filter(county=county, month=MONTH).count()
    return Report.objects.create(county=county, month=MONTH, revision=made + 1)


def _make(pk: int) -> float:
    from reports.models import Report
    from reports.services import make_report

    report = Report.objects.select_related("county", "requested_by").get(pk=pk)
    make_report(report=report, progress=lambda *args: None)
    return peak()


def asked() -> dict[str, Any]:
    """The same through the outbox, asked for as at night; until the last one is made."""
    from django.core.management import call_command
    from django.db.models import Max

    from reports.models import Report

    last = Report.objects.aggregate(last=Max("pk"))["last"] or 0
    rows = Report.objects.filter(pk__gt=last)
    begun = time.perf_counter()
    arguments = ["--all-counties", "--month", f"{MONTH:%Y-%m}"]
    call_command("monthly_report", *arguments, stdout=io.StringIO())
    while rows.filter(state=Report.State.WAITING).exists():
        time.sleep(0.05)
    took = time.perf_counter() - begun
    return _outcome(took, list(rows.values_list("pk", flat=True)))


def _outcome(seconds: float, rows: list[int]) -> dict[str, Any]:
    from reports.models import Report

    made = Report.objects.filter(pk__in=rows, state=Report.State.MADE).exclude(pdf="").count()
    return {"seconds": seconds, "reports": len(rows), "made": made}


def peak() -> float:
    """The most memory this process ever had, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def county_month(rounds: int) -> dict[str, Any]:
    """One county's report from the request to its files, and the floor, in turn."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from contact_points.models import County
    from visits.models import Visit

    county = list(County.objects.order_by("code"))[County.objects.count() // 2]
    with CaptureQueriesContext(connection) as captured:
        _make(_next_revision(county).pk)
    statements = [query["sql"] for query in captured.captured_queries]
    reads = [sql for sql in statements if sql.startswith(("SELECT", "WITH", "\nWITH", "\nSELECT"))]
    took: dict[str, list[float]] = {"ours": [], "sql": [], "empty": []}
    for _round in range(rounds):
        row = _next_revision(county).pk
        for name, call in (
            ("ours", lambda pk=row: _make(pk)),
            ("sql", lambda: _run(reads)),
            ("empty", _store_empty),
        ):
            begun = time.perf_counter()
            call()
            took[name].append(time.perf_counter() - begun)
    return {name: median(times) for name, times in took.items()} | {
        "visits": Visit.objects.filter(county=county, month=MONTH).count(),
        "statements": len(reads),
    }


def _run(statements: list[str]) -> None:
    from django.db import connection

    with connection.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()


def _store_empty() -> None:
    """A document of each kind by the same library, stored as a report's are."""
    import typst
    import xlsxwriter
    from docx import Document

    from reports import storing
    from reports.documents import fonts

    word, book = io.BytesIO(), io.BytesIO()
    Document().save(word)
    xlsxwriter.Workbook(book, {"in_memory": True}).close()
    page = typst.Compiler("面".encode(), font_paths=fonts.installed()).compile(format="pdf")
    for kind, content in (("docx", word.getvalue()), ("pdf", page), ("xlsx", book.getvalue())):
        storing.store("empty", f"{time.perf_counter_ns()}", kind, content)


# The workers ------------------------------------------------------------------------------------


@contextmanager
def machinery(bench: Bench, database: str, workers: int) -> Iterator[Path]:
    """Relay and workers, ready; yields the file into which `tests.bench.witness` writes."""
    seen = bench.folder / "witness.jsonl"
    seen.unlink(missing_ok=True)
    environment = bench.environment(database) | {WITNESS: str(seen), "PYTHONWARNINGS": "ignore"}
    worker = [sys.executable, "-m", "celery", "--quiet", "-A", "outreach", "worker"]
    worker += ["--include", "tests.bench.witness", "--queues", "interactive,bulk"]
    worker += ["--concurrency", "1", "--loglevel", "ERROR", "--without-mingle"]
    worker += ["--without-gossip", "--hostname"]
    commands = [[sys.executable, "-m", "django", "relay"]]
    commands += [[*worker, f"bench{n}@%h"] for n in range(workers)]
    silent = subprocess.DEVNULL  # that they stop; what goes wrong they say on the other one
    processes = [subprocess.Popen(each, env=environment, stdout=silent) for each in commands]
    try:
        _await(seen, workers)
        yield seen
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(60)


def _await(seen: Path, workers: int) -> None:
    for _try in range(1200):
        if sum("ready" in row for row in witnessed(seen)) == workers:
            return
        time.sleep(0.1)
    sys.exit("the workers do not start")


def witnessed(seen: Path) -> list[dict[str, Any]]:
    """What the workers wrote."""
    return [json.loads(line) for line in seen.read_text().splitlines()] if seen.exists() else []


# The comparison ---------------------------------------------------------------------------------


def measure(bench: Bench, counties: int, rounds: int) -> None:
    """Both ways in turn on the same counties; printed as it comes."""
    bench.engines.valkey.start()
    bench.sql("CREATE DATABASE province")
    bench.step("province", "build_province", bench.folder, counties, 2, UNTIL)
    month = json.loads(bench.step("province", "county_month", 7).splitlines()[-1])
    print(month_told(month), flush=True)
    ways: dict[str, list[dict[str, Any]]] = {"bare": [], "Celery": []}
    for _round in range(rounds):
        for way, found in ways.items():
            found.append(_once(bench, way))
            print(told(way, found[-1]), flush=True)
    print(balance(ways), flush=True)


def _once(bench: Bench, way: str) -> dict[str, Any]:
    load = os.getloadavg()[0]
    found: dict[str, Any]
    if way == "bare":
        found = json.loads(bench.step("province", "reports_bare", WORKERS).splitlines()[-1])
    else:
        with machinery(bench, "province", WORKERS) as seen:
            found = json.loads(bench.step("province", "reports_asked").splitlines()[-1])
        found["peaks"] = [row["peak"] for row in witnessed(seen) if "peak" in row]
    return found | {"load": [load, os.getloadavg()[0]]}


def month_told(found: dict[str, Any]) -> str:
    floor = found["sql"] + found["empty"]
    return (
        f"One county's month of {found['visits']} visits, medians: {found['ours']:.2f} s from the "
        f"row to three stored files; floor {floor:.2f} s ({found['statements']} statements bare "
        f"{found['sql']:.2f} s, empty documents {found['empty']:.2f} s); "
        f"{found['ours'] / floor:.1f} x floor"
    )


def told(way: str, run: dict[str, Any]) -> str:
    """One run on one line, and how busy the machine was."""
    each = 60 * run["reports"] / run["seconds"]
    peaks = run["peaks"]
    before, after = run["load"]
    return (
        f"{way:7} {run['made']} of {run['reports']} reports whole in {run['seconds']:.1f} s, "
        f"{each:.0f} a minute by {WORKERS} processes; a process had at most "
        f"{max(peaks[:WORKERS]):.0f} MB after its first report, {max(peaks):.0f} MB in the end; "
        f"load {before:.1f} before, {after:.1f} after, on {os.cpu_count()} cores"
    )


def balance(ways: dict[str, list[dict[str, Any]]]) -> str:
    """The targets."""
    took = {way: median(run["seconds"] for run in runs) for way, runs in ways.items()}
    ratio = took["bare"] / took["Celery"]
    grown = max(max(run["peaks"]) - max(run["peaks"][:WORKERS]) for run in ways["Celery"])
    whole = all(run["made"] == run["reports"] > 0 for runs in ways.values() for run in runs)
    return (
        f"throughput >= {RATIO} of bare: {ratio:.2f}, {_met(ratio >= RATIO)}; a process grows by "
        f"<= {GROWTH_MB} MB: {grown:.0f}, {_met(grown <= GROWTH_MB)}; all whole: {_met(whole)}"
    )


def _met(met: bool) -> str:
    return "met" if met else "NOT MET"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.fanout",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--counties", type=int, default=100, help="10: a quick run")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each way in turn")
    options = parser.parse_args()
    os.environ["OUTREACH_HTTPS"] = "false"
    with engines() as bench:
        bench.settings = "outreach.settings"
        measure(bench, options.counties, options.rounds)


if __name__ == "__main__":
    main()
