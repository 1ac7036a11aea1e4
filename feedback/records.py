"""A whole record in values: the visit, its four texts, the problems raised."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from contact_points.models import Household, Officer
from feedback.models import Feedback
from outreach import clock
from visits.models import Group, Talk, Topic, Visit, VisitHousehold
from visits.services.recording import VisitContent, content_of, facts_of

# What a person compares and chooses between, and the fields of a VisitContent it stands for.
PARTS: Mapping[str, tuple[str, ...]] = {
    "time": ("started_at", "ended_at"),
    "officer": ("officer_id",),
    "together": ("ate", "lived", "worked"),
    "topics": ("topic_ids",),
    "talks": ("talks",),
    "households": ("households",),
}

# What the form of a record asks for, the same thing once however many boxes it has: the burden.
QUESTIONS = (
    *("day", "start", "end", "officer", "together", "topics", "people", "households", "problems"),
    *Feedback.TEXTS,
)


@dataclass(frozen=True)
class Record:
    """What a person says about a visit, from the first to the last field of the page."""

    content: VisitContent
    texts: Mapping[str, str]
    problems: tuple[str, ...] = ()


def record_of(visit: Visit) -> Record:
    """The stored record of a visit read `with_content`, comparable with what arrives."""
    feedback = getattr(visit, "feedback", None)
    return Record(
        content_of(visit),
        {name: getattr(feedback, name, "") for name in Feedback.TEXTS},
        tuple(matter.text for matter in visit.matters.all()),  # type: ignore[attr-defined]
    )


def with_taken_up(record: Record, visit: Visit) -> Record:
    """The record with the problems that are matters already: they are no more its writer's."""
    kept = tuple(matter.text for matter in visit.matters.all() if not matter.is_draft)  # type: ignore[attr-defined]
    new = list(record.problems)
    for text in kept:
        if text in new:
            new.remove(text)
    return replace(record, problems=(*kept, *new))


def stamp_of(visit: Visit) -> str:
    """What a form that shows the record carries: it changes with every write to it."""
    feedback = getattr(visit, "feedback", None)
    return f"{visit.version}.{feedback.version if feedback else 0}"


def as_values(record: Record) -> dict[str, Any]:
    """The record in plain values, as a version keeps it."""
    values = facts_of(record.content) | dict(record.texts) | {"problems": list(record.problems)}
    for name in ("started_at", "ended_at"):
        if isinstance(values[name], datetime):
            values[name] = DjangoJSONEncoder().default(values[name])
    return values


def merged(mine: Record, stored: Record, take: Collection[str]) -> Record:
    """Mine, with the parts named in `take` as they are stored."""
    fields = {
        field: getattr(stored.content, field)
        for part, fields in PARTS.items()
        if part in take
        for field in fields
    }
    texts = {name: (stored if name in take else mine).texts[name] for name in Feedback.TEXTS}
    problems = stored.problems if "problems" in take else mine.problems
    return Record(replace(mine.content, **fields), texts, problems)


def labels() -> dict[str, str]:
    """The parts of a record in the order of the page, as they are called."""
    return {
        "time": _("Time"),
        "officer": _("Who went"),
        "together": _("Together with the villagers"),
        "topics": _("What was explained"),
        "talks": _("Talks"),
        "households": _("Households"),
        "problems": _("Problems raised"),
    } | {name: str(Feedback._meta.get_field(name).verbose_name) for name in Feedback.TEXTS}


def described(versions: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Each version's parts in words; three queries, however many versions."""
    officers = _names(Officer, (values["officer_id"] for values in versions))
    topics = _names(Topic, (pk for values in versions for pk in values["topics"]))
    households = _names(Household, (pk for values in versions for pk in values["households"]))
    return [_in_words(values, officers, topics, households) for values in versions]


def _names(model: Any, pks: Iterable[Any]) -> dict[str, str]:
    rows = model.objects.in_bulk({int(pk) for pk in pks})
    return {str(pk): row.number if model is Household else str(row) for pk, row in rows.items()}


def _in_words(
    values: Mapping[str, Any],
    officers: Mapping[str, str],
    topics: Mapping[str, str],
    households: Mapping[str, str],
) -> dict[str, str]:
    outcomes = dict(VisitHousehold.Outcome.choices)
    together = [
        str(Visit._meta.get_field(name).verbose_name) for name in PARTS["together"] if values[name]
    ]
    calls = [
        households.get(pk, pk) + ("" if how == "met" else f"（{outcomes[how]}）")
        for pk, how in values["households"].items()
    ]
    return {
        "time": _time(values["started_at"], values["ended_at"]),
        "officer": officers.get(str(values["officer_id"]), ""),
        "together": "、".join(together),
        "topics": "、".join(topics.get(str(pk), str(pk)) for pk in values["topics"]),
        "talks": "、".join(_talk(key, people) for key, people in values["talks"].items()),
        "households": "、".join(sorted(calls)),
        "problems": "\n".join(values["problems"]),
    } | {name: values[name] for name in Feedback.TEXTS}


def _time(started: str, ended: str | None) -> str:
    begin = datetime.fromisoformat(started).astimezone(clock.SHANGHAI)
    text = f"{begin:%Y-%m-%d %H:%M}"
    if ended:
        text += f" - {datetime.fromisoformat(ended).astimezone(clock.SHANGHAI):%H:%M}"
    return text


def _talk(key: str, people: int) -> str:
    group, form = key.split("/")
    return f"{Group(group).label} {people}（{Talk.Form(form).label}）"
