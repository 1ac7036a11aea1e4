"""One verb for each step of the story; the other modules here say what each does."""

from functools import singledispatch
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from outreach.management.demo.player import Player


@singledispatch
def do(step: Any, player: "Player") -> None:
    """Carry out one step of the story through the services."""
    raise NotImplementedError(step)
