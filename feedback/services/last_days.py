"""Until when villagers are asked: a day to come, and one that somebody will live to see."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from outreach import clock

LONGEST = timedelta(days=90)


def check_last_day(day: date) -> None:
    """Of a round or a call for opinions. Raises ValidationError for `closes_on`."""
    latest = clock.today() + LONGEST
    if day < clock.today():
        raise ValidationError({"closes_on": _("This day is over.")})
    if day > latest:
        told = {"days": LONGEST.days, "day": date_format(latest)}
        raise ValidationError(
            {"closes_on": _("At most %(days)s days from today: until %(day)s.") % told}
        )
