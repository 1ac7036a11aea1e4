"""A list of villages: found by their code, else by township and name; new ones need a code."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_noop

from contact_points.cells import name_of
from contact_points.models import ImportRun, Township, Village
from contact_points.reading.lists import ListRow
from contact_points.services.naming import (
    in_chinese,
    is_community,
    stem,
    township_stem,
    without_county,
)
from contact_points.services.questions import (
    NEW,
    Asks,
    Problem,
    Question,
    remark,
    village_candidates,
)
from contact_points.services.records import Check, Planned, RecordPlanner, check_length

_CODE = re.compile(r"[0-9]{12}")
_NUMBER = re.compile(r"(\d+|\d{1,3}(?:[,，]\d{3})+)(?:\.0+)?[户人口]?")
MOST = 100_000


class VillagePlanner(RecordPlanner):
    twice = gettext_noop("Row %(row)s names this village already.")
    key = "village"

    def __init__(self, run: ImportRun, rows: Sequence[ListRow]):
        super().__init__(run, rows)
        villages = Village.objects.filter(county=run.county_id).select_related("township")
        self._villages = villages.in_bulk()
        self._by_code = {village.code: village for village in self._villages.values()}
        townships = Township.objects.filter(county=run.county_id)
        self._townships = {row.code: row for row in townships}
        self._codes = {name_of(row.name): row.code for row in townships}
        self._namesakes: dict[tuple[str, str], list[Village]] = defaultdict(list)
        for village in self._villages.values():
            self._namesakes[village.township.code, _essence(village.name)].append(village)
        # Code -> the township that a row of this list adds, and the row.
        self._new_townships: dict[str, tuple[Township, int]] = {}

    def decide(self, row: ListRow, check: Check) -> Planned | None:
        sizes = [
            (name, name, check.take(name, whole_number, row, name, MOST))
            for name in ("households_count", "population")
        ]
        check.take("village", check_length, row, "village", Village, "name")
        check.take("township", check_length, row, "township", Township, "name")
        if not check.clear:
            return None
        village = self._find(row)
        if village is None:
            return self._add(row, check, {name: size for name, _field, size in sizes})
        self._look_at_township(row, check, village)
        self.claim(village.code, row)
        return self.change(row, check, village, [self._name(row, check, village), *sizes])

    def _find(self, row: ListRow) -> Village | None:
        """The village that the row is about; None for a new one. Raises Problem, Asks."""
        code = row.get("village_code")
        known = self._by_code.get(code)
        if _CODE.fullmatch(code) and not known:
            return None
        try:
            found = self.registry.village(row.number, row.values, self.answers)
            return self._villages[found.pk]
        except Asks as asks:
            offered = [pk for pk, _label in asks.question.candidates]
            if known and offered == [str(known.pk)]:
                return known  # only its name is another one: it was renamed
            if not offered and not code:
                raise Problem.of(_without_code(asks.question)) from None
            raise

    def _name(self, row: ListRow, check: Check, village: Village) -> tuple[str, str, str]:
        """A village is renamed only where its code says that it is meant."""
        name = self._bare_name(row, village.township)
        code = row.get("village_code")
        if code and code != village.code:
            check.tell(
                "village_code",
                gettext_noop("%(village)s keeps its code %(code)s."),
                village=village.name,
                code=village.code,
            )
        renamed = code == village.code and name and not _means(name, name_of(village.name))
        return "village", "name", name if renamed else ""

    def _bare_name(self, row: ListRow, township: Township) -> str:
        name = without_county(row.get("village"), self.county.name)
        return name.removeprefix(name_of(township.name)) or name

    def _look_at_township(self, row: ListRow, check: Check, village: Village) -> None:
        """Tell, or refuse a row without a name, when the row says another township."""
        named = without_county(row.get("township"), self.county.name)
        official = name_of(village.township.name)
        if not named or named in (official, township_stem(official)):
            return
        if not row.get("village"):
            raise Problem(
                "township",
                gettext_noop("The code is of a village in %(township)s."),
                township=village.township.name,
            )
        sentence = gettext_noop("In the registry it is in %(township)s; that stays.")
        check.tell("township", sentence, township=village.township.name)

    def _add(self, row: ListRow, check: Check, sizes: dict[str, Any]) -> Planned:
        code = row.get("village_code")
        county = self.county
        if not code.startswith(county.code):
            sentence = gettext_noop("The codes of this county begin with %(code)s.")
            raise Problem("village_code", sentence, code=county.code)
        if not row.get("village"):
            raise Problem("village", gettext_noop("A new village needs its name."))
        township = self._township(row, check)
        name = self._bare_name(row, township)
        known = self._namesakes.get((township.code, _essence(name)))
        if known and (meant := self._meant(row, name, known)):
            self.claim(meant.code, row)
            cells = [self._name(row, check, meant), *((n, n, size) for n, size in sizes.items())]
            return self.change(row, check, meant, cells)
        self.claim(code, row)
        village = Village(county=county, township=township, code=code, name=name, **sizes)
        needed = [] if township.pk else [township]
        return self.add(row, check, *needed, village)

    def _meant(self, row: ListRow, name: str, known: list[Village]) -> Village | None:
        """Which of the villages of the same name; None for a new one. Raises Asks."""
        sentence = gettext_noop("%(township)s has a village “%(name)s” with another code.")
        question = Question(
            kind="village",
            column="village",
            value=name,
            context=f"row {row.number}",
            text=sentence,
            params={"township": known[0].township.name, "name": name},
            candidates=[*village_candidates(known), (NEW, gettext_noop("a new village"))],
            others=False,
        )
        told = self.answer_to(question)
        return None if told == NEW else self._villages[int(told)]

    def _township(self, row: ListRow, check: Check) -> Township:
        """The township of a new village's code, new itself when nobody knows its nine digits."""
        code = row.get("village_code")[:9]
        named = without_county(row.get("township"), self.county.name)
        known = self._townships.get(code)
        if known is None:
            return self._new_township(row, check, code, named)
        official = name_of(known.name)
        if named and named not in (official, township_stem(official)):
            sentence = gettext_noop("The code is one of %(township)s.")
            raise Problem("township", sentence, township=known.name)
        return known

    def _new_township(self, row: ListRow, check: Check, code: str, named: str) -> Township:
        if not named:
            sentence = gettext_noop("No township has the code %(code)s. Name the new one.")
            raise Problem("township", sentence, code=code)
        if existing := self._codes.get(named):
            sentence = gettext_noop("%(township)s has the code %(code)s.")
            raise Problem("village_code", sentence, township=named, code=existing)
        fresh = Township(county=self.county, code=code, name=named)
        township, number = self._new_townships.setdefault(code, (fresh, row.number))
        if township.name != named:
            sentence = gettext_noop("Row %(row)s calls the township of this code %(name)s.")
            raise Problem("township", sentence, row=number, name=township.name)
        sentence = gettext_noop("The township %(name)s with the code %(code)s is new.")
        check.tell("township", sentence, name=named, code=code)
        return township


def whole_number(row: ListRow, column: str, most: int) -> int | None:
    """The number in a cell, None for an empty one. Raises Problem."""
    text = row.get(column)
    if not text:
        return None
    match = _NUMBER.fullmatch(text)
    number = int(re.sub(r"[,，]", "", match[1])) if match else most + 1
    if number > most:
        sentence = gettext_noop("“%(text)s” is no whole number from 0 to %(most)s.")
        raise Problem(column, sentence, text=text, most=most)
    return number


def _essence(name: str) -> str:
    """What is equal of two names that mean the same village."""
    return in_chinese(stem(name_of(name))) + ("+" if is_community(name_of(name)) else "")


def _means(name: str, official: str) -> bool:
    """Whether this is the official name, in full or without its ending."""
    bare = in_chinese(name) == in_chinese(stem(official))
    return bare or _essence(name) == _essence(official)


def _without_code(unknown: Question) -> list[dict[str, Any]]:
    needed = gettext_noop("A new village needs its 12-digit code.")
    said = remark(unknown.column, unknown.text, **unknown.params)
    return [said, remark("village_code", needed)]
