"""`manage.py up` as an operator meets it: a page, Ctrl-C, kill -9, a second start."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password

from outreach.demo_accounts import PASSWORD
from outreach.engines import Engines, places
from outreach.management.commands import up as up_command
from outreach.models import User
from outreach.roles import Role
from outreach.supervisor import static_is_stale
from tests import factories as make
from tests.schema import copy_schema

ROOT = Path(__file__).resolve().parent.parent
OF_THE_TEST_RUN = {
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
    "OUTREACH_ENGINES",
    "OUTREACH_HTTPS",
    "REDIS_URL",
    "SECRET_KEY",
}

pytestmark = pytest.mark.slow


class Up:
    """One started `manage.py up`, its output in a file."""

    def __init__(self, data_dir: Path, port: int):
        self.data_dir = data_dir
        self.port = port
        self.output = data_dir / "up.txt"
        environment = {k: v for k, v in os.environ.items() if k not in OF_THE_TEST_RUN}
        environment["OUTREACH_DATA_DIR"] = str(data_dir)
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--no-demo", "--port", str(port)],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
            )

    def await_ready(self) -> None:
        deadline = time.monotonic() + 240
        while "Open http" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def said(self) -> str:
        return self.output.read_text()

    def get(self, path: str) -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder which another user may enter, unlike those of `tmp_path`."""
    path = Path("/tmp", f"outreach-up-{os.getpid()}-{time.monotonic_ns()}")
    path.mkdir(mode=0o755)
    yield path
    subprocess.run(["rm", "-rf", str(path)], check=True)


@pytest.fixture
def migrated(data_dir: Path, db: None) -> None:
    """The database of the folder has its schema already: a first start is tried by one test."""
    engines = Engines(places(data_dir))
    engines.postgres.start()
    copy_schema(engines)
    engines.stop()


@pytest.fixture
def start(data_dir: Path) -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def one(port: int | None = None) -> Up:
        started.append(Up(data_dir, port or free_port()))
        return started[-1]

    yield one
    for up in started:
        if up.process.poll() is None:
            up.end(signal.SIGTERM)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes_of(data_dir: Path) -> dict[int, str]:
    """Every live process which was started for this data directory."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue  # it ended meanwhile
        if os.fsencode(data_dir) in command + environment:
            found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def wait_until_gone(data_dir: Path, seconds: float) -> dict[int, str]:
    deadline = time.monotonic() + seconds
    while (left := processes_of(data_dir)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def child(data_dir: Path, words: str) -> int:
    return min(pid for pid, command in processes_of(data_dir).items() if words in command)


def test_serves_and_stops_on_request(start, data_dir):
    up = start()
    up.await_ready()
    assert up.get("/healthz") == 200
    assert up.get("/readyz") == 200
    assert "Sign-ins" not in up.said()
    assert len(processes_of(data_dir)) > 8
    second = start()
    assert second.process.wait(30) != 0
    assert "Already running" in second.said()
    assert up.end(signal.SIGTERM) == 0, up.said()
    assert wait_until_gone(data_dir, 2) == {}


@pytest.mark.usefixtures("migrated")
def test_a_killed_supervisor_leaves_nothing_and_starts_again(start, data_dir):
    up = start()
    up.await_ready()
    assert up.end(signal.SIGKILL) == -signal.SIGKILL
    again = start(up.port)
    again.await_ready()
    assert again.get("/readyz") == 200
    assert again.end(signal.SIGKILL) == -signal.SIGKILL
    assert wait_until_gone(data_dir, 12) == {}


@pytest.mark.usefixtures("migrated")
def test_what_dies_is_started_again(start, data_dir):
    up = start()
    up.await_ready()
    victims = ["bin/postgres -D", "valkey-server", "gunicorn outreach.wsgi"]
    for words in victims:
        os.kill(child(data_dir, words), signal.SIGKILL)
    deadline = time.monotonic() + 90
    while up.said().count("starting it again") < len(victims):
        assert time.monotonic() < deadline, up.said()
        time.sleep(0.1)
    while True:
        try:
            if up.get("/readyz") == 200:
                break
        except OSError:
            assert time.monotonic() < deadline, up.said()
        time.sleep(0.1)
    assert up.end(signal.SIGINT) == 0, up.said()
    assert wait_until_gone(data_dir, 2) == {}


def test_a_taken_port_is_named(start):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        up = start(other.getsockname()[1])
        assert up.process.wait(30) != 0
    assert "--port" in up.said()


@pytest.mark.django_db
def test_only_sign_ins_that_work_are_shown(monkeypatch, capsys):
    monkeypatch.setattr(up_command.connections, "close_all", lambda: None)
    command = up_command.Command()
    command.greet("0.0.0.0", 8000)
    county = make.county()
    office = make.user(Role.COUNTY, county=county, username="xianban")
    User.objects.filter(pk=office.pk).update(password=make_password(PASSWORD))
    somebody = make.user(Role.ADMIN, county=county, username="admin")
    command.greet("0.0.0.0", 8000)
    empty, loaded = capsys.readouterr().out.split("Open http://localhost:8000/")[1:]
    assert PASSWORD not in empty
    assert "create_account" in empty
    assert "xianban" in loaded
    assert somebody.username not in loaded
    assert "create_account" not in loaded


def test_static_files_are_collected_when_one_is_newer(tmp_path):
    manifest = tmp_path / "staticfiles.json"
    (tmp_path / "static").mkdir()
    style = tmp_path / "static" / "page.css"
    style.write_text("")
    assert static_is_stale(tmp_path, manifest)
    manifest.write_text("{}")
    collected = tmp_path / ".data" / "static" / "page.css"
    collected.parent.mkdir(parents=True)
    collected.write_text("")
    os.utime(collected, (time.time() + 60,) * 2)
    assert not static_is_stale(tmp_path, manifest)
    os.utime(style, (time.time() + 60,) * 2)
    assert static_is_stale(tmp_path, manifest)
