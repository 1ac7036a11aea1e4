"""A person's planned visits as an iCalendar file (RFC 5545)."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from outreach import clock
from visits.models import PlanLine


def calendar_of(lines: Iterable[PlanLine], *, name: str) -> bytes:
    """One all-day event for each dated line; an exempt one is cancelled. Nothing of villagers."""
    calendar = Calendar()
    calendar.add("prodid", "-//Face-to-face outreach//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", clock.SHANGHAI.key)
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"value": "DURATION"})
    for line in lines:
        calendar.add_component(_event(line))
    return calendar.to_ical()


def _event(line: PlanLine) -> Event:
    village = line.contact_point.village
    event = Event()
    event.add("uid", f"plan-line-{line.pk}@outreach")
    event.add("dtstamp", clock.now())
    event.add("sequence", line.version)
    event.add("summary", _("Visit %(village)s") % {"village": village.name})
    event.add("location", f"{village.township.name}{village.name}")
    event.add("dtstart", line.planned_date)
    event.add("dtend", line.planned_date + clock.ONE_DAY)
    event.add("status", "CANCELLED" if line.exemption else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    if topics := "、".join(topic.title for topic in line.topics.all()):
        event.add("description", _("Explain: %(topics)s") % {"topics": topics})
    return event
