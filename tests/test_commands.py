"""The commands of the installation: each is run by some test, and the relay runs until told."""

import ast
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connection

from outreach import jobs
from outreach.management.commands import relay
from outreach.models import Job
from outreach.roles import Role
from tests import factories as make

ROOT = Path(settings.BASE_DIR)
OURS = ("outreach", "contact_points", "visits", "feedback", "reports")


def test_every_command_of_ours_is_run_by_a_test():
    commands = {name for name, app in get_commands().items() if app in OURS}
    assert {"relay", "translations", "up"} <= commands
    said = {
        node.value
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert commands - said == set()


def test_no_migration_is_missing(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_migration_is_applied(db):
    call_command("migrate", check_unapplied=True, verbosity=0)


@pytest.fixture
def handlers():
    """Put back how this process answers to signals."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.django_db(transaction=True)
def test_the_relay_hears_of_a_job_at_once_and_stops_when_told(monkeypatch, handlers):
    person = make.user(Role.COUNTY, county=make.county())
    sent, asked = [], []
    monkeypatch.setattr(
        relay.Command, "_send", lambda self, task, job_id, queue: sent.append(time.monotonic())
    )

    def somebody():
        while signal.getsignal(signal.SIGTERM) == before:
            time.sleep(0.05)
        time.sleep(0.3)
        jobs.enqueue("none", title="x", county_id=person.county_id, actor=person, args={}, key="x")
        connection.close()
        asked.append(time.monotonic())
        deadline = time.monotonic() + 10
        while not sent and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=somebody)
    thread.start()
    call_command("relay")
    thread.join()
    assert sent[0] - asked[0] < 1
    assert Job.objects.get().state == Job.State.SENT


@pytest.mark.django_db(transaction=True)
def test_the_relay_lives_through_a_broker_that_is_away(monkeypatch, handlers):
    person = make.user(Role.COUNTY, county=make.county())
    jobs.enqueue("none", title="x", county_id=person.county_id, actor=person, args={}, key="x")
    tries = []

    def send(self, task, job_id, queue):
        tries.append(job_id)
        if len(tries) == 1:
            raise relay.BrokerError("refused")
        self.stopping = True

    monkeypatch.setattr(relay.Command, "_send", send)
    monkeypatch.setattr(relay.select, "select", lambda *args: None)
    call_command("relay")
    assert len(tries) == 2
    assert Job.objects.get().sends == 1
