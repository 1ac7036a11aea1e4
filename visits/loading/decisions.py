"""What each cell of a sheet would do to the plan as it is now."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy, gettext_noop

from contact_points.models import ContactPoint
from outreach.sentences import say
from visits.loading.cells import Cells
from visits.loading.columns import MONTHS
from visits.loading.refusal import Refused
from visits.loading.villages import Villages
from visits.models import AnnualPlan, PlanLine, Topic
from visits.sheets import NOT_HELD, cell_text, said

LONGEST = 1000
# Stand in a cell that says nothing.
_NOTHING = {"", "/", "-", "--", "—", "——", "无"}
# Of one line: its date as ISO text, group, officer's and topics' ids.
Values = dict[str, Any]


class Outcome(models.TextChoices):
    """What happens with a cell."""

    NEW = "new", gettext_lazy("new")
    CHANGED = "changed", gettext_lazy("changed")
    UNCHANGED = "unchanged", gettext_lazy("unchanged")
    REJECTED = "rejected", gettext_lazy("rejected")


WRITING = (Outcome.NEW, Outcome.CHANGED)


@dataclass(frozen=True)
class Cell:
    """A cell that says something; without a month it stands for its whole row.

    `row` numbers the rows as they were read, `place` says where the row stands in the file.
    """

    row: int
    place: str
    letter: str
    month: int
    village: str
    text: str
    outcome: str
    why: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None
    version: int = 0
    before: str = ""
    after: str = ""
    was: Values = field(default_factory=dict)
    values: Values = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        return self.outcome in WRITING

    @property
    def label(self) -> str:
        return str(Outcome(self.outcome).label)

    @property
    def reason(self) -> str:
        return say(self.why, self.params)


@dataclass(frozen=True)
class Decided:
    """All cells of the sheet, in its order."""

    cells: Sequence[Cell]

    @property
    def counts(self) -> Counter[str]:
        return Counter(cell.outcome for cell in self.cells)

    @property
    def writing(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.writes]

    @property
    def digest(self) -> str:
        """Names exactly these cells against exactly these versions of their lines."""
        text = json.dumps([asdict(cell) for cell in self.cells], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def values_of(line: PlanLine) -> Values:
    """What the line says, as it is compared and kept."""
    return {
        "planned_date": line.planned_date and line.planned_date.isoformat(),
        "group": line.group,
        "officer": line.officer_id,
        "topics": sorted(topic.pk for topic in line.topics.all()),
    }


def decide(
    plan: AnnualPlan,
    rows: Iterable[Mapping[str, Any]],
    letters: Mapping[str, str],
    lines: Sequence[PlanLine],
) -> Decided:
    """Compare the rows, as the import keeps them, with the plan's `lines`, read `for_grid`."""
    with translation.override(settings.LANGUAGE_CODE):
        return Decided(list(_Deciding(plan, letters, lines).cells(rows)))


class _Deciding:
    def __init__(self, plan: AnnualPlan, letters: Mapping[str, str], lines: Sequence[PlanLine]):
        self._letters = letters
        topics: list[Topic] = list(plan.programme_year.topics.meant_for(plan.unit_id))
        topics += [t for line in lines for t in line.topics.all() if t not in topics]
        self._reader = Cells(plan.unit.officers.all(), topics)
        held = [line for line in lines if line.contact_point.holds_in(line.month)]
        self._lines = {(line.contact_point_id, line.month.month): line for line in held}
        points = {line.contact_point_id: line.contact_point for line in held}
        self._villages = Villages(plan.county.name, points.values(), self._reader.names)
        # (contact point, month) -> the place and the text that said something of it first.
        self._said: dict[tuple[int, int], tuple[str, Values]] = {}

    def cells(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Cell]:
        for row in rows:
            texts = {n: row["values"].get(name, "") for n, name in MONTHS.items()}
            wrong = {column: (text, params) for column, text, params in row["problems"]}
            told = {n: t for n, t in texts.items() if t not in _NOTHING or MONTHS[n] in wrong}
            if not told:
                continue
            village = row["values"].get("village") or row["values"].get("village_code", "")
            about = {"row": row["number"], "place": row["place"]}
            try:
                points = self._villages.points(row["values"])
            except Refused as refused:
                yield _rejected(refused, **about, letter="", month=0, village="", text=village)
                continue
            for n, text in told.items():
                where = about | {"letter": self._letters[MONTHS[n]], "month": n}
                where |= {"village": points[0].village.name, "text": text[:LONGEST]}
                try:
                    if problem := wrong.get(MONTHS[n]):
                        raise Refused(problem[0], **problem[1])
                    cell = self._cell(points, text, where)
                except Refused as refused:
                    yield _rejected(refused, **where)
                else:
                    yield from [cell] if cell else []

    def _cell(self, points: list[ContactPoint], text: str, where: dict[str, Any]) -> Cell | None:
        month = where["month"]
        held = [self._lines[p.pk, month] for p in points if (p.pk, month) in self._lines]
        if text == NOT_HELD:
            if len(held) == len(points):
                raise Refused(
                    gettext_noop("× is for months in which the unit has no such village.")
                )
            return None
        if not held:
            raise Refused(gettext_noop("The unit does not hold the village in this month."))
        if len(held) > 1:
            raise Refused(
                gettext_noop(
                    "The unit holds the village twice in this month. Change it in the grid."
                )
            )
        (line,) = held
        if len(text) > LONGEST:
            raise Refused(gettext_noop("Longer than %(limit)s characters."), limit=LONGEST)
        values, after = self._read(text, line)
        self._only_once(line, where["place"], values)
        was = values_of(line)
        before = cell_text(line, self._reader.names)
        outcome = Outcome.CHANGED if before else Outcome.NEW
        return Cell(
            **where,
            outcome=outcome if values != was else Outcome.UNCHANGED,
            line=line.pk,
            version=line.version,
            before=before,
            after=after,
            was=was,
            values=values,
        )

    def _read(self, text: str, line: PlanLine) -> tuple[Values, str]:
        """What the line would say, and the cell that says all of it."""
        told = self._reader.read(text, line)
        day: date | None = told.get("planned_date", line.planned_date)
        group: str = told.get("group", line.group)
        officer = told["officer"].pk if "officer" in told else line.officer_id
        topics: list[Topic] = told.get("topics", line.topics.all())
        after = said(line, day, group, self._reader.names[officer], [t.title for t in topics])
        return {
            "planned_date": day and day.isoformat(),
            "group": group,
            "officer": officer,
            "topics": sorted(topic.pk for topic in topics),
        }, after

    def _only_once(self, line: PlanLine, place: str, values: Values) -> None:
        at = line.contact_point_id, line.month.month
        first, same = self._said.setdefault(at, (place, values))
        if same != values:
            raise Refused(
                gettext_noop("Row %(row)s says something else of this month already."), row=first
            )


def _rejected(refused: Refused, **where: Any) -> Cell:
    sentence = refused.sentence
    return Cell(**where, outcome=Outcome.REJECTED, why=sentence.text, params=sentence.params)
