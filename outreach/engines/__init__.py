"""PostgreSQL and Valkey without an installation: the embedded engines of one data directory.

Locks are `flock`s because the kernel releases them when a process dies.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from outreach.engines.folders import DATABASE, SUPERUSER, EngineError, Places, places
from outreach.engines.postgres import Postgres
from outreach.engines.processes import Lock, log_tail, open_log
from outreach.engines.valkey import Valkey

__all__ = [
    "DATABASE",
    "SUPERUSER",
    "EngineError",
    "Engines",
    "Lock",
    "Places",
    "borrow",
    "log_tail",
    "open_log",
    "places",
]


class Engines:
    """Both, as one process uses them."""

    def __init__(self, places: Places, throwaway: bool = False):
        self.places = places
        self.postgres = Postgres(places, throwaway)
        self.valkey = Valkey(places, throwaway)

    def stop(self) -> None:
        """Stop what belongs to this process."""
        self.valkey.stop()
        self.postgres.stop()


@contextmanager
def borrow(places: Places) -> Iterator[None]:
    """Have PostgreSQL for the duration of one command, whoever else uses it."""
    postgres = Postgres(places)
    postgres.start()
    try:
        yield
    finally:
        postgres.stop()
