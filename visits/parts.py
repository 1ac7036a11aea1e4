"""What arrived of a photo so far: a file that only grows, so that whatever stops in the middle, the
phone or the server, goes on where it was.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

# A phone that was a week in a pocket still finds its half-sent photo.
KEPT_FOR = timedelta(days=14)


class Part:
    """The bytes that arrived, held by this process alone."""

    def __init__(self, path: Path, handle: int):
        self._path, self._handle = path, handle

    @property
    def received(self) -> int:
        """How many bytes; nothing but the file itself says so."""
        return os.fstat(self._handle).st_size

    def append(self, chunk: bytes) -> None:
        """Add bytes; they are on the disk when this returns."""
        view = memoryview(chunk)
        while view:
            view = view[os.write(self._handle, view) :]
        os.fsync(self._handle)

    def read(self) -> bytes:
        return self._path.read_bytes()

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "photo-parts"


def _path(visit_id: UUID, sha256: str) -> Path:
    return _folder() / f"{visit_id}-{sha256}"


def received(visit_id: UUID, sha256: str) -> int:
    """How many bytes of the photo are here."""
    try:
        return _path(visit_id, sha256).stat().st_size
    except FileNotFoundError:
        return 0


@contextmanager
def hold(visit_id: UUID, sha256: str) -> Iterator[Part]:
    """The photo's part, waited for: the same photo sent by two at once is written by one."""
    path = _path(visit_id, sha256)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = _locked(path)
    try:
        yield Part(path, handle)
    finally:
        os.close(handle)


def _locked(path: Path) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        except FileNotFoundError:
            pass  # whoever held it before was done with it
        os.close(handle)


def forget_old() -> int:
    """Delete what nobody went on with; returns how many."""
    # Files bear the time of the machine, whatever the programme's clock shows.
    before = time.time() - KEPT_FOR.total_seconds()
    old = [path for path in _folder().glob("*") if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
