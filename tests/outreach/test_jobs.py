"""Background work: asked once, done once, never lost while the broker is away or a worker dies."""

import signal
from datetime import timedelta

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from kombu import pools
from kombu.exceptions import OperationalError as BrokerError

from outreach import jobs
from outreach.models import Job
from outreach.roles import Role
from tests import factories as make

State = Job.State
pytestmark = pytest.mark.django_db
done: list[str] = []


@jobs.task
def work(job, progress):
    progress("Counting", 1, 2)
    done.append(str(job.pk))
    return "/done/"


@jobs.task
def refuse(job, progress):
    raise jobs.JobFailed("The file %(name)s cannot be read.", name="名单.xlsx")


@jobs.task
def stumble(job, progress):
    raise OperationalError("the database went away")


@jobs.task
def break_down(job, progress):
    raise ZeroDivisionError


@jobs.task(gave_up=lambda job: done.append(f"gave up {job.pk}"))
def die(job, progress):
    raise SystemExit


@jobs.task(gave_up=lambda job: 1 / 0)
def die_twice(job, progress):
    raise SystemExit


@pytest.fixture
def person():
    done.clear()
    return make.user(Role.COUNTY, county=make.county())


def ask(person, task=work, key=None, **fields):
    return jobs.enqueue(
        task.name,
        title="Make the monthly report",
        county_id=person.county_id,
        actor=person,
        args={},
        key=key or jobs.new_key(),
        **fields,
    )


def run(job):
    """What a worker does with the message."""
    current_app.tasks[job.task](str(job.pk))
    job.refresh_from_db()
    return job


def make_stale(job):
    """As if its worker had been killed longer ago than the lease."""
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(lease_until=past, send_after=past)


def send_all():
    sent = []
    jobs.send_waiting(lambda task, job_id, queue: sent.append(job_id))
    return sent


# Asking ---------------------------------------------------------------------------------------


def test_what_is_rolled_back_was_never_asked(person):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ask(person)
        raise ZeroDivisionError
    assert not Job.objects.exists()


def test_asking_twice_is_asking_once_while_it_is_open(person):
    first = ask(person, key="report:1")
    assert ask(person, key="report:1") == first
    run(first)
    assert ask(person, key="report:1") != first
    assert Job.objects.count() == 2


def test_asking_while_the_open_job_ends_asks_again(person, monkeypatch):
    first = ask(person, key="report:1")
    insert = QuerySet.bulk_create

    def refused(self, *args, **options):
        rows = insert(self, *args, **options)
        Job.objects.filter(pk=first.pk).update(state=State.DONE)
        return rows

    monkeypatch.setattr(QuerySet, "bulk_create", refused)
    second = ask(person, key="report:1")
    assert second != first
    assert second.state == State.WAITING


# Claiming -------------------------------------------------------------------------------------


def test_a_message_delivered_twice_is_worked_once(person):
    job = ask(person)
    for _ in range(10):
        run(job)
    assert done == [str(job.pk)]
    assert (job.state, job.result_url, job.attempt) == (State.DONE, "/done/", 1)


def test_a_taken_job_is_taken_by_nobody_else(person):
    job = ask(person)
    assert jobs.claim(str(job.pk)).attempt == 1
    assert jobs.claim(str(job.pk)) is None


def test_a_job_that_is_gone_is_no_job(person):
    assert jobs.claim("00000000-0000-4000-8000-000000000000") is None


def test_a_dead_workers_job_is_taken_over_and_the_old_worker_writes_nothing(person):
    job = ask(person)
    old = jobs.claim(str(job.pk))
    make_stale(job)
    new = jobs.claim(str(job.pk))
    assert new.attempt == 2
    for late in (
        lambda: jobs.finish(old, "/old/"),
        lambda: jobs.fail(old, "x"),
        lambda: jobs.progress_of(old)("Counting"),
    ):
        with pytest.raises(jobs.LeaseLost):
            late()
    jobs.finish(new, "/new/")
    job.refresh_from_db()
    assert (job.state, job.result_url) == (State.DONE, "/new/")


