"""A month's complete ledger: one workbook of everything that one may see of it.

Households stand in it as numbers and villagers not at all; what a villager left to be called back
by is no part of any ledger (domain: what is never collected).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.models import Feedback, Matter
from outreach import clock
from outreach.exports import Book
from outreach.ledgers import CHUNK, about
from outreach.models import User
from outreach.templatetags.outreach import month as month_in_words
from visits.models import PlanLine, Visit

Talk: Any = Visit._meta.get_field("talks").related_model


@dataclass(frozen=True)
class Column:
    header: str | Promise
    of: Callable[[Any], Any]


@dataclass(frozen=True)
class Part:
    """One sheet: its title, its rows of a month for a person, its columns."""

    title: str | Promise
    rows: Callable[[User, date], QuerySet]
    columns: tuple[Column, ...]

    def lines(self, user: User, month: date) -> Iterator[list[Any]]:
        yield [str(capfirst(column.header)) for column in self.columns]
        for row in self.rows(user, month).iterator(chunk_size=CHUNK):
            yield [column.of(row) for column in self.columns]


def write_month(book: Book, *, user: User, month: date) -> int:
    """Write the sheets of the month and, at the end, what they are; how many rows of records."""
    facts: list[tuple[str, Any]] = [
        (_("List"), _("Ledger of the month")),
        (_("Month"), month_in_words(month)),
        (_("Of"), str(user.unit or user.county)),
    ]
    rows = 0
    for part in PARTS:
        count = book.sheet(str(part.title), part.lines(user, month), filtered=True)
        facts.append((_("Rows of “%(sheet)s”") % {"sheet": part.title}, count))
        rows += count
    book.sheet(_("About this file"), about(facts, user))
    return rows


def _field(model: type[Model], name: str) -> Column:
    """A field under its own name; of a choice its word, of yes and no a mark."""
    field: Any = model._meta.get_field(name)

    def of(row: Any) -> Any:
        if field.choices:
            return str(getattr(row, f"get_{name}_display")())
        value = getattr(row, name)
        if isinstance(value, bool):
            return "✓" if value else ""
        return str(value) if isinstance(value, Model) else value

    return Column(field.verbose_name, of)


def _place(point_of: Callable[[Any], Any]) -> tuple[Column, ...]:
    """Where: of a row's contact point the township, the village and its code."""
    return (
        Column(gettext_lazy("Township"), lambda row: point_of(row).village.township.name),
        Column(gettext_lazy("Village"), lambda row: point_of(row).village.name),
        Column(gettext_lazy("Village code"), lambda row: point_of(row).village.code),
    )


def _topics(row: Any) -> str:
    return "、".join(topic.title for topic in row.topics.all())


def _obligations(user: User, month: date) -> QuerySet:
    """As the indicators count them: a village that changed hands within its unit is owed once."""
    rows = PlanLine.objects.visible_to(user).of_month(month).for_list().with_visits_made()
    once = ("contact_point__unit", "contact_point__village")
    return (
        rows.prefetch_related("topics")
        .order_by("contact_point__unit_id", "contact_point__village_id", "contact_point__period")
        .distinct(*(f"{name}_id" for name in once))
    )


def _exemptions(user: User, month: date) -> QuerySet:
    rows = PlanLine.objects.visible_to(user).of_month(month).lifted()
    return rows.for_list().order_by("contact_point__unit__order", "pk")


def _visits(user: User, month: date) -> QuerySet:
    rows = Visit.objects.visible_to(user).filter(month=month).for_list()
    return rows.prefetch_related("topics").order_by("started_at", "pk")


def _talks(user: User, month: date) -> QuerySet:
    visits = Visit.objects.visible_to(user).counted().filter(month=month)
    rows = Talk.objects.filter(visit__in=visits)
    joined = rows.select_related("visit__contact_point__village__township", "visit__unit")
    return joined.order_by("visit__started_at", "pk")


