"""Open the programme year."""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from contact_points.models import County
from outreach import audit
from outreach.models import User
from visits.models import ProgrammeYear, Topic, YearRule
from visits.permissions import can_run_year
from visits.services.obligations import ensure_lines
from visits.services.rules import rule_facts, write_requirements


@transaction.atomic
def open_year(
    *,
    county: County,
    year: int,
    actor: User | None,
    visits_per_month: int = 1,
    feedback_due_days: int = 5,
    report_day: int = 5,
    by_kind: Mapping[str, int] | None = None,
) -> ProgrammeYear:
    """Open a year with its first rule and give every active contact point its lines.

    Raises ValidationError when the year is open already.
    """
    row = ProgrammeYear(county=county, year=year, opened_by=actor)
    if actor is not None and not can_run_year(actor, row):
        raise PermissionDenied
    insert_once(row)
    rule = YearRule(
        programme_year=row,
        effective_month=date(year, 1, 1),
        visits_per_month=visits_per_month,
        feedback_due_days=feedback_due_days,
        report_day=report_day,
    )
    rule.full_clean()
    rule.save(force_insert=True)
    write_requirements(rule, by_kind or {})
    ensure_lines(row)
    audit.record(
        gettext_noop("Programme year opened"),
        actor=actor,
        obj=row,
        after={"year": year} | rule_facts(rule),
    )
    return row


@transaction.atomic
def set_ranking(*, year: ProgrammeYear, ranking: bool, actor: User) -> ProgrammeYear:
    """Turn the ranking of units on or off for the year; as it is already, nothing happens."""
    if not can_run_year(actor, year):
        raise PermissionDenied
    if ProgrammeYear.objects.filter(pk=year.pk, ranking=not ranking).update(ranking=ranking):
        audit.record(
            gettext_noop("Ranking of units set"),
            actor=actor,
            obj=year,
            before={"ranking": not ranking},
            after={"ranking": ranking},
        )
    year.ranking = ranking
    return year


def insert_once(row: ProgrammeYear | Topic) -> None:
    """Insert a row whose name is taken only once, also when two people do it at one moment."""
    row.full_clean()
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        row.full_clean()  # says what is taken, now that the other one can be seen
        raise
