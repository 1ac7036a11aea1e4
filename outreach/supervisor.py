"""The processes of `manage.py up`: started in order, watched, stopped in reverse order."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from outreach import keeper
from outreach.engines import Engines, Lock, Places, log_tail, open_log

READY_SECONDS = 90
QUICK_SECONDS = 10
QUICK_DEATHS = 5
LONGEST_PAUSE = 16


class StartError(Exception):
    """A step of the start failed; the message says what happened and what to do."""


class Stopped(BaseException):
    """Somebody asked the supervisor to stop."""


@dataclass
class Service:
    """One child process, and what it takes to keep it running."""

    name: str
    command: list[str]
    stop_seconds: float
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    quick_deaths: int = 0
    restart_at: float | None = None

    @property
    def dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None


class Supervisor:
    """Starts engines and services for one data directory and stays until asked to stop."""

    def __init__(
        self,
        places: Places,
        root: Path,
        host: str,
        port: int,
        own_postgres: bool = True,
        own_valkey: bool = True,
    ):
        self.places = places
        self.root = root
        self.host = host
        self.port = port
        self.own_postgres = own_postgres
        self.own_valkey = own_valkey
        self.engines = Engines(places)
        self.only_one = Lock(places.run / "up.lock")
        self.janitor: subprocess.Popen[str] | None = None
        self.services: list[Service] = []
        self.stopping = False
        self.environment = os.environ | {
            "OUTREACH_ENGINES": "up",
            "OUTREACH_DATA_DIR": str(places.data_dir),
            "OUTREACH_PORT": str(port),
            "PYTHONUNBUFFERED": "1",
        }
        # Without byte code on disk each process start takes three times as long.
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)

    # What the command calls

    @contextmanager
    def running(self) -> Iterator[None]:
        """Hold the data directory, and leave nothing behind at the end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._claim_data_dir()
        try:
            self._check_port()
            yield
        finally:
            self.stopping = True
            self._stop()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show one step of the start and how long it took."""
        print(f"  {title:<34}", end="", flush=True)
        began = time.monotonic()
        try:
            yield
        except BaseException:
            outcome = "stopped" if self.stopping else "failed"
            print(f"{outcome} after {time.monotonic() - began:.1f} s", flush=True)
            raise
        print(f"{time.monotonic() - began:6.1f} s", flush=True)

    def start_engines(self) -> None:
        """Start what the environment does not already name."""
        if self.own_postgres:
            with self.step("PostgreSQL"):
                self.engines.postgres.start()
        if self.own_valkey:
            with self.step("Valkey"):
                self.engines.valkey.start()
        self._start_janitor()

    def run_command(self, title: str, *arguments: str) -> None:
        """Run one `manage.py` command to its end."""
        log_path = self._log_path(arguments[0])
        with self.step(title):
            with open_log(log_path) as log:
                process = self._spawn(self._manage(*arguments), log)
            try:
                code = self._follow(process, title, log_path)
            finally:
                if process.poll() is None:
                    process.terminate()
                    process.wait()
                self._forget(process)
            if code:
                raise StartError(
                    f"{title} failed. The end of {log_path}:\n{log_tail(log_path)}\n"
                    f"To see it alone: .venv/bin/python manage.py {' '.join(arguments)}"
                )

    def _follow(self, process: subprocess.Popen[bytes], title: str, log_path: Path) -> int:
        """Wait for a command; at a terminal its newest line stands beside the step's title."""
        while (code := process.poll()) is None:
            if sys.stdout.isatty():
                print(
                    f"\r  {title:<34}{log_tail(log_path, 1).strip()[:44]:<45}", end="", flush=True
                )
            time.sleep(0.2)
        if sys.stdout.isatty():
            print(f"\r  {title:<34}{'':<45}\r  {title:<34}", end="", flush=True)
        return code

    def start_services(self, with_relay: bool = True) -> None:
        """Start the processes of the application and wait until pages are served."""
        if with_relay:
            self.services.append(Service("relay", self._manage("relay"), stop_seconds=10))
        web = Service("web", self._web_command(), stop_seconds=20)
        beat = ["--beat", "--schedule", str(self.places.run / "beat-schedule")]
        self.services += [
            web,
            Service("worker", self._worker_command("interactive", *beat), stop_seconds=30),
            Service("worker-bulk", self._worker_command("interactive,bulk"), stop_seconds=30),
        ]
        with self.step("Web, workers, beat" + (", relay" if with_relay else "")):
            for service in self.services:
                self._start(service)
            self._await_page(web)

    def watch(self) -> None:
        """Restart what dies, until a signal arrives."""
        while True:
            time.sleep(0.5)
            if self.own_postgres and not self.engines.postgres.alive():
                self._say("PostgreSQL ended; starting it again.")
                self.engines.postgres.start()
            if self.own_valkey and not self.engines.valkey.alive():
                self._say("Valkey ended; starting it again.")
                self.engines.valkey.start()
            if self.janitor and self.janitor.poll() is not None:
                self._start_janitor()
            for service in self.services:
                self._revive(service)

    # Start

    def _claim_data_dir(self) -> None:
        self.places.run.mkdir(parents=True, exist_ok=True)
        if self.only_one.acquire():
            self._write_pid()
            return
        pid = self.only_one.path.read_text().strip()
        # A killed supervisor's janitor holds the lock until it has ended all that was left.
        if not _process_exists(pid) and self.only_one.acquire(keeper.GRACE_SECONDS + 5):
            self._write_pid()
            return
        raise StartError(
            f"Already running (process {pid}) with the data in {self.places.data_dir}.\n"
            "Stop that one with Ctrl-C, or choose another folder with OUTREACH_DATA_DIR."
        )

    def _write_pid(self) -> None:
        self.only_one.path.write_text(f"{os.getpid()}\n")

    def _check_port(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise StartError(
                    f"Port {self.port} on {self.host} cannot be used: {error.strerror}.\n"
                    f'Choose another one: make run ARGS="--port {self.port + 1}"'
                ) from error

    def _start_janitor(self) -> None:
        """Start the guard that ends every child should this process be killed."""
        shared = [
            lock.fileno() for lock in (self.only_one, self.engines.postgres.users) if lock.file
        ]
        self.janitor = subprocess.Popen(
            [sys.executable, "-I", "-S", keeper.__file__, "groups"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # With these it keeps the data directory and the database until it is done.
            pass_fds=shared,
            start_new_session=True,
            text=True,
        )
        for service in self.services:
            if service.process and not service.dead:
                self._tell_janitor(f"+{service.process.pid}")

    def _tell_janitor(self, line: str) -> None:
        if self.janitor and self.janitor.stdin and self.janitor.poll() is None:
            try:
                self.janitor.stdin.write(f"{line}\n")
                self.janitor.stdin.flush()
            except BrokenPipeError:
                self.janitor.wait()  # the watch starts another, which is told everything

    def _spawn(self, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=keeper.die_with_parent(signal.SIGTERM),
        )
        self._tell_janitor(f"+{process.pid}")
        return process

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        """End what a finished process left in its group."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it left nothing
        self._tell_janitor(f"-{process.pid}")

    def _start(self, service: Service) -> None:
        with open_log(self._log_path(service.name)) as log:
            service.process = self._spawn(service.command, log)
        service.started = time.monotonic()
        service.restart_at = None

    def _await_page(self, web: Service) -> None:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        deadline = time.monotonic() + READY_SECONDS
        log = self._log_path("web")
        while time.monotonic() < deadline:
            if web.dead:
                raise StartError(f"The web server ended. The end of {log}:\n{log_tail(log, 12)}")
            try:
                connection = http.client.HTTPConnection(host, self.port, timeout=10)
                connection.request("GET", "/healthz", headers={"Host": "localhost"})
                connection.getresponse().read()
                return
            except OSError:
                time.sleep(0.1)
        raise StartError(f"No page after {READY_SECONDS} s. The end of {log}:\n{log_tail(log, 12)}")

    # Watch

    def _revive(self, service: Service) -> None:
        now = time.monotonic()
        if service.restart_at is not None:
            if now >= service.restart_at:
                self._start(service)
            return
        if not service.dead or service.process is None:
            return
        self._forget(service.process)
        log = self._log_path(service.name)
        quick = now - service.started < QUICK_SECONDS
        service.quick_deaths = service.quick_deaths + 1 if quick else 1
        if service.quick_deaths >= QUICK_DEATHS:
            raise StartError(
                f"{service.name} ended {QUICK_DEATHS} times in a row, so everything is being "
                f"stopped. The end of {log}:\n{log_tail(log, 12)}"
            )
        pause = min(2 ** (service.quick_deaths - 1), LONGEST_PAUSE)
        service.restart_at = now + pause
        self._say(f"{service.name} ended; starting it again in {pause} s (see {log}).")

    # Stop

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self.stopping:
            self.stopping = True
            raise Stopped

    def _stop(self) -> None:
        order = {"web": 0, "relay": 1, "worker": 2, "worker-bulk": 3}
        for service in sorted(self.services, key=lambda service: order[service.name]):
            if service.process is None:
                continue
            if not service.dead:
                self._end(service, service.process)
            self._forget(service.process)
        self.engines.valkey.stop()
        if self.janitor and self.janitor.stdin:
            self.janitor.stdin.close()
            self.janitor.wait()
        self.engines.stop()
        self.only_one.release()

    def _end(self, service: Service, process: subprocess.Popen[bytes]) -> None:
        # To the main process alone: a signal to the group would end a worker's running task.
        process.terminate()
        try:
            process.wait(service.stop_seconds)
        except subprocess.TimeoutExpired:
            self._say(f"{service.name} did not finish within {service.stop_seconds:.0f} s; ended.")
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    # Commands

    def _manage(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.root / "manage.py"), *arguments]

    def _web_command(self) -> list[str]:
        host = f"[{self.host}]" if ":" in self.host else self.host
        options = ["--bind", f"{host}:{self.port}", "--preload", "--no-control-socket"]
        options += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
        return [sys.executable, "-m", "gunicorn", "outreach.wsgi", *options]

    def _worker_command(self, queues: str, *beat: str) -> list[str]:
        """One process that takes from these queues; that of people alone is never kept waiting."""
        options = ["--queues", queues, "--hostname", f"{queues.split(',')[-1]}@%h", *beat]
        options += ["--concurrency", "1", "--loglevel", "INFO", "--without-mingle"]
        options += ["--without-gossip"]
        return [sys.executable, "-m", "celery", "-A", "outreach", "worker", *options]

    def _log_path(self, name: str) -> Path:
        return self.places.logs / f"{name}.log"

    def _say(self, sentence: str) -> None:
        print(f"{time.strftime('%H:%M:%S')}  {sentence}", flush=True)


def _process_exists(pid: str) -> bool:
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def static_is_stale(root: Path, manifest: Path) -> bool:
    """Whether any static file is newer than the collected ones, which may lie in `.data`."""
    if not manifest.exists():
        return True
    collected = manifest.stat().st_mtime
    sources = [root / "package-lock.json", root / "requirements.txt"]
    sources += [root / "outreach" / "staticfiles.py", *root.glob("[a-z]*/static/**/*")]
    sources += (root / "static").rglob("*")
    return any(source.stat().st_mtime > collected for source in sources if source.exists())
