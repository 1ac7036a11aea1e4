"""Who is meant by the names in a row: people of the unit, or somebody new there."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.translation import gettext_noop

from contact_points import models
from contact_points.cells import name_of
from contact_points.reading.lists import ListRow
from contact_points.services.known import Officer, Point, Unit
from contact_points.services.lookup import Registry, bare
from contact_points.services.naming import TITLE
from contact_points.services.questions import NEW, Asks, Problem, Question, remark

_SEVERAL = re.compile(r"[、,，;；/\n]|\s{2,}")
_TELEPHONE = re.compile(r"[0-9+\- ]{5,20}")
_MOBILE = re.compile(r"1[0-9]{10}")
_POST = re.compile(rf".{{0,16}}?{TITLE}")
_BRACKETS = re.compile(r"([^()（）]{2,})[(（]([^()（）]+)[)）]")
_WITH_TELEPHONE = re.compile(r"(\D{2,}?)[:：]?(1\d{10}|0\d{2,3}-?\d{7,8})")
_WITH_POST = re.compile(rf"([\u4e00-\u9fff]{{2,3}}?)({TITLE})")
_NOBODY = re.compile(rf"\S?{TITLE}|待定|未定|待配|暂缺|暂无|空缺|见附\S*|另行\S*|轮流\S*|全体\S*")
# Who is not in the registry yet should at least look like somebody's name.
_NAME = re.compile(
    r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}(?:[(（]\S{1,4}[)）])?"
    r"|[\u3400-\u9fff]+(?:[·•.][\u3400-\u9fff]+)+|[A-Za-z][A-Za-z .'·-]+"
)


def limit(model: Any, name: str) -> int:
    return model._meta.get_field(name).max_length


_LONGEST_NAME, _LONGEST_POST = limit(models.Officer, "name"), limit(models.Officer, "post")


def split(text: str) -> list[str]:
    """The parts of a cell that holds several."""
    return [part.strip() for part in _SEVERAL.split(text) if part.strip()]


class Person(NamedTuple):
    """Somebody as a row names them; `number` is the telephone without spaces and dashes."""

    name: str
    post: str
    telephone: str
    number: str


def persons(row: ListRow) -> tuple[Person, ...]:
    """Everybody the row names, the responsible officer first. Raises Problem.

    Posts and telephones are shared out when the row has one for each; else the first has them.
    """
    return _persons(row.get("officer"), row.get("post"), row.get("telephone"))


@lru_cache(10_000)
def _persons(officer: str, post: str, telephone: str) -> tuple[Person, ...]:
    named = _named(officer)
    if not named:
        raise Problem("officer", gettext_noop("The responsible officer is missing."))
    shared = []
    for text in (post, telephone):
        parts = split(text) if len(named) > 1 else [text]
        shared.append(parts if len(parts) == len(named) else [text, *[""] * (len(named) - 1)])
    found = []
    for (name, own_post, own_telephone), told, number in zip(named, *shared, strict=True):
        number = number or own_telephone
        found.append(Person(name, told or own_post, number, bare(number)))
    for person in found:
        _check(person)
    return tuple(found)


def _named(officer: str) -> list[tuple[str, str, str]]:
    """(name, post, telephone) of everybody in the cell, as far as it says them beside the name."""
    found: dict[str, tuple[str, str, str]] = {}
    for part in split(officer):
        if found and _POST.fullmatch(part):  # 李明 副局长
            name, post, telephone = found.popitem()[1]
            found[name] = name, post or part, telephone
        else:
            person = _particulars(part)
            found.setdefault(person[0], person)
    return list(found.values())


def _particulars(part: str) -> tuple[str, str, str]:
    """王建国（局长） and 刘洋13800000001 in their pieces; anything else is a name."""
    if (match := _BRACKETS.fullmatch(part)) and _POST.fullmatch(match[2]):
        return match[1], match[2], ""
    if match := _WITH_TELEPHONE.fullmatch(part):
        return match[1], "", match[2]
    if match := _WITH_POST.fullmatch(part):
        return match[1], match[2], ""
    return part, "", ""


def _check(person: Person) -> None:
    """What the registry's own fields would refuse. Raises Problem."""
    for column, text, most in (
        ("officer", person.name, _LONGEST_NAME),
        ("post", person.post, _LONGEST_POST),
    ):
        if len(text) > most:
            sentence = gettext_noop("Longer than %(limit)s characters.")
            raise Problem(column, sentence, limit=most)
    if person.telephone and not _TELEPHONE.fullmatch(person.telephone):
        raise Problem("telephone", gettext_noop("A telephone has 5 to 20 digits."))


