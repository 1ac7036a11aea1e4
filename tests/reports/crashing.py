"""Workers that stop at a chosen point: `python -m tests.reports.crashing`.

A line of standard input is the name of a point, the answer the process id of a fresh worker, which
stops itself there (SIGSTOP) to be killed or continued. Forked from here, a worker costs no import.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from celery import current_app  # noqa: E402

from outreach import jobs  # noqa: E402
from reports import storing  # noqa: E402

current_app.loader.import_default_modules()


def stop_here() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def stop_once(before: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, before which the worker stops."""

    def stopping(*args: Any, **kwargs: Any) -> Any:
        stop_here()
        return before(*args, **kwargs)

    return stopping


def stop_at_stage(stage: str) -> None:
    begin = jobs.progress_of

    def watched(job: Any) -> jobs.Progress:
        progress = begin(job)

        def step(text: str, done: int = 0, total: int = 0) -> None:
            progress(text, done, total)
            if text == stage and done < total:
                stop_here()

        return step

    jobs.progress_of = watched


def prepare(point: str) -> None:
    """Make this process one that stops, or meets a full disk, at the point; "" is a sound one."""
    if point == "half a file":
        storing.os.fsync = stop_once(os.fsync)
    elif point == "made":
        jobs.finish = stop_once(jobs.finish)
    elif point == "full disk":
        with Path(os.devnull).open("w") as nowhere:
            for output in (1, 2):  # the log is a file too
                os.dup2(nowhere.fileno(), output)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    elif point:
        stop_at_stage(point)


def work(point: str) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    prepare(point)
    worker = current_app.Worker(
        pool="solo",
        hostname=f"{os.getpid()}@faults",
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
        loglevel="INFO",
    )
    worker.start()
    os._exit(worker.exitcode or 0)


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if pid := os.fork():
            print(pid, flush=True)
        else:
            sys.stdin = Path(os.devnull).open()  # noqa: SIM115 (as long as the process)
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # the answers are the forge's alone
            work(line.strip())
