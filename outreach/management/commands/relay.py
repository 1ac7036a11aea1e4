"""Send the outbox to the broker: as soon as a row is committed, and again for what went missing."""

import logging
import select
import signal
import time

from celery import current_app
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from kombu.exceptions import OperationalError as BrokerError

from outreach import jobs

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Send waiting jobs to the broker until stopped."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="send what waits now, then stop")

    def handle(self, *, once, **options):
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        broker_away = False
        while not self.stopping:
            try:
                if not once:
                    self._listen()
                while jobs.send_waiting(self._send):
                    pass
                if broker_away:
                    log.info("the broker is back; waiting jobs were sent")
                    broker_away = False
                if once:
                    return
                if not connection.connection.notifies:
                    select.select([connection.connection], [], [], 2.0)
            except BrokerError:
                if once:
                    raise
                if not broker_away:
                    log.warning("the broker does not answer; jobs wait")
                    broker_away = True
                time.sleep(1)
            except (DatabaseError, InterfaceError) as error:
                # A server that was killed is no OperationalError, but the bare class above it.
                if once or not (isinstance(error, jobs.TRANSIENT) or type(error) is DatabaseError):
                    raise
                log.warning("the database does not answer")
                close_old_connections()
                connection.close()
                time.sleep(1)
            except InterruptedError:
                continue

    def _stop(self, *args):
        self.stopping = True

    def _listen(self):
        """Hear of new rows at once; cheap enough to repeat, and right after a reconnect."""
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {jobs.CHANNEL}")
        connection.connection.poll()
        connection.connection.notifies.clear()

    def _send(self, task, job_id, queue):
        current_app.send_task(task, args=[job_id], task_id=job_id, queue=queue, retry=False)
