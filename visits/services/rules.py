"""A year's rules, each from a month on, and the days nobody should plan for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import Township, Unit
from outreach import audit, clock
from outreach.models import User
from visits.models import AvoidedDays, PlanLine, ProgrammeYear, Visit, VisitRequirement, YearRule
from visits.permissions import can_run_year
from visits.services.errors import NotPossible, StaleVersion


def first_open_month(year: ProgrammeYear) -> date | None:
    """The first month of the year whose rule may still be set; None when there is none left.

    Never a month that is over, and the present one only until somebody recorded a visit of it: one
    month is not measured by two rules, and nobody's day for feedback moves after the visit.
    """
    month = max(clock.this_month(), date(year.year, 1, 1))
    if Visit.objects.filter(county_id=year.county_id, month=month).exists():
        month = clock.add_months(month, 1)
    return month if month.year == year.year else None


def rule_facts(rule: YearRule) -> dict[str, Any]:
    """What the rule says, as the audit keeps it."""
    names = ("effective_month", "visits_per_month", "feedback_due_days", "report_day")
    return audit.facts(rule, *names) | {
        "kinds_of_unit": {
            str(row.get_unit_kind_display()): row.visits_per_month
            for row in rule.requirements.all()
        }
    }


def _lock(year: ProgrammeYear, actor: User) -> None:
    if not can_run_year(actor, year):
        raise PermissionDenied
    # The lines are brought in step under the same lock.
    ProgrammeYear.objects.select_for_update().get(pk=year.pk)


def _check_open(year: ProgrammeYear, month: date) -> None:
    first = first_open_month(year)
    if first is None or month < first or month.year != year.year:
        raise NotPossible(
            _("A rule is not changed for a month that is over or in which visits were recorded.")
        )


@transaction.atomic
def set_rule(
    *,
    year: ProgrammeYear,
    actor: User,
    effective_month: date,
    visits_per_month: int,
    feedback_due_days: int,
    report_day: int,
    by_kind: Mapping[str, int] | None = None,
    seen: str | None = None,
) -> YearRule:
    """Set what holds from the month on; lines of these months owe it at once.

    `by_kind` is unit kind -> visits a month where that differs. `seen` is the digest of the rule
    of this month that its writer saw, empty for none. Raises PermissionDenied, NotPossible,
    StaleVersion, ValidationError.
    """
    _lock(year, actor)
    _check_open(year, effective_month)
    known = year.rules.filter(effective_month=effective_month).first()
    before = rule_facts(known) if known else None
    if seen is not None and seen != (audit.digest(before) if before else ""):
        raise StaleVersion(known)
    rule = known or YearRule(programme_year=year, effective_month=effective_month)
    rule.visits_per_month, rule.feedback_due_days = visits_per_month, feedback_due_days
    rule.report_day = report_day
    rule.full_clean()
    rule.save()
    write_requirements(rule, by_kind or {})
    follow_rules(year, effective_month)
    audit.record(
        gettext_noop("Rule changed") if known else gettext_noop("Rule set"),
        actor=actor,
        obj=year,
        before=before,
        after=rule_facts(rule),
    )
    return rule


def write_requirements(rule: YearRule, by_kind: Mapping[str, int]) -> None:
    """What the rule asks of single kinds of unit, in place of what it asked of them before."""
    rule.requirements.all().delete()
    rows = [
        VisitRequirement(rule=rule, unit_kind=kind, visits_per_month=visits)
        for kind, visits in by_kind.items()
        if visits != rule.visits_per_month
    ]
    for row in rows:
        row.full_clean()
    VisitRequirement.objects.bulk_create(rows)


@transaction.atomic
def withdraw_rule(*, rule: YearRule, actor: User) -> None:
    """Take back a rule that has not come into force; the one before it holds on.

    Raises PermissionDenied, NotPossible.
    """
    year = rule.programme_year
    _lock(year, actor)
    _check_open(year, rule.effective_month)
    if rule.effective_month.month == 1:
        raise NotPossible(_("The year's first rule is changed, not withdrawn."))
    before = rule_facts(rule)
    rule.delete()
    follow_rules(year, before["effective_month"])
    audit.record(gettext_noop("Rule withdrawn"), actor=actor, obj=year, before=before, after={})


def follow_rules(year: ProgrammeYear, since: date) -> int:
    """Let the lines from a month on owe what the rules ask; returns how many lines changed.

    The version stays: what a unit wrote into a line is not touched.
    """
    rules = list(year.rules.prefetch_related("requirements").order_by("effective_month"))
    changed = 0
    for rule, following in zip(rules, [*rules[1:], None], strict=True):
        lines = PlanLine.objects.filter(
            plan__programme_year=year, month__gte=max(since, rule.effective_month)
        )
        if following:
            lines = lines.filter(month__lt=following.effective_month)
        kinds = defaultdict(list)
        for kind in Unit.Kind.values:
            kinds[rule.visits_for(kind)].append(kind)
        for visits, names in kinds.items():
            changed += (
                lines.filter(plan__unit__kind__in=names)
                .exclude(required_visits=visits)
                .update(required_visits=visits)
            )
    return changed


@transaction.atomic
def add_avoided_days(
    *,
    year: ProgrammeYear,
    actor: User,
    first_day: date,
    last_day: date,
    reason: str,
    township: Township | None = None,
    month_days: Iterable[int] = (),
) -> AvoidedDays:
    """Mark market or harvest days of a township, or without one of the whole county.

    With `month_days` only these days of each month are meant, from the first to the last. Raises
    PermissionDenied, ValidationError.
    """
    if not can_run_year(actor, year):
        raise PermissionDenied
    if township and township.county_id != year.county_id:
        raise ValidationError({"township": _("This township is of another county.")})
    row = AvoidedDays(
        programme_year=year,
        township=township,
        first_day=first_day,
        last_day=last_day,
        month_days=sorted(set(month_days)),
        reason=reason,
    )
    row.full_clean()
    days = (first_day + timedelta(n) for n in range((last_day - first_day).days + 1))
    if not any(map(row.covers, days)):
        raise ValidationError({"month_days": _("None of these days lies within first and last.")})
    if {first_day.year, last_day.year} != {year.year}:
        raise ValidationError(_("These days are not all of the year %(year)s.") % {"year": year})
    row.save(force_insert=True)
    audit.record(
        gettext_noop("Days to avoid marked"), actor=actor, obj=year, after=_days_facts(row)
    )
    return row


@transaction.atomic
def remove_avoided_days(*, days: AvoidedDays, actor: User) -> None:
    """Let these days be planned for again. Raises PermissionDenied."""
    year = days.programme_year
    if not can_run_year(actor, year):
        raise PermissionDenied
    before = _days_facts(days)
    days.delete()
    audit.record(
        gettext_noop("Days to avoid removed"), actor=actor, obj=year, before=before, after={}
    )


def _days_facts(row: AvoidedDays) -> dict[str, Any]:
    return audit.facts(row, "first_day", "last_day", "month_days", "reason") | {
        "township": row.township and str(row.township)
    }
