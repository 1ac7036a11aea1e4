"""The registry of a county in dictionaries, fetched with five queries, asked by texts."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Self

from django.utils.translation import gettext_noop

from contact_points.cells import name_of
from contact_points.models import ContactPoint, Officer, Township, Unit, Village

# What official names end in and people leave out.
_SUFFIX = re.compile(r"村?(?:村民委员会|居民委员会|村委会|居委会|社区|村)\Z")


class Problem(Exception):
    """Why a row cannot be taken: column, sentence and its values, as they are kept."""

    def __init__(self, column: str, text: str, /, **params: Any):
        super().__init__(text)
        self.remarks = [{"column": column, "text": text, "params": params}]

    @classmethod
    def of(cls, remarks: list[dict[str, Any]]) -> Self:
        problem = cls("", "")
        problem.remarks = remarks
        return problem


def stem(name: str) -> str:
    """A village's name without its official ending; never empty."""
    return _SUFFIX.sub("", name) or name


def similar(name: str, names: Iterable[str], limit: int = 3) -> list[str]:
    """The names that share most pairs of characters with this one, best first."""
    pairs = _pairs(name)
    scored = [(len(pairs & _pairs(other)) / len(pairs | _pairs(other)), other) for other in names]
    return [other for score, other in sorted(scored, key=_best) if score > 0.15][:limit]


def _best(scored: tuple[float, str]) -> tuple[float, str]:
    return -scored[0], scored[1]


def _pairs(text: str) -> set[str]:
    return {text[n : n + 2] for n in range(max(len(text) - 1, 1))}


class Registry:
    """Everything a list can speak of in one county."""

    def __init__(self, county_id: int):
        self._townships: dict[str, Township] = {
            name_of(row.name): row for row in Township.objects.filter(county=county_id)
        }
        self._by_code: dict[str, Village] = {}
        self._by_stem: dict[str, list[Village]] = defaultdict(list)
        villages = Village.objects.filter(county=county_id)
        for village in villages.select_related("township", "merged_into"):
            self._by_code[village.code] = village
            self._by_stem[stem(name_of(village.name))].append(village)
        self._units: dict[str, Unit] = {
            name_of(row.name): row for row in Unit.objects.filter(county=county_id)
        }
        # (unit id, name) -> everybody who ever had that name there
        self.officers: dict[tuple[int, str], list[Officer]] = defaultdict(list)
        for officer in Officer.objects.filter(county=county_id).order_by("id"):
            self.officers[officer.unit_id, name_of(officer.name)].append(officer)
        everybody = {officer.pk: officer for group in self.officers.values() for officer in group}
        # (unit id, village id) -> its contact points by first day
        self.points: dict[tuple[int, int], list[ContactPoint]] = defaultdict(list)
        by_id = {row.pk: row for row in self._by_code.values()}
        units = {row.pk: row for row in self._units.values()}
        for point in ContactPoint.objects.filter(county=county_id).order_by("period", "id"):
            # One object per officer, unit and village: changes are compared by identity.
            point.officer = everybody[point.officer_id]
            point.unit, point.village = units[point.unit_id], by_id[point.village_id]
            self.points[point.unit_id, point.village_id].append(point)
        self._answers: dict[tuple[str, str], str] = {}

    def unit(self, name: str) -> Unit:
        """The unit of exactly this name. Raises Problem."""
        if not name:
            raise Problem("unit", gettext_noop("The unit is missing."))
        if unit := self._units.get(name):
            return unit
        raise self._unknown("unit", name, self._units)

    def village(self, code: str, name: str, township: str) -> Village:
        """The village of this code, else of this name in this township. Raises Problem."""
        if code:
            return self._village_by_code(code, name)
        if not name:
            raise Problem("village", gettext_noop("The village is missing."))
        if township and township not in self._townships:
            raise self._unknown("township", township, self._townships)
        namesakes = [
            village
            for village in self._by_stem.get(stem(name), [])
            if not township or name_of(village.township.name) == township
        ]
        exact = [village for village in namesakes if name_of(village.name) == name]
        found = exact if len(exact) == 1 else namesakes
        if len(found) == 1:
            return found[0]
        if found:
            raise Problem(
                "village",
                gettext_noop("“%(name)s” can be %(candidates)s. Add the township or the code."),
                name=name,
                candidates=" / ".join(map(_place, found)),
            )
        raise self._unknown_village(name, township)

    def _village_by_code(self, code: str, name: str) -> Village:
        if not re.fullmatch(r"[0-9]{12}", code):
            sentence = gettext_noop("“%(code)s” is not a 12-digit village code.")
            raise Problem("village_code", sentence, code=code)
        village = self._by_code.get(code)
        if village is None:
            sentence = gettext_noop("The county has no village with the code %(code)s.")
            raise Problem("village_code", sentence, code=code)
        if name and stem(name) != stem(name_of(village.name)):
            raise Problem(
                "village",
                gettext_noop("The code belongs to %(village)s, the row says “%(name)s”."),
                village=_place(village),
                name=name,
            )
        return village

    def _unknown_village(self, name: str, township: str) -> Problem:
        elsewhere = self._by_stem.get(stem(name), [])
        if elsewhere:
            return Problem(
                "village",
                gettext_noop("%(township)s has no “%(name)s”, but there is %(candidates)s."),
                township=township,
                name=name,
                candidates=" / ".join(map(_place, elsewhere)),
            )
        names = [
            village.name
            for village in self._by_code.values()
            if not township or name_of(village.township.name) == township
        ]
        return self._unknown("village", name, names)

    def _unknown(self, column: str, name: str, names: Iterable[str]) -> Problem:
        if (column, name) not in self._answers:
            self._answers[column, name] = " / ".join(similar(name, names))
        if candidates := self._answers[column, name]:
            sentence = gettext_noop("“%(name)s” is not in the registry. Is it %(candidates)s?")
            return Problem(column, sentence, name=name, candidates=candidates)
        return Problem(column, gettext_noop("“%(name)s” is not in the registry."), name=name)


def _place(village: Village) -> str:
    return f"{village.name}（{village.township.name}）"
