"""Which reports are owed: on a county's report day the month before, and what was missed since."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef

from contact_points.models import County
from outreach import clock
from outreach.models import Job
from reports.models import Report
from reports.services import request_report
from visits.models import PlanLine, ProgrammeYear, Visit

# Counties looked at in one go: memory stays the same for a county and for the whole country.
CHUNK = 200


def owed() -> Iterator[tuple[int, date]]:
    """(county, month) of each report that is due today or was before, and was never asked for.

    Of each county only the newest month whose report day has come. A month in which nothing was
    planned and nobody went is none of the programme.
    """
    counties = County.objects.order_by("pk").values_list("pk", flat=True)
    for chunk in _chunks(counties):
        due: dict[date, list[int]] = defaultdict(list)
        for county, month in _due(chunk):
            due[month].append(county)
        for month, ids in due.items():
            yield from ((county, month) for county in _without_report(ids, month))


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    chunk: list[int] = []
    for pk in ids:
        chunk.append(pk)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _due(counties: list[int]) -> Iterator[tuple[int, date]]:
    today = clock.today()
    last = clock.add_months(today.replace(day=1), -1)
    before = clock.add_months(last, -1)
    years = {
        (row.county_id, row.year): row
        for row in ProgrammeYear.objects.filter(
            county__in=counties, year__in={last.year, before.year}
        ).prefetch_related("rules")
    }
    for county in counties:
        if _has_begun(year := years.get((county, last.year)), last) and (
            today.day >= year.rule_for(last).report_day
        ):
            yield county, last
        elif _has_begun(years.get((county, before.year)), before):
            yield county, before


def _has_begun(year: ProgrammeYear | None, month: date) -> bool:
    return year is not None and any(rule.effective_month <= month for rule in year.rules.all())


def _without_report(counties: list[int], month: date) -> list[int]:
    of_month = {"county": OuterRef("pk"), "month": month}
    return list(
        County.objects.filter(
            Exists(PlanLine.objects.filter(**of_month)) | Exists(Visit.objects.filter(**of_month)),
            ~Exists(Report.objects.filter(**of_month)),
            pk__in=counties,
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )


@transaction.atomic
def request_due_report(*, county_id: int, month: date) -> Report | None:
    """The first report on the month, made when a worker has time; None if there is one by now."""
    # Of two sweeps at once, or of a sweep and a person, the second finds the first one's report.
    county = County.objects.select_for_update(no_key=True).get(pk=county_id)
    if Report.objects.filter(county=county, month=month).exists():
        return None
    return request_report(county=county, month=month, actor=None, queue=Job.Queue.BULK)
