"""Who is meant by the names in a row: people of the unit, or somebody new there."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_noop

from contact_points.cells import name_of
from contact_points.models import ContactPoint, Officer, Unit
from contact_points.reading.lists import ListRow
from contact_points.services.lookup import Registry, bare
from contact_points.services.questions import NEW, Asks, Problem, Question, remark

_SEVERAL = re.compile(r"[、,，;；/\n]|\s{2,}")
_TELEPHONE = re.compile(r"[0-9+\- ]{5,20}")
_MOBILE = re.compile(r"1[0-9]{10}")


def limit(model: Any, name: str) -> int:
    return model._meta.get_field(name).max_length


def split(text: str) -> list[str]:
    """The parts of a cell that holds several."""
    return [part.strip() for part in _SEVERAL.split(text) if part.strip()]


def persons(row: ListRow) -> list[tuple[str, str, str]]:
    """(name, post, telephone) of everybody the row names, the responsible officer first.

    Posts and telephones are shared out when the row has one for each; else the first has them.
    """
    return _persons(row.get("officer"), row.get("post"), row.get("telephone"))


@lru_cache(1000)
def _persons(officer: str, *particulars: str) -> list[tuple[str, str, str]]:
    names = list(dict.fromkeys(split(officer)))
    if len(names) < 2:
        return [(name, *particulars) for name in names]  # type: ignore[misc]
    shared = []
    for text in particulars:
        parts = split(text)
        shared.append(parts if len(parts) == len(names) else [text, *[""] * (len(names) - 1)])
    return list(zip(names, *shared, strict=True))


def check_persons(row: ListRow) -> None:
    """What the registry's own fields would refuse. Raises Problem."""
    people = persons(row)
    if not people:
        raise Problem("officer", gettext_noop("The responsible officer is missing."))
    for name, post, telephone in people:
        for column, text in (("officer", name), ("post", post)):
            most = limit(Officer, "name" if column == "officer" else column)
            if len(text) > most:
                sentence = gettext_noop("Longer than %(limit)s characters.")
                raise Problem(column, sentence, limit=most)
        if telephone and not _TELEPHONE.fullmatch(telephone):
            raise Problem("telephone", gettext_noop("A telephone has 5 to 20 digits."))


class People:
    """Finds the officers of a list's rows, and remembers the new ones it names."""

    def __init__(self, registry: Registry, answers: Mapping[str, str]):
        self.registry, self.answers = registry, answers
        self._newcomers: dict[tuple[int, str], Officer] = {}

    def of(
        self, row: ListRow, unit: Unit, start: date, target: ContactPoint | None
    ) -> list[Officer]:
        """The responsible officer and the co-officers of the row. Raises Asks."""
        found: list[Officer] = []
        holders = [target.officer, *self.registry.co_officers.get(target.pk, [])] if target else []
        for n, (name, post, telephone) in enumerate(persons(row)):
            # Who holds the village now goes before a namesake.
            known = (holders[:1] if n == 0 else holders[1:]) + holders
            officer = self._one(unit, (name, post, bare(telephone)), start, known)
            if n and officer.pk is None:
                officer.post = officer.post or post
                officer.telephone = officer.telephone or telephone
            if officer not in found:
                found.append(officer)
        return found

    def _one(
        self, unit: Unit, person: tuple[str, str, str], start: date, holders: list[Officer]
    ) -> Officer:
        name, _post, telephone = person
        namesakes = self.registry.officers.get((unit.pk, name), [])
        by_telephone = [o for o in namesakes if telephone and bare(o.telephone) == telephone]
        if len(by_telephone) == 1:
            return by_telephone[0]
        if holder := next((o for o in holders if name_of(o.name) == name), None):
            return holder
        told = self.answers.get(f"officer|{unit.pk}|{_value(*person)}", "")
        if told == NEW:
            return self._new(unit, name)
        meant = self.registry.people.get(int(told)) if told.isdecimal() else None
        if meant and meant.unit_id == unit.pk:
            return meant
        serving = [o for o in namesakes if o.left_on is None or o.left_on >= start]
        if len(serving) > 1:
            text = gettext_noop("%(unit)s has %(count)s people named %(name)s.")
            raise _ask(unit, person, text, serving, count=len(serving))
        if serving:
            return serving[0]
        if namesakes:
            day = max(o.left_on for o in namesakes if o.left_on).isoformat()
            text = gettext_noop("%(name)s left %(unit)s on %(day)s.")
            raise _ask(unit, person, text, namesakes, day=day)
        same_number = self.registry.by_telephone.get((unit.pk, telephone), [])
        if _MOBILE.fullmatch(telephone) and same_number:
            text = gettext_noop("%(unit)s knows this telephone under another name than %(name)s.")
            raise _ask(unit, person, text, same_number)
        return self._new(unit, name)

    def _new(self, unit: Unit, name: str) -> Officer:
        key = unit.pk, name
        if key not in self._newcomers:
            self._newcomers[key] = Officer(county_id=unit.county_id, unit=unit, name=name)
        return self._newcomers[key]


def _value(name: str, post: str, telephone: str) -> str:
    return " ".join(filter(None, (name, post, telephone)))


def _ask(
    unit: Unit, person: tuple[str, str, str], text: str, found: list[Officer], **params: Any
) -> Asks:
    # Who has the post that the row names stands first.
    found = sorted(found, key=lambda officer: (officer.post != person[1], officer.pk))
    candidates = [(str(o.pk), _value(o.name, o.post, o.telephone)) for o in found]
    return Asks(
        Question(
            kind="officer",
            column="officer",
            value=_value(*person),
            context=str(unit.pk),
            text=text,
            params={"unit": unit.name, "name": person[0], **params},
            candidates=[*candidates, (NEW, gettext_noop("somebody new"))],
            others=False,
        )
    )


def newcomers(people: list[Officer]) -> list[dict[str, Any]]:
    """A remark for each person who is not in the registry yet."""
    text = gettext_noop("%(name)s is new in the unit.")
    return [remark("officer", text, name=officer.name) for officer in people if officer.pk is None]


def spelled(people: list[Officer]) -> str:
    """Their names as a list writes them."""
    return "、".join(officer.name for officer in people)
