"""Loaded into measured workers: says when one is ready, and its peak after each task."""

import json
import os
from typing import Any

from celery.signals import task_postrun, worker_ready

from tests.bench.fanout import WITNESS, peak


def _write(**facts: Any) -> None:
    with open(os.environ[WITNESS], "a") as file:  # short lines: written at once or not at all
        file.write(json.dumps(facts | {"pid": os.getpid()}) + "\n")


@worker_ready.connect
def say_ready(**_facts: Any) -> None:
    _write(ready=True)


@task_postrun.connect
def say_peak(**_facts: Any) -> None:
    _write(peak=peak())
