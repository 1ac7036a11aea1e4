"""Start PostgreSQL and Valkey for the test run, before anything reads the settings.

pytest-django reads them before any conftest is loaded, hence a plugin named in `pyproject.toml`.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from outreach.engines import EngineError, Engines, places

_started: list[Engines] = []


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


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    while _started:
        engines = _started.pop()
        engines.stop()
        shutil.rmtree(engines.places.data_dir, ignore_errors=True)
