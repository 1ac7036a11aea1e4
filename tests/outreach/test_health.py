"""Alive asks nobody; ready asks the database, and names a missing broker without falling over."""

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse


def test_ready_with_everything_there(client, db):
    page = client.get(reverse("readyz"))
    assert page.status_code == 200
    assert page.json() == {"ready": True, "database": True, "broker": True}


@pytest.mark.parametrize(
    "address", ["redis://127.0.0.1:1/0", "redis+socket:///nowhere/at/all.sock"]
)
def test_without_a_broker_it_is_ready_but_degraded(client, db, settings, address):
    settings.CELERY_BROKER_URL = address
    page = client.get(reverse("readyz"))
    assert page.status_code == 200
    assert page.json() == {"ready": True, "database": True, "broker": False}


@pytest.fixture
def database_away():
    def refuse(self, *args):
        raise OperationalError("the server closed the connection")

    with pytest.MonkeyPatch.context() as patch:
        for name in ("ensure_connection", "cursor", "_cursor", "connect"):
            patch.setattr(BaseDatabaseWrapper, name, refuse)
        yield


def test_without_a_database_it_is_alive_but_not_ready(client, db, database_away):
    assert client.get(reverse("healthz")).json() == {"live": True}
    page = client.get(reverse("readyz"))
    assert page.status_code == 503
    assert page.json() == {"ready": False, "database": False}


def test_before_the_migrations_it_is_not_ready(client, db, monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    page = client.get(reverse("readyz"))
    assert page.status_code == 503
    assert page.json()["ready"] is False


def test_probes_ask_for_no_session_and_set_no_cookie(client, db):
    for name in ("healthz", "readyz"):
        assert not client.get(reverse(name)).cookies
