"""Writes a planned list of records in sets, audited row by row, and takes it back exactly."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Model
from django.utils.translation import gettext_noop

from contact_points.models import ImportRun
from contact_points.services.records import Planned
from contact_points.services.tables import LABELS, TABLES, label_of, state_of, words_of
from contact_points.services.taking_back import TakingBack, by_id, referring
from outreach import audit, copying
from outreach.models import AuditEntry, User
from outreach.permissions import can_create_account

ADDED, CHANGED = "added", "changed"
# label of the model -> id -> state, of a changed record before and after
Trail = dict[str, dict[str, dict[int, Any]]]


class RecordWriter:
    """Writes inside the caller's transaction."""

    def __init__(self, *, county_id: int, bulk_id: UUID, actor: User | None):
        self.county_id, self.actor, self.bulk_id = county_id, actor, bulk_id
        self.entries: list[AuditEntry] = []
        self.trail: Trail = {ADDED: defaultdict(dict), CHANGED: defaultdict(dict)}

    def write(self, planned: Iterable[Planned]) -> Trail:
        """Write what is new or changed. Raises PermissionDenied, IntegrityError."""
        added: dict[type[Model], dict[int, Any]] = defaultdict(dict)
        changed: dict[type[Model], list[tuple[Any, dict[str, Any]]]] = defaultdict(list)
        for p in planned:
            for record in p.added:
                added[type(record)][id(record)] = record
            if p.changed:
                changed[type(p.changed[0])].append(p.changed)
        if self.actor and added[User] and not can_create_account(self.actor, self.county_id):
            raise PermissionDenied
        for model in TABLES:
            self._add(model, list(added[model].values()))
            self._change(model, changed[model])
        copying.insert(self.entries)
        return self.trail

    def _note(self, action: str, record: Any, **facts: Any) -> None:
        who: dict[str, Any] = {"actor": self.actor, "bulk_id": self.bulk_id}
        entry = audit.entry(action, obj=record, **facts, **who)
        entry.county_id, entry.object_label = self.county_id, label_of(record)[:200]
        self.entries.append(entry)

    def _add(self, model: type[Model], records: list[Any]) -> None:
        table = TABLES[model]
        for record in records:
            _know_keys(record)
            table.follow(record)
        copying.insert(records)
        for record in records:
            self.trail[ADDED][model._meta.label_lower][record.pk] = state_of(record)
            self._note(table.added, record, after=words_of(record))

    def _change(self, model: type[Model], changes: list[tuple[Any, dict[str, Any]]]) -> None:
        table = TABLES[model]
        if not changes:
            return
        locked = model._base_manager.select_for_update().order_by("pk")
        now = locked.in_bulk([record.pk for record, _values in changes])
        together: dict[tuple[str, ...], list[Any]] = defaultdict(list)
        for record, values in changes:
            before, state = words_of(record, values), state_of(record)
            if state != state_of(now[record.pk]):
                raise IntegrityError("somebody changed it between the preview and the writing")
            for name, value in values.items():
                setattr(record, name, value)
            _know_keys(record)
            together[tuple(values)].append(record)
            states = [state, state_of(record)]
            self.trail[CHANGED][model._meta.label_lower][record.pk] = states
            self._note(table.corrected, record, before=before, after=words_of(record, values))
        for names, records in together.items():
            _update(model, records, names)


class RecordsBack(TakingBack):
    """Takes back a list of records."""

    def run(self) -> None:
        """Compare, put back what changed, then remove what was added and nothing refers to."""
        kept = {label: by_id(states) for label, states in self.trail[ADDED].items()}
        changed = {label: by_id(states) for label, states in self.trail[CHANGED].items()}
        self.records = {label: self._now(label, kept, changed) for label in LABELS}
        for label in LABELS:
            self._compare(label, kept.get(label, {}))
            after = {pk: states[1] for pk, states in changed.get(label, {}).items()}
            self._compare(label, after)
        if not self.obstacles:
            for label, states in changed.items():
                self._put_back(label, states)
            for label in reversed(LABELS):
                self._remove(label, kept.get(label, {}))
            copying.insert(self.entries)

    def _now(self, label: str, *kept: dict[str, dict[int, Any]]) -> dict[int, Any]:
        wanted = [pk for states in kept for pk in states.get(label, {})]
        if not wanted:
            return {}
        model = LABELS[label]
        related = [f.name for f in model._meta.fields if f.is_relation and f.name != "merged_into"]
        rows = model._base_manager.select_for_update(of=["self"]).select_related(*related)
        return rows.order_by("pk").in_bulk(wanted)

    def _compare(self, label: str, states: dict[int, Any]) -> None:
        for pk, state in states.items():
            record = self.records[label].get(pk)
            if record is None or state_of(record) != state:
                sentence = gettext_noop("%(record)s was changed since.")
                self.stop(sentence, record=label_of(record) if record else pk)
            elif isinstance(record, User) and record.last_login:
                self.stop(gettext_noop("%(record)s has signed in since."), record=record.username)

    def _put_back(self, label: str, states: dict[int, Any]) -> None:
        model = LABELS[label]
        together: dict[tuple[str, ...], list[Any]] = defaultdict(list)
        for pk, (before, after) in states.items():
            record = self.records[label][pk]
            names = tuple(name for name in before if before[name] != after[name])
            facts = words_of(record, names)
            for name in names:
                column: Any = model._meta.get_field(name)
                setattr(record, column.attname, column.to_python(before[name]))
            together[names].append(record)
            self.note(TABLES[model].put_back, record, before=facts, after=words_of(record, names))
        for names, records in together.items():
            _update(model, records, names)

    def _remove(self, label: str, states: dict[int, Any]) -> None:
        model = LABELS[label]
        for pk, count in referring(model, states).items():
            sentence = gettext_noop("%(record)s is used by other records: %(count)s.")
            self.stop(sentence, record=label_of(self.records[label][pk]), count=count)
        if self.obstacles:
            return
        for pk in states:
            record = self.records[label][pk]
            self.note(TABLES[model].removed, record, before=words_of(record))
        model._base_manager.filter(pk__in=states).delete()


def write_records(run: ImportRun, planned: Iterable[Planned], actor: User | None) -> Trail:
    """Write the rows of a planned list; how to take them back."""
    writer = RecordWriter(county_id=run.county_id, bulk_id=run.bulk_id, actor=actor)
    return writer.write(planned)


def _know_keys(record: Any) -> None:
    """Let it know the keys of the records it refers to, which are saved by now."""
    for column in record._meta.concrete_fields:
        if column.is_relation and column.is_cached(record):
            # By the record, not by its key: that would forget the record and ask for it again.
            setattr(record, column.name, column.get_cached_value(record))


def _update(model: type[Model], records: list[Any], names: Iterable[str]) -> None:
    table = TABLES[model]
    names = [*names]
    if "name" in names:
        for record in records:
            table.follow(record)
        names += table.following
    copying.update(records, names)
