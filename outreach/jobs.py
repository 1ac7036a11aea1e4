"""Background work as rows: enqueue in the caller's transaction, claim, progress, end, cancel.

The relay (`manage.py relay`) sends waiting rows to the broker. With the broker away rows wait; a
message delivered twice finds its row taken; a worker that dies loses its lease and the row is sent
again. Nothing a person asked for depends on the broker's memory.
"""

import functools
import logging
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from outreach.logs import request_id
from outreach.models import Job, User

log = logging.getLogger(__name__)

CHANNEL = "outreach_jobs"
LEASE = timedelta(minutes=2)
RESEND_AFTER = timedelta(minutes=1)
MAX_ATTEMPTS = 3
TRANSIENT = (OperationalError, InterfaceError)

OPEN_STATES = (Job.State.WAITING, Job.State.SENT, Job.State.RUNNING)

Progress = Callable[..., None]
# By the task's name: what ends the work's own record when its job gives up.
_gave_up: dict[str, Callable[[Job], object]] = {}


class JobFailed(Exception):
    """Work that cannot be done, with the sentence its owner will read."""

    def __init__(self, text: str, **params: Any):
        super().__init__(text % params if params else text)
        self.text, self.params = text, params


class LeaseLost(Exception):
    """Another worker took this job over, or somebody cancelled it: nothing more is written."""


def new_key() -> str:
    """A key no other job has, for work that may be asked for any number of times."""
    return uuid.uuid4().hex


def enqueue(
    task: str,
    *,
    title: str,
    county_id: int,
    actor: User | None,
    args: dict[str, Any],
    key: str,
    queue: str = Job.Queue.INTERACTIVE,
) -> Job:
    """Put work in the outbox, inside the caller's transaction.

    While a job with the same `key` is open that one is returned: asking twice is asking once. It
    may have begun already, so work that must see what the caller just wrote needs a key of its own.
    """
    # Not `outreach.clock`: leases and sending follow the real time even in a demonstration's past.
    now = timezone.now()
    row = Job(
        task=task,
        title=title,
        args=args,
        dedupe_key=key,
        queue=queue,
        county_id=county_id,
        created_by=actor,
        send_after=now,
        created_at=now,
        request_id=request_id.get(),
    )
    this_one = Q(pk=row.pk) | Q(dedupe_key=key, state__in=OPEN_STATES)
    with transaction.atomic():
        job = None
        while job is None:  # the open job may end between the refused insert and the look
            Job.objects.bulk_create([row], ignore_conflicts=True)
            job = Job.objects.filter(this_one).first()
        _call_the_relay()
    return job


def _call_the_relay() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


@transaction.atomic
def hasten(job: Job) -> None:
    """Somebody waits now for what was meant for the night; its second message finds it taken."""
    later = Job.objects.filter(
        pk=job.pk, queue=Job.Queue.BULK, state__in=[Job.State.WAITING, Job.State.SENT]
    )
    if later.update(queue=Job.Queue.INTERACTIVE, send_after=timezone.now()):
        _call_the_relay()


def cancel(job_id: uuid.UUID | str) -> bool:
    """End the job if it is open; a worker that has it stops at its next progress or renewal."""
    still = Job.objects.filter(pk=job_id, state__in=OPEN_STATES)
    return bool(still.update(state=Job.State.CANCELLED, finished_at=timezone.now()))


def claim(job_id: str) -> Job | None:
    """Take the job if it is free; None when somebody has it or it is over."""
    now = timezone.now()
    free = Q(state__in=[Job.State.WAITING, Job.State.SENT]) | Q(
        state=Job.State.RUNNING, lease_until__lt=now
    )
    taken = Job.objects.filter(free, pk=job_id, attempt__lt=MAX_ATTEMPTS).update(
        state=Job.State.RUNNING, attempt=F("attempt") + 1, lease_until=now + LEASE
    )
    if taken:
        return Job.objects.select_related("created_by", "county").get(pk=job_id)
    # A job whose workers died MAX_ATTEMPTS times would poison the queue for ever.
    with transaction.atomic():
        over = Job.objects.filter(free, pk=job_id, attempt__gte=MAX_ATTEMPTS).update(
            state=Job.State.FAILED,
            message=gettext_noop(
                "This stopped three times without an answer. Tell the administrator."
            ),
            finished_at=now,
        )
        if over:
            _tell_gave_up(Job.objects.select_related("created_by", "county").get(pk=job_id))
    return None


