"""The ids behind the figures, kept compactly: each id once, each list as positions among them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

Kind = Literal["line", "visit", "matter", "household", "unit", "village", "contact_point"]


class Records:
    """What a snapshot being taken has collected."""

    def __init__(self) -> None:
        self._places: dict[str, dict[Any, int]] = {}
        self._lists: dict[str, dict[str, list[int]]] = {}

    def keep(self, kind: Kind, lists: Mapping[str, Sequence[Any]]) -> None:
        """Keep these lists of ids of one kind of record, each under its name."""
        places = self._places.setdefault(kind, {})
        kept = self._lists.setdefault(kind, {})
        for name, ids in lists.items():
            kept[name] = [places.setdefault(pk, len(places)) for pk in ids]

    def frozen(self) -> dict[str, Any]:
        return {
            "records": {kind: list(places) for kind, places in self._places.items()},
            "lists": self._lists,
        }


def frozen_list(snapshot: Mapping[str, Any], name: str) -> tuple[str, list[Any]] | None:
    """(kind of record, ids) of a frozen list; None when the snapshot has no list of this name."""
    for kind, lists in snapshot.get("lists", {}).items():
        if name in lists:
            ids = snapshot["records"][kind]
            return kind, [ids[place] for place in lists[name]]
    return None
