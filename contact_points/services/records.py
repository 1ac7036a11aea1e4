"""What the lists of villages, units, officers and households have in common.

A row is about one record of the registry, known or new. What it says is compared field by field;
an empty cell changes nothing. Only how the record is found, what a list may say of it and what is
asked differs from list to list (`villages`, `units`, `officers`, `households`).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_noop

from contact_points.cells import text_of
from contact_points.models import County, ImportRow, ImportRun
from contact_points.reading.lists import ListRow
from contact_points.services.lookup import Registry
from contact_points.services.people import limit
from contact_points.services.previews import COMPARING, LEFT
from contact_points.services.questions import SKIP, Asks, Problem, Question, remark
from contact_points.services.tables import words_of

Outcome = ImportRow.Outcome
Change = tuple[str, str, str]


@dataclass
class Planned:
    """What happens with a row, in words for the preview and as values for the writing."""

    row: ListRow
    outcome: str
    changes: list[Change] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    # Records to be added, and the known one that changes with its new values.
    added: list[Model] = field(default_factory=list)
    changed: tuple[Model, dict[str, Any]] | None = None

    def shown(self) -> list[Any]:
        """All of it, as the hash of a preview takes it."""
        shown = [self.row.number, self.outcome, self.changes, self.notes]
        shown.append([words_of(record) for record in self.added])
        if self.changed:
            record, values = self.changed
            shown += [record.pk, values]
        return shown


@dataclass
class RecordPlan:
    """What the rows of a list would do to the registry."""

    rows: list[Planned]
    questions: list[dict[str, Any]]
    # A list of records never says that those it does not name are gone.
    left: tuple[()] = ()
    # The rows are compared again before they are written, whatever the registry is by then.
    registry_sha256 = ""

    @property
    def writes(self) -> list[str]:
        return [""] * len(self.rows)

    @cached_property
    def sha256(self) -> str:
        shown = json.dumps([p.shown() for p in self.rows], ensure_ascii=False, default=str)
        return hashlib.sha256(shown.encode()).hexdigest()

    @cached_property
    def counts(self) -> dict[str, int]:
        """Outcome -> rows."""
        counted = Counter(str(p.outcome) for p in self.rows)
        return {kind: counted[kind] for kind in Outcome.values} | {LEFT: 0}


class Check:
    """Gathers what stops a row, so that all of it is told at once, and what else to tell."""

    def __init__(self, row: ListRow):
        self.row = row
        self.stops = [remark(*problem[:2], **problem[2]) for problem in row.problems]
        self.asked: list[Question] = []
        self.notes: list[dict[str, Any]] = []
        self._broken = {problem[0] for problem in row.problems}

    def take(self, columns: str, step: Callable[..., Any], *args: Any) -> Any:
        """What the step finds, unless one of the columns it reads cannot be read."""
        if self._broken & set(columns.split()):
            return None
        try:
            return step(*args)
        except (Problem, Asks) as refusal:
            self.add(refusal)
        return None

    def add(self, refusal: Problem | Asks) -> None:
        if isinstance(refusal, Problem):
            self.stops.extend(refusal.remarks)
        else:
            self.asked.append(refusal.question)

    def tell(self, column: str, text: str, **params: Any) -> None:
        self.notes.append(remark(column, text, **params))

    @property
    def clear(self) -> bool:
        return not self.stops and not self.asked


class RecordPlanner:
    """Plans the rows of one list in order, remembering what earlier rows claimed."""

    # What is said of a second row about the same record, and the column it is said of.
    twice: str
    key: str

    def __init__(self, run: ImportRun, rows: Sequence[ListRow]):
        self.run, self.rows = run, rows
        # Finds what texts mean; what is written are the records of these ids.
        self.registry = Registry(run.county_id)
        self.county: County = run.county
        self.answers = {key: told["answer"] for key, told in run.answers.items()}
        self.questions: dict[str, Question] = {}
        self._claims: dict[Hashable, int] = {}

    def decide(self, row: ListRow, check: Check) -> Planned | None:
        """What a row does that nothing stops; anything else when something does."""
        raise NotImplementedError

    def plan(self, row: ListRow) -> Planned:
        """What happens with the row."""
        check = Check(row)
        planned = None
        try:
            planned = self.decide(row, check)
        except (Problem, Asks) as refusal:
            check.add(refusal)
        if check.clear and planned:
            return planned
        return self._stopped(row, check)

    def _stopped(self, row: ListRow, check: Check) -> Planned:
        notes = [*check.stops, *(question.remark for question in check.asked)]
        stopped = Planned(row, Outcome.REJECTED if check.stops else Outcome.ASKS, notes=notes)
        for question in check.asked:
            if self.answers.get(question.key) == SKIP:
                stopped.outcome = Outcome.REJECTED
                sentence = gettext_noop("Left out, as it was answered.")
                notes.append(remark(question.column, sentence))
            else:
                self.questions.setdefault(question.key, question).rows.append(row.number)
        return stopped

    def answer_to(self, question: Question) -> str:
        """What a person told. Raises Asks when nobody was asked yet."""
        told = self.answers.get(question.key, "")
        if told in dict(question.candidates):
            return told
        raise Asks(question)

    def claim(self, record: Hashable, row: ListRow) -> None:
        """This record is the row's. Raises Problem when an earlier row is about it."""
        number = self._claims.setdefault(record, row.number)
        if number != row.number:
            raise Problem(self.key, self.twice, row=number)

    def add(self, row: ListRow, check: Check, *records: Model) -> Planned:
        """The row adds these records."""
        return Planned(row, Outcome.NEW, notes=check.notes, added=list(records))

    def change(
        self, row: ListRow, check: Check, record: Model, cells: Iterable[tuple[str, str, Any]]
    ) -> Planned:
        """The row is about a known record; `cells` are (column, field, value) it may change."""
        changes: list[Change] = []
        values: dict[str, Any] = {}
        for column, name, value in cells:
            old = getattr(record, name)
            same = text_of(old) == value if isinstance(value, str) else old == value
            if value not in (None, "") and not same:
                changes.append((column, self.word(name, old), self.word(name, value)))
                values[name] = value
        outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
        changed = (record, values) if values else None
        return Planned(row, outcome, changes, check.notes, changed=changed)

    def word(self, name: str, value: Any) -> str:
        """A field's value as a list writes it."""
        return "" if value is None else str(value)


def plan_records(
    planner: type[RecordPlanner],
    run: ImportRun,
    rows: Sequence[ListRow],
    progress: Callable[..., None] = lambda *args: None,
) -> RecordPlan:
    """What the rows would do to the county's registry; writes nothing."""
    planning = planner(run, rows)
    planned = []
    for n, row in enumerate(rows, 1):
        planned.append(planning.plan(row))
        progress(COMPARING, n, len(rows))
    return RecordPlan(planned, [question.kept() for question in planning.questions.values()])


def check_length(row: ListRow, column: str, model: type[Model], name: str) -> None:
    """Raises Problem for a text that the registry's field does not hold."""
    most = limit(model, name)
    if len(row.get(column)) > most:
        raise Problem(column, gettext_noop("Longer than %(limit)s characters."), limit=most)