def _tell_gave_up(job: Job) -> None:
    tell = _gave_up.get(job.task)
    if tell is None:
        return
    try:
        with transaction.atomic():
            tell(job)
    except TRANSIENT:
        raise  # the job stays open and gives up the next time it is sent
    except Exception:
        log.exception("job %s gave up, and nobody could be told", job.pk)


def _update(job: Job, **values: Any) -> None:
    mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING)
    if not mine.update(**values):
        raise LeaseLost(str(job.pk))


def renew(job: Job) -> None:
    """Keep the job: nobody takes it over before the caller's transaction ends. Raises LeaseLost."""
    _update(job, lease_until=timezone.now() + LEASE)


def progress_of(job: Job) -> Progress:
    """A callback `progress(stage, done, total)` that tells the page and renews the lease.

    It writes at most twice a second, so that a loop may call it for every row.
    """
    last = 0.0
    said = ""

    def progress(stage: str, done: int = 0, total: int = 0) -> None:
        nonlocal last, said
        if stage == said and time.monotonic() - last < 0.5:
            return
        last, said = time.monotonic(), stage
        _update(
            job,
            stage=stage,
            progress_done=done,
            progress_total=total,
            lease_until=timezone.now() + LEASE,
        )

    return progress


def finish(job: Job, result_url: str = "") -> None:
    """The work is done; `result_url` is the page that shows it."""
    _update(job, state=Job.State.DONE, result_url=result_url, finished_at=timezone.now())


def fail(job: Job, text: str, params: dict[str, Any] | None = None) -> None:
    """The work cannot be done; `text` is a source sentence its owner understands."""
    _update(
        job,
        state=Job.State.FAILED,
        message=text,
        message_params=params or {},
        finished_at=timezone.now(),
    )


def task(
    function: Callable[[Job, Progress], str | None] | None = None,
    *,
    gave_up: Callable[[Job], object] | None = None,
    transient: tuple[type[Exception], ...] = (),
) -> Any:
    """Make `function(job, progress) -> result URL` a Celery task that takes a job id.

    Transient errors, those of the database and those named here, send the job again later;
    anything else ends it with a sentence. A job that was cut short MAX_ATTEMPTS times fails
    without `function` being asked; `gave_up(job)` then ends what the work has of its own, in the
    same transaction.
    """
    if function is None:
        return functools.partial(task, gave_up=gave_up, transient=transient)
    name = f"{function.__module__}.{function.__name__}"
    if gave_up is not None:
        _gave_up[name] = gave_up

    @shared_task(name=name)
    @functools.wraps(function)
    def run(job_id: str) -> None:
        job = claim(job_id)
        if job is None:
            return
        token = request_id.set(job.request_id)
        try:
            _work(function, job, (*TRANSIENT, *transient))
        except LeaseLost:
            log.warning("job %s was cancelled or taken over by another worker", job.pk)
        finally:
            request_id.reset(token)

    return run


def _work(
    function: Callable[[Job, Progress], str | None],
    job: Job,
    transient: tuple[type[Exception], ...],
) -> None:
    try:
        finish(job, function(job, progress_of(job)) or "")
    except LeaseLost:
        raise
    except JobFailed as error:
        fail(job, error.text, error.params)
    except transient:
        log.warning("job %s met a transient error", job.pk, exc_info=True)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        delay = timedelta(seconds=5 * 2**job.attempt)
        _update(job, state=Job.State.WAITING, send_after=timezone.now() + delay)
    except Exception:
        log.exception("job %s failed", job.pk)
        fail(
            job,
            gettext_noop("An unexpected error. Its reference number is %(reference)s."),
            {"reference": str(job.pk)[:8]},
        )


def send_waiting(send: Callable[[str, str, str], None], limit: int = 100) -> int:
    """Hand owed rows to `send(task, job_id, queue)`; returns how many. Raises what `send` raises.

    Few at a time, so that a click made while a night's work is sent is in the next handful.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = list(Job.objects.sendable(now).select_for_update(skip_locked=True)[:limit])
        for job in rows:
            send(job.task, str(job.pk), job.queue)
            # A queued message may be slow rather than lost: ask again, but ever less often.
            wait = RESEND_AFTER * 2 ** min(job.sends, 6)
            Job.objects.filter(pk=job.pk).update(
                state=Job.State.SENT,
                lease_until=None,
                sends=job.sends + 1,
                send_after=now + wait,
            )
    return len(rows)
