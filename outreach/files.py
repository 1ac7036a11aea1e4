"""Files of rows: kept under names that say nothing, and never without their row."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction


def keep(field: Any, kind: str, content: bytes) -> None:
    """Store the content; it is on the disk before the row says that it is there."""
    field.save(f"{uuid4().hex}.{kind}", ContentFile(content), save=False)
    with field.storage.open(field.name) as file:
        os.fsync(file.fileno())


def delete(*fields: Any) -> None:
    """Delete what the fields hold."""
    for field in fields:
        if field:
            field.storage.delete(field.name)


def delete_on_commit(*fields: Any) -> None:
    """Delete the files once their rows are gone for certain."""
    held = [(field.storage, field.name) for field in fields if field]

    def gone() -> None:
        for storage, name in held:
            storage.delete(name)

    transaction.on_commit(gone)


@contextmanager
def none_without_row(*fields: Any) -> Iterator[None]:
    """Files whose row was not written do not stay."""
    try:
        yield
    except BaseException:
        delete(*fields)
        raise