class People:
    """Finds the officers of a list's rows, and remembers the new ones it names."""

    def __init__(self, registry: Registry, answers: Mapping[str, str]):
        self.registry, self.answers = registry, answers
        self._newcomers: dict[tuple[int, str], Officer] = {}
        # Who was found without regard to who holds the village now.
        self._found: dict[tuple[int, Person, date], Officer] = {}

    def of(
        self, named: Sequence[Person], unit: Unit, start: date, target: Point | None
    ) -> list[Officer]:
        """The responsible officer and the co-officers. Raises Asks."""
        if target is None:
            return self._of_unit(named, unit, start)
        found: list[Officer] = []
        holders = [target.officer, *self.registry.co_officers.get(target.pk, [])]
        for n, person in enumerate(named):
            # Who holds the village now goes before a namesake.
            known = (holders[:1] if n == 0 else holders[1:]) + holders
            found.append(self._one(unit, person, start, known))
        return _each_once(found, named)

    def _of_unit(self, named: Sequence[Person], unit: Unit, start: date) -> list[Officer]:
        found = []
        for person in named:
            key = unit.pk, person, start
            officer = self._found.get(key)
            if officer is None:
                officer = self._found[key] = self._one(unit, person, start, ())
            found.append(officer)
        return _each_once(found, named)

    def _one(self, unit: Unit, person: Person, start: date, holders: Iterable[Officer]) -> Officer:
        name, number = person.name, person.number
        namesakes = self.registry.officers.get((unit.pk, name), [])
        by_telephone = [o for o in namesakes if number and bare(o.telephone) == number]
        if len(by_telephone) == 1:
            return by_telephone[0]
        if holder := next((o for o in holders if name_of(o.name) == name), None):
            return holder
        told = self.answers.get(f"officer|{unit.pk}|{_value(name, person.post, number)}", "")
        if told == NEW:
            return self._new(unit, name)
        meant = self.registry.people.get(int(told)) if told.isdecimal() else None
        if meant and meant.unit is unit:
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
        same_number = self.registry.by_telephone.get((unit.pk, number), [])
        if _MOBILE.fullmatch(number) and same_number:
            text = gettext_noop("%(unit)s knows this telephone under another name than %(name)s.")
            raise _ask(unit, person, text, same_number)
        return self._new(unit, name)

    def _new(self, unit: Unit, name: str) -> Officer:
        key = unit.pk, name
        if not _NAME.fullmatch(name) or _NOBODY.fullmatch(name):
            sentence = gettext_noop(
                "“%(name)s” is not clearly a person's name. Write the name alone."
            )
            raise Problem("officer", sentence, name=name)
        if key not in self._newcomers:
            self._newcomers[key] = Officer(None, unit, name)
        return self._newcomers[key]


def _each_once(found: list[Officer], named: Sequence[Person]) -> list[Officer]:
    """The officers in order; new ones beside the first get the particulars they are named with."""
    once = found[:1]
    for officer, person in zip(found[1:], named[1:], strict=True):
        if officer.pk is None:
            officer.post = officer.post or person.post
            officer.telephone = officer.telephone or person.telephone
        if officer not in once:
            once.append(officer)
    return once


def _value(name: str, post: str, telephone: str) -> str:
    return " ".join(filter(None, (name, post, telephone)))


def _ask(unit: Unit, person: Person, text: str, found: list[Officer], **params: Any) -> Asks:
    # Who has the post that the row names stands first.
    found = sorted(found, key=lambda officer: (officer.post != person.post, officer.pk))
    candidates = [(str(o.pk), _value(o.name, o.post, o.telephone)) for o in found]
    return Asks(
        Question(
            kind="officer",
            column="officer",
            value=_value(person.name, person.post, person.number),
            context=str(unit.pk),
            text=text,
            params={"unit": unit.name, "name": person.name, **params},
            candidates=[*candidates, (NEW, gettext_noop("somebody new"))],
            others=False,
        )
    )


def newcomers(people: list[Officer]) -> list[dict[str, Any]]:
    """A remark for each person who is not in the registry yet."""
    text = gettext_noop("%(name)s is new in the unit.")
    return [remark("officer", text, name=officer.name) for officer in people if officer.pk is None]


def spelled(people: Iterable[Officer]) -> str:
    """Their names as a list writes them."""
    return "、".join(officer.name for officer in people)
