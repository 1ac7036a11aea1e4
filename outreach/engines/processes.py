"""What both engines need: a lock that dies with its process, logs, a plain environment."""

import fcntl
import os
import subprocess
import time
from pathlib import Path
from typing import IO, Any

from outreach.engines.folders import EngineError

START_SECONDS = 60
LOG_BYTES = 5 * 2**20


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


def failure(what: str, log: Path) -> EngineError:
    """What went wrong, with the end of the log that says why."""
    return EngineError(f"{what}. The end of {log}:\n{log_tail(log)}")


def only_logging(log: IO[bytes]) -> dict[str, Any]:
    """Popen arguments of a process that reads nothing and says everything in its log.

    Nothing of the user's locale or PG* variables may reach a server.
    """
    plain = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    return {"env": plain, "stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}


def command_line(pid: str) -> str:
    """The command line of a process, empty when there is none."""
    if Path("/proc/self").exists():
        file = Path("/proc", pid, "cmdline")
        return file.read_bytes().decode(errors="replace") if file.exists() else ""
    found = subprocess.run(["ps", "-o", "command=", "-p", pid], capture_output=True, text=True)
    return found.stdout
