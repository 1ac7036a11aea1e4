"""Killed workers, lost messages, a restarted database, a full disk: one whole report, or a retry.

Real processes on engines of their own, which these tests may stop. Only waiting is cut short: a
lease that would run for two minutes is ended by hand.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.db import connection
from django.utils import timezone
from kombu import Connection

from outreach import clock, jobs
from outreach.engines import Engines, places
from outreach.models import AuditEntry, Job
from reports import documents, services, snapshots
from reports.models import Report
from tests import factories as make
from tests.reports.small_county import MAY, Place
from tests.schema import copy_schema

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
STAGES = ["Counting the month", "Writing the document", "Storing the report"]
PATIENCE = 60


class Machine:
    """Engines, a relay and workers of their own, with the test's connection led to them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.media = folder / "media"
        self.media.mkdir()
        self.engines = Engines(places(folder), throwaway=True)
        self.engines.postgres.start()
        self.engines.valkey.start()
        at = self.engines.places
        self.environment = os.environ | {
            "DATABASE_URL": at.database_url,
            "REDIS_URL": at.redis_url,
            "MEDIA_ROOT": str(self.media),
            "DJANGO_SETTINGS_MODULE": "outreach.settings",
        }
        self.workers: list[int] = []
        self.log = (folder / "processes.txt").open("w")
        self.processes = [self.start("tests.reports.crashing"), self.relay()]

    def start(self, *module: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def relay(self) -> subprocess.Popen[str]:
        return self.start("django", "relay")

    def worker(self, point: str = "") -> int:
        """The process id of a worker that stops at the point."""
        forge = self.processes[0]
        print(point, file=forge.stdin, flush=True)
        self.workers.append(int(forge.stdout.readline()))
        return self.workers[-1]

    def end_workers(self) -> None:
        """All are dead, and the broker knows it.

        It would give the next message to one that it takes for alive, which only the end of the
        lease, a minute later, brings back.
        """
        for pid in self.workers:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it was killed by its test
        self.workers.clear()
        await_that(lambda: self.listening() == 0, "the broker knows that the workers are gone")

    def another_worker(self) -> None:
        """One that listens, in place of those that worked until now."""
        self.end_workers()
        self.worker()
        await_that(lambda: self.listening() == 1, "another worker listens")

    def listening(self) -> int:
        """How many workers wait for a message."""
        with redis.Redis.from_url(self.engines.places.redis_url) as broker:
            return broker.info("clients")["blocked_clients"]

    def restart_database(self) -> None:
        """As `pg_ctl restart -m immediate`: no goodbye to anybody, then recovery from the log."""
        connection.close()
        server = (self.engines.places.postgres_data / "postmaster.pid").read_text().split()[0]
        os.kill(int(server), signal.SIGQUIT)
        await_that(lambda: not self.engines.postgres.alive(), "the server is down")
        self.engines.postgres.start()

    def restart_broker(self) -> None:
        """Killed with all its messages: one that is thrown away keeps none on disk."""
        self.engines.valkey.process.kill()
        self.engines.valkey.process.wait()
        self.engines.valkey.start()

    def said(self) -> str:
        return Path(self.log.name).read_text()[-4000:]

    def stop(self) -> None:
        self.end_workers()
        for process in self.processes:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()
        self.log.close()
        self.engines.stop()


def await_that(holds: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.03)


@pytest.fixture(scope="module")
def machine(django_db_setup, django_db_blocker) -> Iterator[Machine]:
    # A folder which another user may enter, unlike those of `tmp_path`.
    folder = Path("/tmp", f"outreach-faults-{os.getpid()}")
    folder.mkdir(mode=0o755)
    with django_db_blocker.unblock():
        machine = Machine(folder)
        before = dict(connection.settings_dict)
        try:
            at = machine.engines.places
            copy_schema(machine.engines)
            connection.close()
            connection.settings_dict |= {
                "HOST": str(at.postgres_socket),
                "NAME": "outreach",
                "USER": "app",
                "PORT": "",
            }
            with connection.cursor() as cursor:
                # Killed, a server that is thrown away would forget what it had just confirmed.
                cursor.execute("ALTER DATABASE outreach SET synchronous_commit = on")
            connection.close()
            yield machine
        finally:
            connection.close()
            connection.settings_dict |= before
            machine.stop()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def asked(machine, settings) -> Iterator[SimpleNamespace]:
    """A county of its own whose report on May was asked for by its office."""
    settings.MEDIA_ROOT = machine.media
    with clock.at(make.moment(date(2026, 6, 5))):
        place = Place()
        place.visit()
        report = services.request_report(county=place.county, month=MAY, actor=place.office)
    yield SimpleNamespace(place=place, report=report, job=report.job)
    machine.end_workers()
    connection.close()


def again(row):
    row.refresh_from_db()
    return row


def end_lease(job: Job) -> None:
    """As if the two minutes of a dead worker, or the minute of a lost message, were over."""
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(lease_until=past, send_after=past)
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {jobs.CHANNEL}")


def files_of(machine: Machine, report: Report) -> list[Path]:
    found = [path for path in machine.media.rglob("*") if path.is_file()]
    return [path for path in found if report.county.code in path.name]


def stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def assert_made_once(machine: Machine, asked: SimpleNamespace) -> None:
    """One report, its files, all of them, and what an undisturbed run makes of the same records."""
    report = again(asked.report)
    await_that(lambda: again(asked.job).state != Job.State.RUNNING, "the job ends")
    assert (report.state, asked.job.state) == ("made", "done"), machine.said()
    assert Report.objects.filter(county=report.county).count() == 1
    assert [kind for kind, _file, _digest in report.files] == ["docx", "pdf", "xlsx"]
    stored = {Path(file.path): digest for _kind, file, digest in report.files}
    assert set(files_of(machine, report)) == set(stored)
    for path, digest in stored.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    undisturbed = documents.files(snapshots.take(report))
    for kind, _file, digest in report.files:
        assert hashlib.sha256(undisturbed[kind]).hexdigest() == digest, kind
    made = AuditEntry.objects.filter(county=report.county, action="Monthly report made")
    assert made.count() == 1


@pytest.mark.parametrize("point", [*STAGES, "half a file", "made"])
def test_a_worker_killed_anywhere_is_followed_by_one_that_makes_the_report(machine, asked, point):
    victim = machine.worker(point)
    await_that(lambda: stopped(victim), f"the worker stands at {point}")
    assert again(asked.job).state == Job.State.RUNNING
    os.kill(victim, signal.SIGKILL)
    machine.worker()
    end_lease(asked.job)
    await_that(lambda: not again(asked.job).is_open, "the job ends")
    assert asked.job.attempt == 2
    assert_made_once(machine, asked)


def test_a_worker_that_slept_through_its_lease_writes_nothing_more(machine, asked):
    sleeper = machine.worker("Writing the document")
    await_that(lambda: stopped(sleeper), "the first worker sleeps")
    machine.worker()
    end_lease(asked.job)
    await_that(lambda: again(asked.report).state == "made", "the second one makes the report")
    made_at = asked.report.made_at
    os.kill(sleeper, signal.SIGCONT)
    await_that(lambda: "cancelled or taken over" in machine.said(), "the sleeper gives up")
    assert again(asked.report).made_at == made_at
    assert_made_once(machine, asked)


def test_a_message_that_comes_five_times_to_two_workers_is_worked_once(machine, asked):
    with Connection(machine.environment["REDIS_URL"].replace("unix", "redis+socket")) as broker:
        for _ in range(5):
            current_app.send_task(
                asked.job.task, args=[str(asked.job.pk)], connection=broker, queue="interactive"
            )
    machine.worker()
    machine.worker()
    await_that(lambda: not again(asked.job).is_open, "the job ends")
    assert asked.job.attempt == 1
    assert_made_once(machine, asked)


def test_a_broker_that_lost_its_messages_loses_no_report(machine, asked):
    await_that(lambda: again(asked.job).state == Job.State.SENT, "the relay has sent it")
    waiting = machine.worker("Counting the month")
    await_that(lambda: stopped(waiting), "a worker has it")
    machine.restart_broker()
    os.kill(waiting, signal.SIGCONT)
    await_that(lambda: again(asked.report).state == "made", "it is made without a broker")
    assert_made_once(machine, asked)
    machine.another_worker()
    with clock.at(make.moment(date(2026, 6, 6))):
        services.request_report(county=asked.place.county, month=MAY, actor=asked.place.office)
    await_that(  # sent by the same relay, which has found the broker again
        lambda: Report.objects.get(county=asked.place.county, revision=2).state == "made",
        "the next one is made",
    )


def test_messages_lost_before_a_worker_took_them_are_sent_again(machine, asked):
    await_that(lambda: again(asked.job).state == Job.State.SENT, "the relay has sent it")
    machine.restart_broker()
    machine.worker()
    end_lease(asked.job)
    await_that(lambda: not again(asked.job).is_open, "the job ends")
    assert_made_once(machine, asked)


@pytest.mark.parametrize("point", STAGES[-1:])
def test_a_database_that_restarts_meanwhile_delays_the_report(machine, asked, point):
    worker = machine.worker(point)
    await_that(lambda: stopped(worker), f"the worker stands at {point}")
    machine.restart_database()
    os.kill(worker, signal.SIGCONT)
    await_that(lambda: again(asked.job).state == Job.State.WAITING, "the worker gives it back")
    machine.another_worker()
    end_lease(asked.job)
    await_that(lambda: not again(asked.job).is_open, "the job ends")
    assert_made_once(machine, asked)


def test_a_full_disk_is_said_leaves_nothing_and_a_retry_makes_the_report(machine, asked):
    machine.worker("full disk")
    await_that(lambda: not again(asked.job).is_open, "the job ends")
    assert (again(asked.report).state, asked.job.state) == ("failed", "failed")
    assert "无法保存" in asked.job.message_text
    assert files_of(machine, asked.report) == []
    machine.another_worker()
    with clock.at(make.moment(date(2026, 6, 5))):
        second = services.request_report(
            county=asked.place.county, month=MAY, actor=asked.place.office
        )
    await_that(lambda: again(second).state == "made", "the retry makes it")
    stored = {Path(file.path): digest for _kind, file, digest in again(second).files}
    assert set(files_of(machine, second)) == set(stored)
    for path, digest in stored.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
