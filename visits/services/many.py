"""Several rows in one action, each by the rule of one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models

from visits.services.errors import NotPossible

Row = TypeVar("Row", bound=models.Model)


@dataclass
class Done(Generic[Row]):
    """What became of the rows: those that were done, and each other one with its sentence."""

    done: list[Row] = field(default_factory=list)
    refused: list[tuple[Row, str]] = field(default_factory=list)


def one_by_one(rows: Iterable[Row], act: Callable[[Row], object], *, refused: str) -> Done[Row]:
    """Act on each row; one that cannot be done leaves the others alone.

    `act` is an atomic service, hence a savepoint of its own. `refused` is said where a row is no
    longer one that the actor may act on.
    """
    told: Done[Row] = Done()
    for row in rows:
        try:
            act(row)
        except PermissionDenied:
            told.refused.append((row, refused))
        except NotPossible as error:
            told.refused.append((row, str(error)))
        except ValidationError as error:
            told.refused.append((row, " ".join(error.messages)))
        else:
            told.done.append(row)
    return told
