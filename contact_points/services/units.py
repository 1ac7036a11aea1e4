"""A list of units: found by their name or its usual short form; a near miss asks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from unicodedata import normalize

from django.utils.translation import gettext_noop

from contact_points.cells import name_of
from contact_points.models import Alias, ImportRun, Township, Unit
from contact_points.reading.lists import ListRow
from contact_points.services.naming import UnitNames, likeness
from contact_points.services.questions import NEW, Asks, Problem, Question
from contact_points.services.records import Check, Planned, RecordPlanner, check_length
from contact_points.services.villages import whole_number

Kind = Unit.Kind
# The first word is the one that our own lists write.
WORDS: Mapping[str, tuple[str, ...]] = {
    Kind.LEADING_BODY: (
        *("四大班子", "县四大班子", "县领导班子", "领导班子", "县级领导班子", "县级领导"),
        *("县领导", "县四套班子", "四套班子"),
    ),
    Kind.TOWNSHIP: (
        *("乡镇", "乡(镇)", "镇", "乡", "街道", "乡镇街道", "乡镇(街道)", "乡镇、街道"),
        *("乡镇办", "街道办事处", "乡镇单位"),
    ),
    Kind.PARTY_DEPARTMENT: (
        *("党委部门", "县委部门", "党委", "党委工作部门", "县委工作部门", "县委直属部门"),
        *("党的部门", "党务部门"),
    ),
    Kind.GOVERNMENT_DEPARTMENT: (
        *("政府部门", "县政府部门", "政府", "政府工作部门", "县政府工作部门", "政府组成部门"),
        *("县政府组成部门", "行政部门"),
    ),
    Kind.MASS_ORGANISATION: (
        *("群团组织", "群团", "群团部门", "群团单位", "人民团体", "群众团体", "群众组织"),
    ),
    Kind.OTHER: (
        *("其他单位", "其他", "其它", "其它单位", "企业", "国有企业", "事业单位", "县直事业单位"),
        *("垂直管理单位", "垂管单位", "驻县单位", "双管单位", "学校", "医院", "金融单位"),
    ),
}
_KINDS = {word: kind for kind, words in WORDS.items() for word in words}
# How like a registered name a new one must be for a person to be asked: 林业局 is not 农业局.
_NEAR = 0.7
MOST_ORDER = 32_767


class UnitPlanner(RecordPlanner):
    twice = gettext_noop("Row %(row)s names this unit already.")
    key = "unit"

    def __init__(self, run: ImportRun, rows: Sequence[ListRow]):
        super().__init__(run, rows)
        self._names = UnitNames(self.county.name)
        units = Unit.objects.filter(county=run.county_id).select_related("township")
        self._units = units.in_bulk()
        self._townships = Township.objects.filter(county=run.county_id).in_bulk()
        told = Alias.objects.filter(county=run.county_id, kind=Alias.Kind.UNIT_KIND)
        self._kinds = _KINDS | dict(told.values_list("text", "column"))

    def decide(self, row: ListRow, check: Check) -> Planned | None:
        unit = check.take("unit", self._find, row)
        kind = check.take("unit_kind", self._kind, row, unit)
        order = check.take("order", whole_number, row, "order", MOST_ORDER)
        named = row.get("township")
        township = check.take("township", self._township, named) if named else None
        if not check.clear:
            return None
        self.claim(unit.pk or self._shortest(name_of(unit.name)), row)
        kind = kind or unit.kind
        place = self._place(row, check, unit, kind, township)
        if unit.pk is None:
            unit.kind, unit.township, unit.order = kind, place, order or 0
            return self.add(row, check, unit)
        cells = [("unit_kind", "kind", kind), ("township", "township", place)]
        planned = self.change(row, check, unit, [*cells, ("order", "order", order)])
        if kind != Kind.TOWNSHIP and unit.township_id and planned.changed:
            planned.changed[1]["township"] = None  # only a township's own unit has one
            planned.changes.append(("township", unit.township.name, ""))
        return planned

    def _find(self, row: ListRow) -> Unit:
        """The unit that the row is about, unsaved when it is new. Raises Problem, Asks."""
        name = row.get("unit")
        check_length(row, "unit", Unit, "name")
        try:
            return self._units[self.registry.unit(name).pk]
        except Asks as asks:
            question = asks.question
        near = [c for c in question.candidates if self._is_near(name, name_of(c[1]))]
        if near:
            candidates = [*near, (NEW, gettext_noop("a new unit"))]
            self.answer_to(replace(question, candidates=candidates, rows=[]))
        return Unit(county=self.county, name=name)

    def _township(self, name: str) -> Township:
        return self._townships[self.registry.township(name).pk]

    def _is_near(self, name: str, official: str) -> bool:
        return likeness(self._shortest(name), self._shortest(official)) >= _NEAR

    def _shortest(self, name: str) -> str:
        """The name without its level: 民政局 of 县民政局, but 委办公室 is not 政府办公室."""
        return self._names.written(name)[-1]

    def _kind(self, row: ListRow, unit: Unit | None) -> str:
        """The kind that the cell says; an unknown word asks, a new unit without one as well."""
        text = row.get("unit_kind")
        check_length(row, "unit_kind", Alias, "text")
        if kind := self._kinds.get(text) or _KINDS.get(normalize("NFKC", text)):
            return kind
        if not text and (unit is None or unit.pk):
            return ""
        question = Question(
            kind="unit_kind",
            column="unit_kind",
            value=text,
            context="" if text else f"row {row.number}",
            text=gettext_noop("What kind of unit is “%(name)s”?"),
            params={"name": text or row.get("unit")},
            candidates=[(str(kind), words[0]) for kind, words in WORDS.items()],
            others=False,
        )
        return self.answer_to(question)

    def _place(
        self, row: ListRow, check: Check, unit: Unit, kind: str, township: Township | None
    ) -> Township | None:
        """The township of a township's own unit, by its cell or by the unit's very name."""
        if kind != Kind.TOWNSHIP:
            if township:
                sentence = gettext_noop("Only the unit of a township has one; it is left out.")
                check.tell("township", sentence)
            return None
        own = self.registry.townships.get(self._names.plain(name_of(unit.name)))
        place = township or (unit.township if unit.pk else None)
        if place is None and own:
            place = self._townships[own.pk]
        if place is None:
            raise Problem("township", gettext_noop("The unit of a township needs its township."))
        return place

    def word(self, name: str, value: object) -> str:
        return WORDS[str(value)][0] if name == "kind" else super().word(name, value)
