"""The year, its topics and plans, exemptions, and who holds a contact point."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint
from contact_points.services.handover import hand_over
from contact_points.services.registry import open_contact_point
from outreach import audit
from outreach.management.demo import programme
from outreach.management.demo import story as told
from outreach.management.demo.verbs.dispatch import do
from visits.models import PlanLine, Topic
from visits.services.exemptions import ask_exemption, decide_exemption_request, exempt_line
from visits.services.obligations import Handover, ensure_lines, follow_registry
from visits.services.plans import decide_plan, line_facts, submit_plan, write_line
from visits.services.programme import open_year
from visits.services.rules import add_avoided_days
from visits.services.topics import add_topic, attach_file

if TYPE_CHECKING:
    from outreach.management.demo.player import Player


@do.register(told.OpenPoint)
def _(step: told.OpenPoint, player: "Player") -> None:
    point = step.point
    player.points[point.key] = open_contact_point(
        unit=player.units[point.unit],
        village=player.villages[point.village],
        officer=player.officers[point.officer.key],
        first_day=point.first_day,
        last_day=point.last_day,
        note=point.note,
        actor=player.admin,
    )
    for year in player.years.values():
        ensure_lines(year)
        player.learn_lines(year)


@do.register(told.OpenYear)
def _(step: told.OpenYear, player: "Player") -> None:
    year = open_year(county=player.county, year=step.year, actor=player.users["xianban"])
    player.years[step.year] = year
    player.learn_lines(year)


@do.register(told.AddTopic)
def _(step: told.AddTopic, player: "Player") -> None:
    topic = player.topics[step.year, step.title] = add_topic(
        year=player.years[step.year],
        actor=player.users["xianban"],
        title=step.title,
        level=step.level,
        text=step.text,
        first_month=step.first_month,
        last_month=step.last_month,
    )
    if step.with_file:
        file = programme.outline(step.title, step.text)
        attach_file(topic=topic, actor=player.users["xianban"], file=file)


@do.register(told.AvoidDays)
def _(step: told.AvoidDays, player: "Player") -> None:
    add_avoided_days(
        year=player.years[step.year],
        actor=player.users["xianban"],
        township=player.townships.get(step.township),
        first_day=step.first_day,
        last_day=step.last_day,
        reason=step.reason,
    )


@do.register(told.WriteLine)
def _(step: told.WriteLine, player: "Player") -> None:
    line = player.lines[step.point, step.month]
    topics = [player.topics[step.month.year, title] for title in step.topics]
    if not step.reason:
        _put_down(step, line, topics, player)
        return
    player.end_sitting()
    player.lines[step.point, step.month] = write_line(
        line=line,
        actor=player.coordinator(player.story.points[step.point].unit),
        version=line.version,
        planned_date=step.day,
        group=step.group,
        officer_id=player.officers[step.officer].pk,
        topics=topics,
        reason=step.reason,
    )


def _put_down(step: told.WriteLine, line: PlanLine, topics: list[Topic], player: "Player") -> None:
    """What `write_line` makes of a line of an open plan, saved with those of the same sitting: one
    by one they take ten times as long.
    """
    before = line_facts(line, [])
    line.planned_date, line.group = step.day, step.group
    line.officer, line.version = player.officers[step.officer], line.version + 1
    player.written[line] = topics
    player.entries.append(
        audit.entry(
            gettext_noop("Plan line written"),
            actor=player.coordinator(player.story.points[step.point].unit),
            obj=line,
            before=before,
            after=line_facts(line, topics),
        )
    )


@do.register(told.SubmitPlan)
def _(step: told.SubmitPlan, player: "Player") -> None:
    submit_plan(plan=player.plans[step.unit, step.year], actor=player.coordinator(step.unit))


@do.register(told.DecidePlan)
def _(step: told.DecidePlan, player: "Player") -> None:
    plan = player.plans[step.unit, step.year]
    decide_plan(plan=plan, actor=player.users["xianban"], reason=step.reason)


@do.register(told.Exempt)
def _(step: told.Exempt, player: "Player") -> None:
    exempt_line(
        line=player.lines[step.point, step.month],
        actor=player.users["xianban"],
        exemption=step.exemption,
        reason=step.reason,
    )


@do.register(told.AskExemption)
def _(step: told.AskExemption, player: "Player") -> None:
    player.requests[step.point, step.month] = ask_exemption(
        line=player.lines[step.point, step.month],
        actor=player.coordinator(player.story.points[step.point].unit),
        kind=step.kind,
        reason=step.reason,
        substitute=None if step.substitute is None else player.officers[step.substitute],
    )


@do.register(told.DecideRequest)
def _(step: told.DecideRequest, player: "Player") -> None:
    decide_exemption_request(
        request=player.requests[step.point, step.month],
        actor=player.users["xianban"],
        grant=step.grant,
        answer=step.answer,
    )
    player.lines[step.point, step.month].refresh_from_db()


@do.register(told.HandOver)
def _(step: told.HandOver, player: "Player") -> None:
    successor, point = step.successor, player.points[step.point]
    actor = player.coordinator(successor.unit)
    bulk_id = hand_over(
        contact_points=[point],
        officer=player.officers[successor.officer.key],
        first_day=successor.first_day,
        actor=actor,
        reason=step.reason,
    )
    follow_registry(county_id=player.county.pk, act=Handover(bulk_id, actor=actor))
    player.points[successor.key] = ContactPoint.objects.get(
        unit=point.unit, village=point.village, period__startswith=successor.first_day
    )
    for year in player.years.values():
        player.learn_lines(year)
