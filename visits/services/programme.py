"""Open the programme year, its rules and topics, and the plan lines that are its obligations."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint, County
from outreach import audit, clock
from outreach.models import User
from visits.models import AnnualPlan, PlanLine, ProgrammeYear, Topic, YearRule


@transaction.atomic
def open_year(
    *,
    county: County,
    year: int,
    actor: User | None,
    visits_per_month: int = 1,
    feedback_due_days: int = 5,
    report_day: int = 5,
) -> ProgrammeYear:
    """Open a year with its first rule and give every active contact point its lines.

    Raises ValidationError when the year is open already.
    """
    row = ProgrammeYear(county=county, year=year, opened_by=actor)
    row.full_clean()
    row.save(force_insert=True)
    rule = YearRule(
        programme_year=row,
        effective_month=date(year, 1, 1),
        visits_per_month=visits_per_month,
        feedback_due_days=feedback_due_days,
        report_day=report_day,
    )
    rule.full_clean()
    rule.save(force_insert=True)
    ensure_lines(row)
    audit.record(
        gettext_noop("Programme year opened"),
        actor=actor,
        obj=row,
        after={"year": year}
        | audit.facts(rule, "visits_per_month", "feedback_due_days", "report_day"),
    )
    return row


def ensure_lines(year: ProgrammeYear) -> int:
    """Create the missing plans and lines of the year; returns how many lines were created.

    A line exists for every contact point and month in which it holds, written or not (domain:
    rules). Lines of months a contact point no longer holds stay out of `due` by not being created;
    those that exist already are closed by the handover that ends it.
    """
    first, after = date(year.year, 1, 1), date(year.year + 1, 1, 1)
    points = list(
        ContactPoint.objects.filter(county_id=year.county_id, period__overlap=(first, after))
    )
    AnnualPlan.objects.bulk_create(
        [
            AnnualPlan(county_id=year.county_id, programme_year=year, unit_id=unit_id)
            for unit_id in sorted({point.unit_id for point in points})
        ],
        ignore_conflicts=True,
    )
    plan_of = dict(year.plans.values_list("unit_id", "pk"))
    have = set(
        PlanLine.objects.filter(
            contact_point__in=points, month__gte=first, month__lt=after
        ).values_list("contact_point_id", "month")
    )
    rules = ProgrammeYear.objects.prefetch_related("rules").get(pk=year.pk)
    lines = []
    for point in points:
        for month in (clock.add_months(first, n) for n in range(12)):
            holds = point.period.lower < clock.add_months(month, 1) and (
                point.period.upper is None or point.period.upper > month
            )
            if holds and (point.pk, month) not in have:
                lines.append(
                    PlanLine(
                        county_id=year.county_id,
                        plan_id=plan_of[point.unit_id],
                        contact_point=point,
                        month=month,
                        required_visits=rules.rule_for(month).visits_per_month,
                        officer_id=point.officer_id,
                    )
                )
    PlanLine.objects.bulk_create(lines, ignore_conflicts=True, batch_size=2000)
    return len(lines)


@transaction.atomic
def add_topic(*, year: ProgrammeYear, actor: User, **fields: Any) -> Topic:
    """A topic of the year; `fields` as on the model. Raises ValidationError."""
    topic = Topic(programme_year=year, **fields)
    topic.full_clean()
    topic.save(force_insert=True)
    audit.record(
        gettext_noop("Topic added"),
        actor=actor,
        obj=topic,
        after=audit.facts(topic, "title", "level", "first_month", "last_month"),
    )
    return topic
