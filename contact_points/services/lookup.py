"""The registry of a county in dictionaries, fetched with few queries, asked by texts.

Nothing is guessed: a text means what it names exactly, what a person once said it means, or the
one thing whose official name differs in nothing but its ending. Anything else is a question.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_noop

from contact_points import models
from contact_points.cells import name_of
from contact_points.services.known import Officer, Point, Township, Unit, Village
from contact_points.services.naming import (
    TITLE,
    Near,
    UnitNames,
    in_chinese,
    is_community,
    stem,
    township_stem,
    without_county,
)
from contact_points.services.questions import (
    Asks,
    Problem,
    Question,
    place,
    village_candidates,
)

_TITLE = re.compile(TITLE)
_CODE = re.compile(r"[0-9]{12}")
# Names longer than this are no names; an alias must hold them.
LONGEST = 100
# A list with more unknown texts than this is the wrong list: they are asked without proposals.
_SEARCHES = 500


class Ambiguous(Exception):
    """Several villages fit the row's texts; which one is told per row."""

    def __init__(self, text: str, value: str, found: Iterable[Village], **params: Any):
        super().__init__(text)
        self.text, self.value, self.found, self.params = text, value, list(found), params


class Registry:
    """Everything a list can speak of in one county."""

    def __init__(self, county_id: int):
        self.county_id = county_id
        # Of everything that is loaded: equal hashes are equal registries.
        self._sha256 = hashlib.sha256()
        ((self.county,),) = self._rows(models.County.objects.filter(pk=county_id), "name")
        self._load_places()
        self._load_units()
        self._load_aliases()
        self._load_people()
        self._load_points()
        self._resolved: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._near: dict[Any, Near] = {}
        self._searched: dict[tuple[Any, str], list[str]] = {}

    @property
    def sha256(self) -> str:
        """The hash of all that a list's rows are compared with."""
        return self._sha256.hexdigest()

    def _rows(self, rows: Any, *columns: Any, order: str = "pk") -> list[Any]:
        found = list(rows.order_by(order, "pk").values_list(*columns))
        self._sha256.update(repr(found).encode())
        return found

    def _own(self, model: Any, *columns: Any, order: str = "pk") -> list[Any]:
        return self._rows(model.objects.filter(county=self.county_id), *columns, order=order)

    def _load_places(self) -> None:
        found = self._own(models.Township, "pk", "name")
        townships = {pk: Township(pk, name) for pk, name in found}
        self.townships = {name_of(row.name): row for row in townships.values()}
        self._township_stems: dict[str, list[Township]] = defaultdict(list)
        for name, township in self.townships.items():
            self._township_stems[township_stem(name)].append(township)
        # Longest first: 苏家营镇 is not 苏家.
        self._prefixes = sorted(self.townships, key=len, reverse=True)
        self.villages: dict[int, Village] = {}
        self._by_code: dict[str, Village] = {}
        # village id -> its name without strays
        self._called: dict[int, str] = {}
        # name without its ending, and that in one township
        self._by_stem: dict[str, list[Village]] = defaultdict(list)
        self._in_township: dict[tuple[int, str], list[Village]] = defaultdict(list)
        columns = ("pk", "code", "name", "township", "merged_into__name")
        for pk, code, name, township_id, merged in self._own(
            models.Village, *columns, order="code"
        ):
            village = Village(pk, code, name, townships[township_id], merged)
            self.villages[pk] = self._by_code[code] = village
            called = self._called[pk] = name_of(name)
            bare_name = stem(called)
            self._by_stem[bare_name].append(village)
            self._in_township[township_id, bare_name].append(village)

    def _load_units(self) -> None:
        self._names = UnitNames(self.county)
        self.units = {pk: Unit(pk, name) for pk, name in self._own(models.Unit, "pk", "name")}
        self._units = {name_of(unit.name): unit for unit in self.units.values()}
        self._unit_forms: dict[str, list[Unit]] = defaultdict(list)
        for name, unit in self._units.items():
            for form in self._names.forms(name):
                self._unit_forms[form].append(unit)

    def _load_aliases(self) -> None:
        # (kind, township id or None, text) -> what is meant
        self.aliases: dict[tuple[str, int | None, str], Any] = {}
        townships = {row.pk: row for row in self.townships.values()}
        columns = ("kind", "context", "text", "township", "village", "unit")
        named = models.Alias.objects.filter(county=self.county_id).exclude(kind="header")
        for kind, context, text, township, village, unit in self._rows(named, *columns):
            target = (
                townships.get(township or 0)
                or self.villages.get(village or 0)
                or self.units.get(unit or 0)
            )
            if target:
                self.aliases[kind, context, text] = target

    def _load_people(self) -> None:
        # (unit id, name) -> everybody who ever had that name there
        self.officers: dict[tuple[int, str], list[Officer]] = defaultdict(list)
        self.by_telephone: dict[tuple[int, str], list[Officer]] = defaultdict(list)
        self.people: dict[int, Officer] = {}
        columns = ("pk", "unit", "name", "post", "telephone", "left_on")
        for pk, unit, *facts in self._own(models.Officer, *columns):
            officer = self.people[pk] = Officer(pk, self.units[unit], *facts)
            self.officers[unit, name_of(officer.name)].append(officer)
            if officer.telephone:
                self.by_telephone[unit, bare(officer.telephone)].append(officer)

    def _load_points(self) -> None:
        # contact point id -> whom it names beside the responsible officer
        self.co_officers: dict[int, list[Officer]] = defaultdict(list)
        pairs = models.ContactPoint.co_officers.through.objects.filter(
            contactpoint__county=self.county_id
        )
        for point, officer in self._rows(pairs, "contactpoint", "officer"):
            self.co_officers[point].append(self.people[officer])
        # (unit id, village id) -> its contact points by first day
        self.points: dict[tuple[int, int], list[Point]] = defaultdict(list)
        columns = ("pk", "unit", "village", "officer", "note", Cast("period", TextField()))
        for pk, unit, village, officer, note, days in self._own(
            models.ContactPoint, *columns, order="period"
        ):
            parts = self.units[unit], self.villages[village], self.people[officer]
            self.points[unit, village].append(Point(pk, *parts, _period(days), note))

    def point(self, pk: int) -> Point:
        """The contact point of this id."""
        return self._points_by_id[pk]

    @cached_property
    def _points_by_id(self) -> dict[int, Point]:
        return {point.pk: point for points in self.points.values() for point in points}

    def unit(self, name: str) -> Unit:
        """The unit that this text names, in full, shortened, or as it was told. Raises."""
        return self._once(self._unit, name)

    def _unit(self, name: str) -> Unit:
        if not name:
            raise Problem("unit", gettext_noop("The unit is missing."))
        _check_length("unit", name)
        if unit := self._units.get(name):
            return unit
        found: dict[int, Unit] = {}
        for written in self._names.written(name):
            if forms := self._unit_forms.get(written):
                found = {unit.pk: unit for unit in forms}
                break
        if alias := self.aliases.get(("unit", None, name)):
            found = {alias.pk: alias}
        if len(found) == 1:
            return next(iter(found.values()))
        units = list(found.values()) or [
            self._unit_forms[form][0] for form in self._search("unit", name, self._unit_forms)
        ]
        named = {str(unit.pk): unit.name for unit in units}
        raise Asks(_question("unit", name, "", list(named.items())))

    def unit_of_post(self, post: str) -> Unit:
        """The unit that a post begins with, 县农业农村局局长, or as it was told. Raises."""
        return self._once(self._unit_of_post, post)

    def _unit_of_post(self, post: str) -> Unit:
        _check_length("post", post)
        if told := self.aliases.get(("unit", None, post)):
            return told
        text = self._names.plain(post)
        for end in range(len(text) - 1, 1, -1):
            units = self._unit_forms.get(text[:end], [])
            if len(units) == 1 and _TITLE.fullmatch(text[end:]):
                return units[0]
        near = [self._unit_forms[form][0] for form in self._search("unit", post, self._unit_forms)]
        question = _question("unit", post, "", list({str(u.pk): u.name for u in near}.items()))
        question.text = gettext_noop("Of which unit is “%(name)s”?")
        raise Asks(question)

    def township(self, name: str) -> Township:
        """The township that this text names. Raises."""
        return self._once(self._township, name)

    def _township(self, name: str) -> Township:
        text = without_county(name, self.county)
        if found := self.townships.get(text) or self.aliases.get(("township", None, text)):
            return found
        # Without its ending: a 乡 that became a 镇 is asked, the bare name is not.
        bare_name = self._township_stems.get(text, [])
        if len(bare_name) == 1:
            return bare_name[0]
        near = self._search("township", text, self.townships)
        candidates = [(str(row.pk), row.name) for row in map(self.townships.__getitem__, near)]
        raise Asks(_question("township", text, "", candidates))

    def village(self, row: int, cells: Mapping[str, str], answers: Mapping[str, str]) -> Village:
        """The village of this code, else of this name in this township. Raises.

        `answers` holds what was told of single rows.
        """
        get = cells.get
        texts = get("village_code", ""), get("village", ""), get("township", "")
        try:
            return self._once(self._village, *texts)
        except Ambiguous as several:
            question = Question(
                kind="village",
                column="village",
                value=several.value,
                context=f"row {row}",
                text=several.text,
                params=several.params,
                candidates=village_candidates(several.found),
                others=False,
            )
            told = answers.get(question.key, "")
            if told.isdecimal() and int(told) in self.villages:
                return self.villages[int(told)]
            raise Asks(question) from several

    def _village(self, code: str, name: str, township: str) -> Village:
        _check_length("village", name)
        _check_length("township", township)
        if code:
            return self._village_by_code(code, name, township)
        if not name:
            raise Problem("village", gettext_noop("The village is missing."))
        inside = self.township(township) if township else None
        for text in dict.fromkeys((name, without_county(name, self.county))):
            if found := self._named(text, inside):
                return self._only(found, text)
        name = without_county(name, self.county)
        prefix = next((p for p in self._prefixes if name.startswith(p) and name != p), "")
        if prefix:
            return self._village_below(prefix, name, inside)
        raise self._unknown_village(name, inside)

    def _village_below(self, prefix: str, name: str, inside: Township | None) -> Village:
        """A cell that names the township before the village."""
        rest, named = name.removeprefix(prefix), self.townships[prefix]
        found = self._named(rest, named)
        if inside and inside != named:
            elsewhere = self._named(rest, inside)
            sentence = gettext_noop("The row names two townships, %(one)s and %(other)s.")
            both = [*found, *elsewhere]
            if not both:
                raise Problem("village", sentence, one=inside.name, other=named.name)
            raise Ambiguous(sentence, name, both, one=inside.name, other=named.name)
        if found:
            return self._only(found, rest)
        raise self._unknown_village(rest, named)

    def _named(self, name: str, inside: Township | None) -> list[Village]:
        """The villages that this name can mean: exactly, as it was told, or but for its ending."""
        bare_name = stem(name)
        if inside:
            same = self._in_township.get((inside.pk, bare_name), [])
        else:
            same = self._by_stem.get(bare_name, [])
        exact = [village for village in same if self._called[village.pk] == name]
        kind = [v for v in same if is_community(self._called[v.pk]) == is_community(name)]
        if len(exact) == 1 and len(kind) == 1:
            return exact
        told = self.aliases.get(("village", inside.pk if inside else None, bare_name))
        return [*same, *([told] if told and told not in same else [])]

    def _only(self, found: list[Village], name: str) -> Village:
        if len(found) == 1:
            return found[0]
        sentence = gettext_noop("“%(name)s” can be %(count)s villages.")
        raise Ambiguous(sentence, name, found, name=name, count=len(found))

    def _village_by_code(self, code: str, name: str, township: str) -> Village:
        if not _CODE.fullmatch(code):
            sentence = gettext_noop("“%(code)s” is not a 12-digit village code.")
            raise Problem("village_code", sentence, code=code)
        village = self._by_code.get(code)
        if village is None:
            sentence = gettext_noop("The county has no village with the code %(code)s.")
            raise Problem("village_code", sentence, code=code)
        # A village may itself be called after its county or township: the whole text goes first.
        without = without_county(name, self.county)
        bare_name = without.removeprefix(name_of(village.township.name)) or without
        told = self.aliases.get(("village", village.township.pk, stem(bare_name)))
        agrees = told is village or any(
            not text or _same(text, name_of(village.name)) for text in (name, without, bare_name)
        )
        if agrees and not self._namesake_in(village, township):
            return village
        others = [v for v in self._named(bare_name, None) if v is not village] if name else []
        raise Ambiguous(
            gettext_noop("The code belongs to %(village)s, the row says “%(name)s”."),
            name,
            [village, *others],
            village=place(village),
            name=name,
        )

    def _namesake_in(self, village: Village, township: str) -> bool:
        """Whether the township that the row names, another than the code's, has one so called."""
        named = self.townships.get(without_county(township, self.county))
        return any(
            other.township is named and named is not village.township
            for other in self._by_stem[stem(name_of(village.name))]
        )

    def _unknown_village(self, name: str, inside: Township | None) -> Asks:
        if not inside:
            near = self._search(("village", None), stem(name), self._by_stem)
            return self._ask_village(name, None, [v for s in near for v in self._by_stem[s]])
        stems: dict[str, list[Village]] = defaultdict(list)
        if ("village", inside.pk) not in self._near:
            for village in self.villages.values():
                if village.township.pk == inside.pk:
                    stems[stem(name_of(village.name))].append(village)
        near = self._search(("village", inside.pk), stem(name), stems)
        found = [v for s in near for v in self._by_stem[s] if v.township.pk == inside.pk]
        return self._ask_village(name, inside, [*found, *self._by_stem.get(stem(name), [])])

    def _ask_village(self, name: str, inside: Township | None, found: list[Village]) -> Asks:
        question = _question(
            "village", stem(name), str(inside.pk) if inside else "", village_candidates(found)
        )
        if inside:
            question.text = gettext_noop("%(township)s has no village “%(name)s”.")
            question.params["township"] = inside.name
            question.within = inside.pk
        question.params["name"] = name
        return Asks(question)

    def _search(self, kind: Any, text: str, names: Iterable[str]) -> list[str]:
        if (kind, text) not in self._searched:
            if len(self._searched) >= _SEARCHES:
                return []
            near = self._near.get(kind) or self._near.setdefault(kind, Near(names))
            self._searched[kind, text] = near.find(text)
        return self._searched[kind, text]

    def _once(self, find: Callable[..., Any], *texts: str) -> Any:
        """What `find` finds or raises, the same for every row that says the same."""
        key = find.__name__, texts
        found = self._resolved.get(key)
        if found is None:
            try:
                found = find(*texts)
            except (Problem, Asks, Ambiguous) as refusal:
                found = refusal
            self._resolved[key] = found
        if isinstance(found, Exception):
            raise found.with_traceback(None)
        return found


@lru_cache(1000)
def _period(text: str) -> DateRange:
    """One object for all contact points that share their days."""
    first, end = text[1:-1].split(",")
    return DateRange(date.fromisoformat(first), date.fromisoformat(end) if end else None)


def bare(telephone: str) -> str:
    """A telephone without spaces and dashes."""
    return telephone if not telephone or telephone.isdecimal() else re.sub(r"[\s-]", "", telephone)


def _check_length(column: str, text: str) -> None:
    if len(text) > LONGEST:
        raise Problem(column, gettext_noop("Longer than %(limit)s characters."), limit=LONGEST)


def _same(name: str, official: str) -> bool:
    return in_chinese(stem(name)) == in_chinese(stem(official))


def _question(kind: str, value: str, context: str, candidates: list[tuple[str, str]]) -> Question:
    return Question(
        kind=kind,
        column=kind,
        value=value,
        context=context,
        text=gettext_noop("“%(name)s” is not in the registry."),
        params={"name": value},
        candidates=candidates,
    )
