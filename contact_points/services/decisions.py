"""What a previewed row writes, kept as ids: applying it need not decide it a second time.

Good for the registry it was decided by, which `Registry.sha256` tells, and for no other.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from contact_points.models import ImportRow
from contact_points.reading.lists import ListRow
from contact_points.services.known import Officer
from contact_points.services.lookup import Registry
from contact_points.services.planning import PlannedRow
from outreach import copying

PARTICULARS = ("post", "telephone")
_encode = copying.encoder()
_decode = json.JSONDecoder().raw_decode


def kept(p: PlannedRow) -> str:
    """What the row writes; empty when it writes nothing."""
    if p.outcome not in ImportRow.WRITING:
        return ""
    assert p.unit and p.village and p.officer and p.first_day
    return _encode(
        [
            p.unit.pk,
            p.village.pk,
            _person(p.officer),
            [_person(officer) for officer in p.co_officers],
            p.target and p.target.pk,
            p.hands_over,
            p.first_day.isoformat(),
            p.last_day and p.last_day.isoformat(),
            p.note,
            [change for change in p.changes if change[0] in PARTICULARS],
        ]
    )


def _person(officer: Officer) -> Any:
    if officer.pk is not None:
        return officer.pk
    return [officer.unit.pk, officer.name, officer.post, officer.telephone]


def restored(rows: Iterable[tuple[int, str, str]], registry: Registry) -> Iterator[PlannedRow]:
    """The rows that write, from (number, outcome, what `kept` told of it)."""
    newcomers: dict[tuple[int, str], Officer] = {}
    days: dict[str, date] = {}

    def person(told: Any) -> Officer:
        if isinstance(told, int):
            return registry.people[told]
        unit, name, post, telephone = told
        new = Officer(None, registry.units[unit], name, post, telephone)
        return newcomers.setdefault((unit, name), new)

    def day(text: str) -> date:
        return days.get(text) or days.setdefault(text, date.fromisoformat(text))

    for number, outcome, text in rows:
        unit, village, officer, others, target, hands_over, first, last, note, changes = _decode(
            text
        )[0]
        yield PlannedRow(
            ListRow(number, {}),
            outcome,
            changes=changes,
            unit=registry.units[unit],
            village=registry.villages[village],
            officer=person(officer),
            co_officers=[person(other) for other in others],
            target=registry.point(target) if target else None,
            hands_over=hands_over,
            first_day=day(first),
            last_day=day(last) if last else None,
            note=note,
        )
