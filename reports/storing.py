"""Files of documents under a name that holds their checksum: whole or not there."""

import hashlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.files.storage import default_storage


def store(folder: str, name: str, kind: str, content: bytes) -> tuple[str, str]:
    """(name in the storage, checksum). The same content under the same name changes nothing."""
    digest = hashlib.sha256(content).hexdigest()
    stored = f"{folder}/{name}-{digest[:12]}.{kind}"
    write_whole(Path(default_storage.path(stored)), content)
    return stored, digest


def write_whole(path: Path, content: bytes) -> None:
    """Write the file so that under its name it is either whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drafts = f".{path.name}-"
    with NamedTemporaryFile(dir=path.parent, prefix=drafts, delete=False) as draft:
        try:
            draft.write(content)
            draft.flush()
            os.fsync(draft.fileno())
            os.replace(draft.name, path)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
    # Of a killed worker; a slow one that lost its lease finds its own gone, and gives up.
    for left in path.parent.glob(f"{drafts}*"):
        left.unlink(missing_ok=True)
