"""A village evening: many answer at once while somebody guesses: `python -m tests.bench.burst`.

Against gunicorn as the embedded installation runs it. Every client uses prepared cards one after
the other, looking at the page first, as a telephone does; beside them 10,000 codes are guessed.
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
from collections.abc import Callable
from contextlib import contextmanager
from statistics import median
from typing import Any
from urllib.parse import urlencode

from tests.bench.__main__ import Bench, engines

VILLAGES, CARDS = 100, 110  # the cards of 100 households
LIMIT_MS = 800
HEADERS = {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded"}


def prepare() -> list[str]:
    """An open round in this process's database; the codes of all its cards."""
    from django.core.management import call_command

    from contact_points.models import Village
    from feedback.models import RoundVillage
    from feedback.services.cards import make_cards
    from tests import evaluation, factories

    call_command("migrate", verbosity=0)
    county = factories.county()
    townships = [factories.township(county) for _n in range(10)]
    round = evaluation.evaluation_round(county)
    villages = [factories.village(townships[n % 10]) for n in range(VILLAGES)]
    for village in villages:
        evaluation.sampled_village(round, village, 100)
    assert RoundVillage.objects.count() == Village.objects.count() == VILLAGES
    codes = []
    for village in villages:
        codes += make_cards(round=round, villages=[village], actor=round.created_by)[village]
    random.shuffle(codes)
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


@contextmanager
def server(bench: Bench, workers: int):
    """gunicorn on a free port; yields the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "outreach.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--preload", "--no-control-socket", "--worker-class", "gthread"]
    command += ["--workers", str(workers), "--threads", "4", "--log-level", "warning"]
    environment = bench.environment("burst") | {"OUTREACH_HTTPS": "false"}
    process = subprocess.Popen(command, env=environment)
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


def _ask(line: http.client.HTTPConnection, method: str, path: str, **data: str) -> int:
    line.request(method, path, urlencode(data), HEADERS)
    response = line.getresponse()
    response.read()
    return response.status


def burst(port: int, codes: list[str], clients: int, seconds: int, guesses: int) -> dict[str, Any]:
    """Times in ms by kind, how many answers were accepted, and faults."""
    until = time.monotonic() + seconds
    times: dict[str, list[float]] = {"look": [], "answer": [], "guess": []}
    found: dict[str, int] = {"accepted": 0, "faults": 0, "guessed right": 0}
    lock = threading.Lock()

    def timed(kind: str, line: http.client.HTTPConnection, *request: str, **data: str) -> int:
        begun = time.perf_counter()
        status = _ask(line, *request, **data)
        with lock:
            times[kind].append((time.perf_counter() - begun) * 1000)
        return status

    def villager() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < until and codes:
            code = codes.pop()
            looked = timed("look", line, "GET", f"/e/{code}/")
            data = {"code": code, "send": "1", "visited": "1", "visits": "4"}
            sent = timed("answer", line, "POST", "/e/", **data)
            with lock:
                found["accepted"] += sent == 302
                found["faults"] += (looked, sent) != (200, 302)

    def guesser() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _n in range(guesses):
            code = "".join(random.choices("2346789ACEFHJKPRTWXY", k=12))
            status = timed("guess", line, "POST", "/e/", code=code, send="1", visited="1")
            found["guessed right"] += status != 404

    _together([villager] * clients + [guesser] * (guesses > 0))
    return {"times": times, **found}


def _together(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def report(measured: dict[str, Any], held: dict[str, int]) -> str:
    lines = [f"{'what':10} {'requests':>8} {'median ms':>9} {'p95 ms':>7}"]
    for kind, took in measured["times"].items():
        p95 = sorted(took)[int(len(took) * 0.95)] if took else 0.0
        met = "" if kind != "answer" else f"  target < {LIMIT_MS}: {_met(p95 < LIMIT_MS)}"
        middle = median(took) if took else 0.0
        lines.append(f"{kind:10} {len(took):8} {middle:9.0f} {p95:7.0f}{met}")
    same = 0 < measured["accepted"] == held["spent"] == held["kept"] == held["counted"]
    lines.append(
        f"accepted {measured['accepted']}, cards spent {held['spent']}, answers kept "
        f"{held['kept']}, after counting {held['counted']}: {_met(same)}"
    )
    lines.append(f"faults {measured['faults']}, guessed right {measured['guessed right']}")
    return "\n".join(lines)


def _met(is_met: bool) -> str:
    return "met" if is_met else "NOT MET"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.burst", description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--guesses", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=max(2, os.cpu_count() or 2))
    options = parser.parse_args()
    with engines() as bench:
        bench.sql("CREATE DATABASE burst")
        codes = json.loads(bench.step("burst", "cards").splitlines()[-1])
        with server(bench, options.workers) as port:
            measured = burst(port, codes, options.clients, options.seconds, options.guesses)
        held = json.loads(bench.step("burst", "answers").splitlines()[-1])
        print(report(measured, held))


if __name__ == "__main__":
    main()