@pytest.mark.parametrize("stumbles", [OperationalError, ZeroDivisionError])
def test_a_worker_that_stumbles_after_losing_its_job_is_silent(person, monkeypatch, stumbles):
    job = ask(person)

    class Done:
        def append(self, pk):
            make_stale(job)
            jobs.claim(pk)
            raise stumbles

    monkeypatch.setattr(f"{__name__}.done", Done())
    assert (run(job).state, job.attempt, job.message) == (State.RUNNING, 2, "")


def test_progress_renews_the_lease_and_is_seen(person):
    job = jobs.claim(str(ask(person).pk))
    before = job.lease_until
    progress = jobs.progress_of(job)
    progress("Counting", 3, 10)
    progress("Counting", 4, 10)  # sooner than twice a second: not written
    job.refresh_from_db()
    assert (job.stage, job.progress_done, job.progress_total) == ("Counting", 3, 10)
    assert job.lease_until > before


def test_three_dead_workers_end_the_job_with_a_sentence(person):
    job = ask(person)
    for _ in range(jobs.MAX_ATTEMPTS):
        assert jobs.claim(str(job.pk))
        make_stale(job)
    assert jobs.claim(str(job.pk)) is None
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert job.message_text
    assert send_all() == []


def test_who_asked_to_hear_of_a_job_that_gave_up_hears_it_once(person):
    job = ask(person, die)
    for _ in range(jobs.MAX_ATTEMPTS):
        with pytest.raises(SystemExit):
            run(job)
        make_stale(job)
    assert done == []
    for _ in range(2):
        assert run(job).state == State.FAILED
    assert done == [f"gave up {job.pk}"]


def test_a_job_gives_up_even_if_that_cannot_be_told(person, caplog):
    job = ask(person, die_twice)
    Job.objects.update(attempt=jobs.MAX_ATTEMPTS)
    assert run(job).state == State.FAILED
    assert "ZeroDivisionError" in caplog.text


# Ending ---------------------------------------------------------------------------------------


def test_a_refusal_is_told_with_its_values(person):
    job = run(ask(person, refuse))
    assert job.state == State.FAILED
    assert "名单.xlsx" in job.message_text
    assert job.finished_at


def test_a_transient_error_waits_longer_each_time_and_then_gives_up(person):
    job = ask(person, stumble)
    waits = []
    for _ in range(jobs.MAX_ATTEMPTS):
        began = timezone.now()
        run(job)
        assert job.state == State.WAITING
        waits.append((job.send_after - began).total_seconds())
    assert waits == sorted(waits)
    assert waits[0] >= 10
    assert run(job).state == State.FAILED


def test_an_unexpected_error_gives_a_reference_that_is_in_the_log(person, caplog):
    job = run(ask(person, break_down))
    reference = str(job.pk)[:8]
    assert job.state == State.FAILED
    assert reference in job.message_text
    assert reference in caplog.text
    assert "ZeroDivisionError" in caplog.text


# Sending --------------------------------------------------------------------------------------


def test_a_sent_job_is_sent_again_ever_less_often(person):
    job = ask(person)
    waits = []
    for _ in range(9):
        assert send_all() == [str(job.pk)]
        assert send_all() == []
        job.refresh_from_db()
        assert job.state == State.SENT
        waits.append(round((job.send_after - timezone.now()).total_seconds() / 60))
        make_stale(job)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 64, 64]


def test_a_dead_workers_job_is_sent_again_but_not_a_living_ones(person):
    job = ask(person)
    jobs.claim(str(job.pk))
    Job.objects.update(send_after=timezone.now() - timedelta(days=1))
    assert send_all() == []
    make_stale(job)
    assert send_all() == [str(job.pk)]


def test_what_is_over_is_not_sent(person):
    run(ask(person))
    run(ask(person, refuse))
    assert send_all() == []


def test_a_broker_that_refuses_leaves_every_row_waiting(person):
    rows = [ask(person) for _ in range(3)]

    def refuse_second(task, job_id, queue):
        if job_id == str(rows[1].pk):
            raise BrokerError

    with pytest.raises(BrokerError):
        jobs.send_waiting(refuse_second)
    assert set(Job.objects.values_list("state", flat=True)) == {State.WAITING}


