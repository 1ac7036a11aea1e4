"""A village evening: many answer at once while somebody guesses: `python -m tests.bench.burst`.

Against gunicorn with the settings and the processes of an installation. Three ways of answering,
each with and without guesses of codes beside it:

thinking   every client opens the page, thinks for a third of the run to the whole of it, sends,
           reads the thanks and takes the next card
together   every client has the page open, and all send in the same moment
no pause   every client opens, sends and takes the next card at once: what the machine can do

In a county as it is (12 households a village, cards from everywhere), then in the harshest one
(100 households, and everybody answers in the same village). The clients run on the machine that
is measured, in one process: what they take is not there for the answers.
"""

import argparse
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from urllib.parse import urlencode

from tests.bench.__main__ import Bench, engines

# Villages and households a village; whether cards of one village are used one after the other.
COUNTIES = {"as it is": (300, 12, False), "harsh": (60, 100, True)}
WAYS = ("thinking", "together", "no pause")
LIMIT_MS = 800
HEADERS = {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded"}


# In a process with the program's settings -------------------------------------------------------


def prepare(villages: int, households: int) -> list[list[str]]:
    """An open round in this process's database; the codes of its cards, by village."""
    from django.core.management import call_command

    from feedback.services.cards import MOST_AT_ONCE, cards_needed, make_cards
    from tests import evaluation, factories

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    county = factories.county()
    townships = [factories.township(county) for _n in range(10)]
    officers = [factories.officer(factories.unit(county)) for _n in range(20)]
    year = factories.programme_year(county)
    round = evaluation.evaluation_round(county)
    for _n in range(2):
        evaluation.topic_question(round, factories.topic(year))
    rows = [factories.village(townships[n % 10]) for n in range(villages)]
    for n, village in enumerate(rows):
        factories.contact_point(officers[n % 20].unit, village, officers[n % 20])
        evaluation.sampled_village(round, village, households)
    codes: list[list[str]] = []
    step = MOST_AT_ONCE // cards_needed(households)
    for n in range(0, villages, step):
        made = make_cards(round=round, villages=rows[n : n + step], actor=round.created_by)
        codes += made.values()
    return codes


def outcome() -> dict[str, int]:
    """What the database holds afterwards, waiting and counted."""
    from django.db.models import Sum

    from feedback.models import EvaluationCard, EvaluationCount, EvaluationRound, WaitingAnswer
    from feedback.services.counting import count_waiting

    kept = WaitingAnswer.objects.count()
    count_waiting(round=EvaluationRound.objects.get())
    counted = EvaluationCount.objects.filter(question="").aggregate(n=Sum("count"))["n"] or 0
    spent = EvaluationCard.objects.filter(spent=True).count()
    return {"spent": spent, "kept": kept, "counted": counted + WaitingAnswer.objects.count()}


# The server -------------------------------------------------------------------------------------


@contextmanager
def server(bench: Bench, database: str, workers: int) -> Iterator[int]:
    """gunicorn on a free port; yields the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "outreach.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--preload", "--no-control-socket", "--worker-class", "gthread"]
    command += ["--workers", str(workers), "--threads", "4", "--log-level", "warning"]
    process = subprocess.Popen(command, env=bench.environment(database))
    try:
        _await(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _await(port: int) -> None:
    for _try in range(600):
        try:
            _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "GET", "/healthz")
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("no page")


def warm_up(port: int, code: str) -> None:
    """As a server is that runs since days: every thread has shown a page and its connection."""

    def look() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _n in range(5):
            _ask(line, "GET", f"/e/{code}/")

    _together([look] * 16)


def _ask(line: http.client.HTTPConnection, method: str, path: str, **data: str) -> int:
    line.request(method, path, urlencode(data), HEADERS)
    response = line.getresponse()
    response.read()
    return response.status


# The villagers ----------------------------------------------------------------------------------


@dataclass
class Run:
    """Some people at their telephones for a while, and what they met with."""

    port: int
    way: str
    clients: int
    seconds: float
    guesses: int
    guessers: int
    codes: list[str]
    times: dict[str, list[float]] = field(
        default_factory=lambda: {"look": [], "answer": [], "thanks": [], "guess": []}
    )
    accepted: int = 0
    faults: int = 0
    guessed_right: int = 0
    took: float = 0.0
    load: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._moment = threading.Barrier(self.clients)

    def go(self) -> "Run":
        """Until every villager has the answer to what they sent."""
        before, begun = os.getloadavg()[0], time.monotonic()
        self._until = begun + self.seconds
        guessers = [threading.Thread(target=self._guess) for _n in range(self.guessers)]
        for guesser in guessers:
            guesser.start()
        _together([self._villager] * self.clients)
        self.took, self.load = time.monotonic() - begun, (before, os.getloadavg()[0])
        self._over.set()
        for guesser in guessers:
            guesser.join()
        return self

    def _villager(self) -> None:
        line = self._line()
        while True:
            try:
                code = self.codes.pop()
            except IndexError:
                return
            looked = self._timed("look", line, "GET", f"/e/{code}/")
            self._pause()
            if self.way != "no pause":
                line.close()  # as the server did meanwhile; what was asked over it would be lost
            data = {"code": code, "send": "1", "visited": "1", "topic1": "2", "visits": "4"}
            sent = self._timed("answer", line, "POST", "/e/", **data)
            thanked = self._timed("thanks", line, "GET", "/e/done/")
            with self._lock:
                self.accepted += sent == 302
                self.faults += (looked, sent, thanked) != (200, 302, 200)
            if self.way == "together" or time.monotonic() >= self._until:
                return

    def _pause(self) -> None:
        if self.way == "thinking":
            time.sleep(random.uniform(self.seconds / 3, self.seconds))
        elif self.way == "together":
            self._moment.wait()

    def _guess(self) -> None:
        line = self._line()
        for _n in range(self.guesses // self.guessers):
            if self._over.is_set():
                return
            code = "".join(random.choices("2346789ACEFHJKPRTWXY", k=12))
            status = self._timed("guess", line, "POST", "/e/", code=code, send="1", visited="1")
            with self._lock:
                self.guessed_right += status != 404

    def _line(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def _timed(
        self, kind: str, line: http.client.HTTPConnection, method: str, path: str, **data: str
    ) -> int:
        """The status, 0 where nothing came."""
        begun = time.perf_counter()
        try:
            status = _ask(line, method, path, **data)
        except (OSError, http.client.HTTPException):
            line.close()
            status = 0
        with self._lock:
            self.times[kind].append((time.perf_counter() - begun) * 1000)
        return status


def _together(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# The report -------------------------------------------------------------------------------------


def told(run: Run) -> str:
    """One run on one line a kind of page, and how busy the machine was."""
    rate, right = run.accepted / run.took, f"{run.guessed_right} of them right"
    lines = [
        f"{run.way}, {run.clients} clients, {len(run.times['guess'])} guesses beside, {right}:",
        f"  answered {run.accepted} in {run.took:.0f} s, {rate:.1f} a second, faults {run.faults}; "
        f"load {run.load[0]:.1f} before, {run.load[1]:.1f} after, on {os.cpu_count()} cores",
    ]
    for kind, took in run.times.items():
        if took:
            p95 = _p95(took)
            met = f"  target < {LIMIT_MS}: {_met(p95 < LIMIT_MS)}" if kind == "answer" else ""
            lines.append(f"  {kind:8} {len(took):6} median {median(took):6.0f} p95 {p95:6.0f}{met}")
    return "\n".join(lines)


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def balance(runs: list[Run], held: dict[str, int]) -> str:
    """Whether everything that was accepted is there, once."""
    accepted = sum(run.accepted for run in runs)
    same = 0 < accepted == held["spent"] == held["kept"] == held["counted"]
    return (
        f"accepted {accepted}, cards spent {held['spent']}, answers kept {held['kept']}, "
        f"after counting {held['counted']}: {_met(same)}"
    )


def _met(is_met: bool) -> str:
    return "met" if is_met else "NOT MET"


def measure(bench: Bench, county: str, options: argparse.Namespace) -> None:
    """Every way in one county; printed as it comes."""
    villages, households, in_one_village = COUNTIES[county]
    database = county.replace(" ", "_")
    bench.sql(f"CREATE DATABASE {database}")
    printed = bench.step(database, "cards", villages, households).splitlines()[-1]
    by_village = json.loads(printed)
    codes = [code for own in by_village for code in own]
    if not in_one_village:
        random.shuffle(codes)
    print(f"\nCounty {county}: {villages} villages, {len(by_village[0])} cards each", flush=True)
    runs = []
    with server(bench, database, options.workers) as port:
        warm_up(port, codes[0])
        for way in options.way or WAYS:
            # Without a pause, a third of the time uses up as many cards as there are.
            seconds = options.seconds / 3 if way == "no pause" else options.seconds
            for guesses in (0, options.guesses):
                run = Run(port, way, options.clients, seconds, guesses, options.guessers, codes)
                runs.append(run.go())
                print(told(run), flush=True)
    print(balance(runs, json.loads(bench.step(database, "answers").splitlines()[-1])))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.burst",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--guesses", type=int, default=10_000, help="at most, while others answer")
    parser.add_argument("--guessers", type=int, default=4, help="who share them among themselves")
    parser.add_argument("--workers", type=int, default=max(2, os.cpu_count() or 2))
    parser.add_argument("--way", choices=WAYS, action="append", help="default: all")
    parser.add_argument("--county", choices=COUNTIES, action="append", help="default: both")
    options = parser.parse_args()
    os.environ["OUTREACH_HTTPS"] = "false"
    with engines() as bench:
        bench.settings = "outreach.settings"
        for county in options.county or COUNTIES:
            measure(bench, county, options)


if __name__ == "__main__":
    main()
