"""What is due in a county now, for whom, and why it comes to them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from contact_points.models import County, Officer
from outreach import clock
from outreach.models import User
from outreach.reminders import Reminder, tell
from outreach.roles import Role
from outreach.workdays import add_workdays
from visits.models import AnnualPlan, PlanLine, Visit

DAYS_AHEAD = 7  # how early a planned visit, a month's end or the next month is spoken of
FEEDBACK_AHEAD = timedelta(days=2)
RETURNED_AFTER = timedelta(days=3)
PLAN_WAITS = 5  # working days that a submitted plan may wait

AS_OFFICER = gettext_noop("You are responsible for this village.")
AS_SUBSTITUTE = gettext_noop("You stand in for the responsible officer.")
AS_VISITOR = gettext_noop("It was your visit.")
FOR_OFFICER = gettext_noop("It comes to you as coordinator: the officer has no account.")
AS_COORDINATOR = gettext_noop("You are the unit's coordinator.")
AS_OFFICE = gettext_noop("The county office decides on plans.")

Recipients = dict[User, str]  # each with why it comes to them


class People:
    """Who is told for an officer: the officer's own account, else the unit's coordinators."""

    def __init__(self, county_id: int):
        self.coordinators = defaultdict(list)
        self.office = []
        roles = [Role.COORDINATOR, Role.COUNTY]
        for user in User.objects.active().filter(county=county_id, role__in=roles):
            if user.role == Role.COUNTY:
                self.office.append(user)
            else:
                self.coordinators[user.unit_id].append(user)

    def of(self, officer: Officer | None, why: str) -> Recipients:
        if officer is None:
            return {}
        if officer.user and officer.user.is_active:
            return {officer.user: why}
        return dict.fromkeys(self.coordinators[officer.unit_id], FOR_OFFICER)


@transaction.atomic
def remind_county(county_id: int) -> int:
    """Tell everybody in the county what is due and was not told yet; how many were told.

    Safe at any time and any number of times: a second run at the same moment waits for the first.
    """
    County.objects.select_for_update(no_key=True).get(pk=county_id)
    people = People(county_id)
    due = [
        *_of_lines(county_id, people),
        *_of_feedback(county_id, people),
        *_of_plans(county_id, people),
        *(row for path in settings.ALSO_DUE for row in import_string(path)(county_id)),
    ]
    return tell(county_id=county_id, reminders=due)


def _each(recipients: Recipients, about: str, text: str, url: str, **params: Any) -> Iterator:
    for user, why in recipients.items():
        yield Reminder(user, about, text, url, {**params, "why": why})


def _dated(day: date | datetime) -> dict[str, Any]:
    """A day for both languages: English writes `date`, Chinese month and day."""
    return {"date": f"{day:%Y-%m-%d}", "month": day.month, "day": day.day}


def _of_month(month: date) -> dict[str, Any]:
    return {"date": f"{month:%Y-%m}", "year": month.year, "month": month.month}


def _ends_soon(month: date, today: date) -> bool:
    """Whether today lies in the month's last days."""
    following = clock.add_months(month, 1)
    return following - timedelta(days=DAYS_AHEAD) <= today < following


def _of_lines(county_id: int, people: People) -> Iterator[Reminder]:
    """Planned visits to come, missed ones, and months that end or ended without their visit."""
    today, month = clock.today(), clock.this_month()
    months = [clock.add_months(month, n) for n in (-1, 0, 1)]
    undated = defaultdict(list)
    for line in PlanLine.objects.filter(county=county_id).still_owed(months).with_officers():
        if line.month == months[2] and line.planned_date is None:
            undated[line.plan_id].append(line)
            continue
        if said := _of_line(line, today):
            about, text, params = said
            recipients = people.of(line.substitute, AS_SUBSTITUTE) | people.of(
                line.officer, AS_OFFICER
            )
            params = {"village": line.contact_point.village.name, **params}
            url = f"{reverse('my_month')}?{urlencode({'month': f'{line.month:%Y-%m}'})}"
            yield from _each(recipients, about, text, url, **params)
    if _ends_soon(month, today):
        yield from _of_undated(undated.values(), people)