def _feedback(user: User, month: date) -> QuerySet:
    rows = Feedback.objects.visible_to(user).sent().filter(visit__month=month)
    rows = rows.exclude(visit__state=Visit.State.VOID).for_review().select_related("written_by")
    return rows.order_by("visit__started_at", "pk")


def _matters(user: User, month: date) -> QuerySet:
    days = {"raised_at__date__gte": month, "raised_at__date__lt": clock.add_months(month, 1)}
    rows = Matter.objects.visible_to(user).filter(**days).for_list().with_co_handlers()
    return rows.order_by("raised_at", "pk")


def _co_handlers(row: Any) -> str:
    return "、".join(str(helper.unit) for helper in row.co_handling)


def _sent(name: str) -> Column:
    """A text as it was sent; what its writer changes after a return is not sent yet."""
    field: Any = Feedback._meta.get_field(name)
    return Column(field.verbose_name, lambda row: getattr(row.as_sent(), name))


def _state_of_feedback(visit: Visit) -> str:
    written = getattr(visit, "feedback", None)
    return str(written.get_state_display()) if written else ""


_UNIT = Column(gettext_lazy("Unit"), lambda visit: str(visit.unit))
_DAY = Column(gettext_lazy("day of the visit"), lambda visit: visit.day)
_OF_POINT = Column(gettext_lazy("Unit"), lambda line: str(line.contact_point.unit))
_OF_VISIT = (
    Column(_DAY.header, lambda row: row.visit.day),
    *_place(lambda row: row.visit.contact_point),
    Column(_UNIT.header, lambda row: str(row.visit.unit)),
)

PARTS = (
    Part(
        gettext_lazy("Obligations"),
        _obligations,
        (
            *_place(lambda line: line.contact_point),
            _OF_POINT,
            _field(PlanLine, "officer"),
            _field(PlanLine, "planned_date"),
            _field(PlanLine, "group"),
            Column(gettext_lazy("topics"), _topics),
            _field(PlanLine, "required_visits"),
            Column(gettext_lazy("visits made"), lambda line: line.visits_made),
            _field(PlanLine, "exemption"),
        ),
    ),
    Part(
        gettext_lazy("Visits"),
        _visits,
        (
            _DAY,
            *_place(lambda visit: visit.contact_point),
            _UNIT,
            _field(Visit, "officer"),
            Column(gettext_lazy("topics"), _topics),
            Column(gettext_lazy("people"), lambda visit: visit.people_total),
            Column(gettext_lazy("households"), lambda visit: visit.households_met),
            *(_field(Visit, name) for name in ("ate", "lived", "worked", "state", "void_reason")),
            Column(gettext_lazy("feedback"), _state_of_feedback),
            *(_field(Visit, name) for name in ("feedback_due_on", "written_at", "received_at")),
        ),
    ),
    Part(
        gettext_lazy("Talks"),
        _talks,
        (*_OF_VISIT, *(_field(Talk, name) for name in ("group", "form", "people"))),
    ),
    Part(
        gettext_lazy("Feedback"),
        _feedback,
        (
            *_OF_VISIT,
            *map(_sent, Feedback.TEXTS),
            *(_field(Feedback, name) for name in ("state", "written_by", "received_at")),
        ),
    ),
    Part(
        gettext_lazy("Matters"),
        _matters,
        (
            _field(Matter, "code"),
            *_place(lambda matter: matter),
            *(
                _field(Matter, name)
                for name in (
                    *("text", "category", "urgency", "source", "state", "leader", "origin"),
                    *("raised_at", "accepted_at", "due_on", "outcome", "answer", "answered_at"),
                    *("villager_word", "reopened", "closed_at"),
                )
            ),
            Column(gettext_lazy("co-handling units"), _co_handlers),
        ),
    ),
    Part(
        gettext_lazy("Exemptions and substitutes"),
        _exemptions,
        (
            *_place(lambda line: line.contact_point),
            _OF_POINT,
            *(
                _field(PlanLine, name)
                for name in ("officer", "exemption", "exemption_reason", "substitute")
            ),
            Column(gettext_lazy("decided by"), lambda line: str(line.exempted_by or "")),
        ),
    ),
)
