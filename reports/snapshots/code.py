"""Which code counted and worded: a report names it, so that a difference can be explained."""

import hashlib
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).parent.parent


@cache
def code_version() -> str:
    """A short hash of the sources of this app: the same text of the code, the same version.

    Not a number that somebody would have to remember to raise, nor one that the installed
    program does not know.
    """
    digest = hashlib.sha256()
    for path in sorted(SOURCES.rglob("*.py")):
        digest.update(str(path.relative_to(SOURCES)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