def _of_line(line: PlanLine, today: date) -> tuple[str, str, dict] | None:
    """(what it is about, sentence, values) of a line whose visit is still owed."""
    planned = line.planned_date
    about = f"{line.pk}:{planned}"
    if line.month < clock.month_of(today):
        text = gettext_noop("%(village)s: no visit is recorded for %(date)s. %(why)s")
        return f"over:{line.pk}", text, _of_month(line.month)
    if planned and today <= planned < today + timedelta(days=DAYS_AHEAD):
        text = gettext_noop("%(village)s: a visit is planned for %(date)s. %(why)s")
        return f"due:{about}", text, _dated(planned)
    if line.month > clock.month_of(today) or (planned and planned > today):
        return None
    if _ends_soon(line.month, today):
        text = gettext_noop("%(village)s: %(date)s ends soon, no visit is recorded. %(why)s")
        return f"ending:{line.pk}", text, _of_month(line.month)
    if planned:
        text = gettext_noop("%(village)s: the visit of %(date)s is not recorded. %(why)s")
        return f"passed:{about}", text, _dated(planned)
    return None


def _of_undated(groups: Iterable[list[PlanLine]], people: People) -> Iterator[Reminder]:
    for lines in groups:
        line = lines[0]
        recipients = dict.fromkeys(people.coordinators[line.plan.unit_id], AS_COORDINATOR)
        text = gettext_noop("Next month (%(date)s): villages without a date: %(count)s. %(why)s")
        params = {"count": len(lines), **_of_month(line.month)}
        about = f"undated:{line.plan_id}:{line.month}"
        yield from _each(recipients, about, text, line.plan.get_absolute_url(), **params)


def _of_feedback(county_id: int, people: People) -> Iterator[Reminder]:
    """Feedback that is due, was not sent in time, or came back and lies there."""
    today = clock.today()
    rows = (
        Visit.objects.filter(county=county_id)
        .to_write()
        .filter(
            Q(feedback__state="returned") | Q(feedback_due_on__lte=today + FEEDBACK_AHEAD),
        )
        .select_related("contact_point__village", "officer__user", "feedback")
        .annotate(
            returned_at=Max("feedback__reviews__at", filter=Q(feedback__state="returned")),
        )
    )
    for visit in rows:
        if visit.returned_at:
            returned = visit.returned_at.astimezone(clock.SHANGHAI)
            if today - RETURNED_AFTER < returned.date():
                continue
            about = f"returned:{visit.pk}:{visit.returned_at:%Y%m%d%H%M%S}"
            text = gettext_noop("%(village)s: feedback returned on %(date)s waits. %(why)s")
            day: date = returned
        elif visit.feedback_due_on >= today:
            about, day = f"feedback:{visit.pk}:{visit.feedback_due_on}", visit.feedback_due_on
            text = gettext_noop("%(village)s: feedback is due on %(date)s. %(why)s")
        else:
            about, day = f"unsent:{visit.pk}:{visit.feedback_due_on}", visit.feedback_due_on
            text = gettext_noop("%(village)s: feedback was due on %(date)s, not sent. %(why)s")
        params = {"village": visit.contact_point.village.name, **_dated(day)}
        url = reverse("record", args=[visit.pk])
        yield from _each(people.of(visit.officer, AS_VISITOR), about, text, url, **params)


def _of_plans(county_id: int, people: People) -> Iterator[Reminder]:
    """Submitted plans that the county office has let wait."""
    today = clock.today()
    plans = AnnualPlan.objects.filter(
        county=county_id, state=AnnualPlan.State.SUBMITTED
    ).select_related("unit")
    recipients = dict.fromkeys(people.office, AS_OFFICE)
    for plan in plans:
        submitted = plan.submitted_at.astimezone(clock.SHANGHAI)
        if add_workdays(submitted.date(), PLAN_WAITS) < today:
            about = f"waiting:{plan.pk}:{submitted:%Y%m%d%H%M%S}"
            text = gettext_noop("%(unit)s: the plan of %(date)s waits for its answer. %(why)s")
            params = {"unit": plan.unit.name, **_dated(submitted)}
            yield from _each(recipients, about, text, plan.get_absolute_url(), **params)
