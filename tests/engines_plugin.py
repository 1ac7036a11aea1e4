"""Start PostgreSQL and Valkey for the test run, before anything reads the settings.

pytest-django reads them before any conftest is loaded, hence a plugin named in `pyproject.toml`.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from outreach.engines import DATABASE, EngineError, Engines, Lock, open_log, places

ROOT = Path(__file__).resolve().parent.parent
MIGRATION_SECONDS = 600
_started: list[Engines] = []
_migrations: list[subprocess.Popen[bytes]] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Export the addresses of throw-away engines; xdist's workers inherit them."""
    if "PYTEST_XDIST_WORKER" in os.environ or "DATABASE_URL" in os.environ:
        return
    data_dir = Path(tempfile.mkdtemp(prefix="outreach-test-"))
    data_dir.chmod(0o755)  # root's PostgreSQL runs as another user
    engines = Engines(places(data_dir), throwaway=True)
    _started.append(engines)
    try:
        engines.postgres.start()
        engines.valkey.start()
    except EngineError as error:
        raise pytest.UsageError(str(error)) from error
    os.environ |= {
        "DATABASE_URL": engines.places.database_url,
        "REDIS_URL": engines.places.redis_url,
        "OUTREACH_DATA_DIR": str(data_dir),
        "OUTREACH_ENGINES": "tests",
    }
    # With an address of a database the settings assume a deployment behind TLS.
    os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
    os.environ.setdefault("ALLOWED_HOSTS", "localhost")
    os.environ.setdefault("OUTREACH_HTTPS", "false")
    _migrations.append(_migrate(data_dir))


def _migrate(data_dir: Path) -> subprocess.Popen[bytes]:
    """Migrate the engine's own database while tests are collected; theirs are copies of it."""
    lock = Lock(_lock_of(data_dir))
    lock.acquire()
    with open_log(data_dir / "logs" / "migrate.log") as log:
        process = subprocess.Popen(
            [sys.executable, ROOT / "manage.py", "migrate", "--no-input", "-v", "0"],
            pass_fds=[lock.fileno()],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "outreach.settings"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    lock.hand_over()  # until it ends, the process holds it
    return process


def _lock_of(data_dir: Path) -> Path:
    return data_dir / "run" / "migrate.lock"


def template() -> str | None:
    """The database to copy, once it is migrated; `None` where the engines are not ours.

    If its migration failed, the one of the copy goes on where it stopped and says why.
    """
    if os.environ.get("OUTREACH_ENGINES") != "tests":
        return None
    lock = Lock(_lock_of(Path(os.environ["OUTREACH_DATA_DIR"])), fcntl.LOCK_SH)
    if not lock.acquire(MIGRATION_SECONDS):
        raise EngineError("The migration of the database to copy takes too long.")
    lock.release()
    return DATABASE


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    while _migrations:
        process = _migrations.pop()
        process.kill()  # of a run that needed no database
        process.wait()
    while _started:
        engines = _started.pop()
        engines.stop()
        shutil.rmtree(engines.places.data_dir, ignore_errors=True)
