"""Whose row it is: the plan's villages by code, by name, or by what people call them for short."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_noop

from contact_points.cells import name_of, person_of
from contact_points.models import Alias, ContactPoint, Village
from contact_points.services.naming import (
    in_chinese,
    is_community,
    stem,
    township_stem,
    without_county,
)
from visits.loading.refusal import Refused


class Villages:
    """The contact points of one plan, asked by the texts of a row. Raises Refused."""

    def __init__(self, county: str, points: Iterable[ContactPoint], officers: Mapping[int, str]):
        self._county = county
        # officer id -> the name that the sheet has.
        self._officers = officers
        self._points: dict[Village, list[ContactPoint]] = defaultdict(list)
        for point in points:
            self._points[point.village].append(point)
        self._by_code = {village.code: village for village in self._points}
        self._by_name: dict[str, list[Village]] = defaultdict(list)
        for village in self._points:
            self._by_name[_short(village.name)].append(village)
        told = Alias.objects.filter(kind=Alias.Kind.VILLAGE, village__in=self._points)
        for text, pk in told.values_list("text", "village"):
            village = next(village for village in self._points if village.pk == pk)
            if village not in self._by_name[_short(text)]:
                self._by_name[_short(text)].append(village)

    def points(self, row: Mapping[str, str]) -> list[ContactPoint]:
        """The contact points the row is of: several, where the unit began anew in its village."""
        village = self._village(
            row.get("village_code", ""), row.get("village", ""), row.get("township", "")
        )
        points, officer = self._points[village], person_of(row.get("officer", ""))
        own = [p for p in points if person_of(self._officers[p.officer_id]) == officer]
        return own if len(own) == 1 else points

    def _village(self, code: str, name: str, township: str) -> Village:
        if not code and not name:
            raise Refused(gettext_noop("The village is missing."))
        named = self._named(name, township) if name else []
        if not code:
            return self._only(named, name)
        village = self._by_code.get(code)
        if village is None:
            raise Refused(
                gettext_noop("Your plan has no village with the code %(code)s."), code=code
            )
        if name and village not in named:
            raise Refused(
                gettext_noop("The code belongs to %(village)s, the row says “%(name)s”."),
                village=village.name,
                name=name,
            )
        return village

    def _only(self, named: list[Village], name: str) -> Village:
        if len(named) == 1:
            return named[0]
        if not named:
            raise Refused(gettext_noop("“%(name)s” is no village of your plan."), name=name[:100])
        raise Refused(
            gettext_noop("“%(name)s” can be several villages. Write the code or the township."),
            name=name[:100],
        )

    def _named(self, name: str, township: str) -> list[Village]:
        text = without_county(name_of(name), self._county)
        for village in self._points:
            prefix = name_of(village.township.name)
            if text.startswith(prefix) and text != prefix and not self._by_name.get(_short(text)):
                text, township = text.removeprefix(prefix), prefix
                break
        found = self._by_name.get(_short(text), [])
        if township:
            wanted = township_stem(without_county(name_of(township), self._county))
            found = [v for v in found if township_stem(name_of(v.township.name)) == wanted]
        if len(found) < 2:
            return found
        exact = [village for village in found if name_of(village.name) == text]
        same = [v for v in found if is_community(name_of(v.name)) == is_community(text)]
        return exact if len(exact) == 1 else same if len(same) == 1 else found


def _short(name: str) -> str:
    return in_chinese(stem(name_of(name)))
