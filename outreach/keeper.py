"""Two small guards that outlive whoever started them, so that not even `kill -9` leaves a mess.

Run as a script with nothing but the standard library, which keeps each at a few megabytes.

`server` runs PostgreSQL for as long as anybody holds a shared lock on the users file. The kernel
drops the locks of a dead process, hence there is no counter to go wrong.

`groups` reads process groups from its standard input and ends those that are left when the input
closes, be it because the supervisor finished or because it was killed.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

PR_SET_PDEATHSIG = 1
SHUTDOWN_SECONDS = 60
GRACE_SECONDS = 5


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """Return a `preexec_fn` that has the kernel send the signal when the parent dies (Linux)."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # the parent died before the kernel was asked
            os._exit(1)

    return ask_kernel


def keep_server(users_lock: str, server_lock: int, owner: str, command: list[str]) -> int:
    """Run the server until its last user is gone, and return its exit code."""
    if os.fork():  # nobody's child: whoever starts it may be gone long before it ends
        return 0
    uid, _, gid = owner.partition(":")
    identity: dict[str, Any] = {}
    if owner:
        identity = {"user": int(uid), "group": int(gid), "extra_groups": []}
    server = subprocess.Popen(
        command,
        # Every server process inherits the lock, so it is free only when the last one is gone.
        pass_fds=[server_lock],
        preexec_fn=die_with_parent(signal.SIGINT),
        cwd="/",
        **identity,
    )

    def stop_after_last_user() -> None:
        with open(users_lock) as users:
            fcntl.flock(users, fcntl.LOCK_EX)
            server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            try:
                server.wait(SHUTDOWN_SECONDS)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)
                server.wait()

    threading.Thread(target=stop_after_last_user, daemon=True).start()
    return server.wait()


def _signal_groups(groups: set[int], number: int) -> set[int]:
    """Signal each group and return those that exist; number 0 only asks."""
    existing = set()
    for group in groups:
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            continue
        existing.add(group)
    return existing


def end_groups() -> int:
    """Follow `+group` and `-group` lines; end what is left when there are no more lines."""
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    groups = _signal_groups(groups, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while groups and time.monotonic() < deadline:
        time.sleep(0.1)
        groups = _signal_groups(groups, 0)
    _signal_groups(groups, signal.SIGKILL)
    return 0


if __name__ == "__main__":
    role, *arguments = sys.argv[1:]
    if role == "server":
        users, server, owner_ids, *server_command = arguments
        sys.exit(keep_server(users, int(server), owner_ids, server_command))
    sys.exit(end_groups())
