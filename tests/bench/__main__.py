"""Start engines, measure every way in turn, print one table: `python -m tests.bench --help`."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from outreach.engines import SUPERUSER, Engines, places
from tests.bench.report import LEDGERS, Measured, lists_report, report


class Bench:
    """A database server with durable settings and the files that are imported."""

    settings = "outreach.settings_test"

    def __init__(self, engines: Engines, folder: Path):
        self.engines, self.folder = engines, folder

    def sql(self, *statements: str) -> None:
        server = psycopg2.connect(
            host=str(self.engines.places.postgres_socket), user=SUPERUSER, dbname="postgres"
        )
        server.autocommit = True
        with closing(server), server.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def environment(self, database: str) -> dict[str, str]:
        """What a process of the program needs to work on this database."""
        url = self.engines.places.database_url.rpartition("/")[0]
        return os.environ | {
            "DATABASE_URL": f"{url}/{database}",
            "REDIS_URL": self.engines.places.redis_url,
            "OUTREACH_DATA_DIR": str(self.folder),
            "DJANGO_SETTINGS_MODULE": self.settings,
            "LOG_LEVEL": "ERROR",
            "SECRET_KEY": "only-for-measuring-" + "x" * 40,
            "ALLOWED_HOSTS": "localhost",
        }

    def step(self, database: str, *arguments: Any) -> str:
        """Run `tests.bench.process` against this database; what it printed."""
        command = [sys.executable, "-m", "tests.bench.process", *map(str, arguments)]
        done = subprocess.run(
            command, env=self.environment(database), stdout=subprocess.PIPE, text=True
        )
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed")
        return done.stdout

    def prepare(self) -> None:
        self.sql("CREATE DATABASE county")
        self.step("county", "prepare")

    def lists(self, villages: Path | None) -> tuple[dict[str, Any], dict[tuple[str, int], Any]]:
        """Times of the country's lists, and each ledger in a process of its own."""
        self.sql("CREATE DATABASE country")
        self.step("country", "country", villages or "")
        timed = json.loads(self.step("country", "timed").splitlines()[-1])
        ledgers = {
            (kind, rows): json.loads(self.step("country", "ledger", kind, rows).splitlines()[-1])
            for kind in ("csv", "xlsx")
            for rows in LEDGERS
        }
        self.sql("DROP DATABASE country")
        return timed, ledgers

    def file(self, rows: int, kind: str = "good") -> Path:
        path = self.folder / f"{kind}-{rows}.xlsx"
        if not path.exists():
            self.step("county", "write", path, rows, kind)
        return path

    def measure(self, way: str, rows: int, *, kind: str = "good", of: str = "county") -> Measured:
        """Measure a way on a copy of the database `of`."""
        path = self.file(rows, kind)
        self.sql(f"CREATE DATABASE measured TEMPLATE {of} STRATEGY file_copy", "CHECKPOINT")
        printed = self.step("measured", "measure", way, path, rows)
        found: dict[str, Any] = json.loads(printed.splitlines()[-1])
        if way == "ours" and kind == "good":
            self.sql(
                f"DROP DATABASE IF EXISTS {full(rows)}",
                f"ALTER DATABASE measured RENAME TO {full(rows)}",
            )
        else:
            self.sql("DROP DATABASE measured")
        return Measured(**found)


def full(rows: int) -> str:
    """The database in which our list of so many rows was applied."""
    return f"applied_{rows}"


def compare(bench: Bench, rows: int, rounds: int) -> dict[str, list[Measured]]:
    """The ways in turn, so that whatever else the machine does meets all of them."""
    found: dict[str, list[Measured]] = {name: [] for name in ("floor", "ours", "again", "bad")}
    for _round in range(rounds):
        found["floor"].append(bench.measure("floor", rows))
        found["ours"].append(bench.measure("ours", rows))
        found["again"].append(bench.measure("again", rows, of=full(rows)))
        found["bad"].append(bench.measure("ours", rows, kind="bad"))
    return found


@contextmanager
def engines() -> Iterator[Bench]:
    """A PostgreSQL that writes as a real one does (fsync on); nothing is left of it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="outreach-bench-"))
    folder.chmod(0o755)  # root's PostgreSQL runs as another user
    server = Engines(places(folder))
    try:
        server.postgres.start()
        yield Bench(server, folder)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", type=int, action="append", help="default: 10000 and 100000")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each way (default 3)")
    parser.add_argument("--stock", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument(
        "--stock-rows", type=int, default=2000, help="it takes 10 ms a row and more"
    )
    parser.add_argument("--part", choices=["import", "lists"], help="only this one")
    parser.add_argument("--villages", type=Path, help="a division list instead of invented ones")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with engines() as bench:
        if options.part != "lists":
            print(report(imports(bench, options), as_json=options.json))
        if options.part != "import":
            timed, ledgers = bench.lists(options.villages)
            print(lists_report(timed, ledgers, as_json=options.json))


def imports(bench: Bench, options: argparse.Namespace) -> dict[int, dict[str, list[Measured]]]:
    """The importer beside the other ways, for each number of rows."""
    measured: dict[int, dict[str, list[Measured]]] = {}
    bench.prepare()
    if options.stock:
        rows = options.stock_rows
        measured[rows] = compare(bench, rows, options.rounds)
        measured[rows]["stock"] = [bench.measure("stock", rows)]
    for rows in options.rows or [10_000, 100_000]:
        measured.setdefault(rows, {}).update(compare(bench, rows, options.rounds))
    return measured


if __name__ == "__main__":
    main()
