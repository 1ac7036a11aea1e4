"""A limit of memory around the reading of a file."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contact_points.reading.files import too_large

# What reading a list may take beside what the process has already.
MEMORY = 2**30


@contextmanager
def limited_memory() -> Iterator[None]:
    """Let the process grow by no more than MEMORY inside. Raises Unreadable.

    For a worker, which is alone in its process: the rest of the machine must not pay for a file.
    """
    before = resource.getrlimit(resource.RLIMIT_AS)
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:  # not Linux
        yield
        return
    limit = pages * resource.getpagesize() + MEMORY
    if before[0] != resource.RLIM_INFINITY:
        limit = min(limit, before[0])
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    except MemoryError:
        too_large()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