def test_what_people_wait_for_goes_before_what_the_night_may_take(person):
    night = [ask(person, queue="bulk") for _ in range(3)]
    click = ask(person)
    sent = []
    jobs.send_waiting(lambda task, job_id, queue: sent.append((job_id, queue)), limit=2)
    assert sent == [(str(click.pk), "interactive"), (str(night[0].pk), "bulk")]


def test_work_of_the_night_that_somebody_waits_for_is_sent_again_at_once(person):
    night = ask(person, queue="bulk")
    assert send_all() == [str(night.pk)]
    jobs.hasten(night)
    sent = []
    jobs.send_waiting(lambda task, job_id, queue: sent.append((job_id, queue)))
    assert sent == [(str(night.pk), "interactive")]
    assert run(night).attempt == 1
    assert run(night).attempt == 1  # the message of the night finds it done
    jobs.hasten(night)
    assert run(night).state == State.DONE


# Cancelling -----------------------------------------------------------------------------------


def test_a_job_that_was_cancelled_before_it_began_is_never_done(person):
    done.clear()
    job = ask(person)
    assert jobs.cancel(job.pk)
    assert send_all() == []
    assert (run(job).state, done) == (State.CANCELLED, [])
    assert not jobs.cancel(job.pk)


def test_a_running_job_stops_at_its_next_step(person):
    job = ask(person)
    running = jobs.claim(str(job.pk))
    progress = jobs.progress_of(running)
    progress("Counting", 1, 2)
    assert jobs.cancel(job.pk)
    with pytest.raises(jobs.LeaseLost):
        progress("Writing", 2, 2)
    job.refresh_from_db()
    assert (job.state, job.stage) == (State.CANCELLED, "Counting")
    assert not job.is_open


def test_a_job_that_is_over_cannot_be_cancelled(person):
    job = run(ask(person))
    assert not jobs.cancel(job.pk)
    assert run(job).state == State.DONE


# The real broker and a real worker ------------------------------------------------------------


@pytest.fixture
def broker(monkeypatch, worker_id):
    """This test process's own part of the broker; `broker(url)` points the program elsewhere."""

    def use(url):
        for name in ("broker_url", "broker_read_url", "broker_write_url"):
            monkeypatch.setitem(current_app.conf, name, url)
        pools.reset()
        current_app._pool = None
        current_app.amqp._producer_pool = None

    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    number = 1 + int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 1
    before = current_app.conf.broker_url
    use(f"{before}?virtual_host={number}")
    yield use
    use(before)
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.django_db(transaction=True)
def test_the_relay_sends_and_a_worker_finishes(broker, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)  # the worker lets go
    person = make.user(Role.COUNTY, county=make.county())
    done.clear()
    job = ask(person)
    call_command("relay", once=True)
    job.refresh_from_db()
    assert (job.state, job.sends) == (State.SENT, 1)
    # The level becomes that of the whole process, for the tests that follow too.
    with start_worker(current_app, pool="solo", perform_ping_check=False, loglevel="INFO"):
        deadline = timezone.now() + timedelta(seconds=20)
        while job.is_open and timezone.now() < deadline:
            job.refresh_from_db()
    assert (job.state, job.result_url) == (State.DONE, "/done/")
    assert done == [str(job.pk)]


def test_without_a_broker_jobs_wait_and_people_notice_nothing(broker, person, sign_in):
    broker("redis://127.0.0.1:1/0")
    job = ask(person)
    page = sign_in(person).get(reverse("job_detail", args=[job.pk]))
    assert page.status_code == 200
    with pytest.raises(BrokerError):
        call_command("relay", once=True)
    job.refresh_from_db()
    assert (job.state, job.sends) == (State.WAITING, 0)


# The page of a job ------------------------------------------------------------------------------


def test_the_page_asks_again_until_the_job_is_over(person, sign_in):
    job = ask(person)
    browser, url = sign_in(person), reverse("job_detail", args=[job.pk])
    fragment = browser.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" in fragment
    assert "<html" not in fragment
    assert fragment.strip() in browser.get(url).content.decode()
    run(job)
    over = browser.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in over
    assert "data-job-over" in over
    assert 'href="/done/"' in browser.get(url).content.decode()
