"""What stops a service, each with the sentence a person reads."""

from typing import Any


class StaleVersion(Exception):
    """Somebody saved the row first; `current` is what it holds now."""

    def __init__(self, current: Any):
        super().__init__("saved by somebody else in the meantime")
        self.current = current


class NotPossible(Exception):
    """The row is not in a state that allows this; nothing was changed. Text is translated."""
