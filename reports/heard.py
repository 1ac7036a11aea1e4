"""Keeping the words that rise in what villagers said (`HeardMonth`), a month of a county at a time.

Made anew when a text of the month or of those before it changed: the stamp says what was read.
"""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum

from contact_points.models import County, Officer, Township, Unit, Village
from feedback.models import Feedback, Matter
from outreach import clock
from outreach.models import User
from reports import words
from reports.models import HeardMonth, HeardWord
from reports.words import Text

BEFORE = 3  # months that a month is compared with
# A place is often named without what kind of place it is, an office without its county.
PLACES = (
    "村民委员会",
    "村委会",
    "社区",
    "街道",
    "自治县",
    "新村",
    "村",
    "乡",
    "镇",
    "县",
    "区",
    "市",
)
SENT = ("submitted", "accepted")


def listen(county_id: int, month: date) -> bool:
    """Find the month's rising words, unless nothing changed since they were found."""
    stamp = _stamp(county_id, month)
    if HeardMonth.objects.filter(county_id=county_id, month=month, stamp=stamp).exists():
        return False
    now = list(_texts(county_id, month, month))
    first, last = clock.add_months(month, -BEFORE), clock.add_months(month, -1)
    before = [row.text for row in _texts(county_id, first, last)]
    found = words.rising(now, before, _names(county_id))
    with transaction.atomic():
        heard, _new = HeardMonth.objects.select_for_update().update_or_create(
            county_id=county_id,
            month=month,
            defaults={"stamp": stamp, "records": len(now), "records_before": len(before)},
        )
        heard.words.all().delete()
        HeardWord.objects.bulk_create(
            HeardWord(
                heard=heard,
                order=n,
                word=row.word,
                visits=row.visits,
                matters=row.matters,
                villages=row.villages,
                before=row.before,
            )
            for n, row in enumerate(found)
        )
    return True


def _stamp(county_id: int, month: date) -> str:
    """Changes with every text of these months: each saving counts its record's version up."""
    first = clock.add_months(month, -BEFORE)
    numbers = []
    for rows in (_feedback(county_id, first, month), _matters(county_id, first, month)):
        numbers += rows.aggregate(rows=Count("pk"), versions=Sum("version")).values()
    return " ".join(str(number or 0) for number in numbers)


def _texts(county_id: int, first: date, last: date) -> Iterator[Text]:
    said = _feedback(county_id, first, last).values_list(
        "visit__contact_point__village", "findings", "suggestions"
    )
    for village, findings, suggestions in said:
        yield Text("visit", village, f"{findings}\n{suggestions}")
    for village, text in _matters(county_id, first, last).values_list("village", "text"):
        yield Text("matter", village, text)


def _feedback(county_id: int, first: date, last: date) -> QuerySet:
    return Feedback.objects.filter(
        visit__county=county_id,
        visit__state="recorded",
        visit__month__range=(first, last),
        state__in=SENT,
    )


def _matters(county_id: int, first: date, last: date) -> QuerySet:
    begun, over = (_midnight(month) for month in (first, clock.add_months(last, 1)))
    raised = Q(raised_at__gte=begun, raised_at__lt=over)
    return Matter.objects.filter(raised, county=county_id).exclude(state__in=("draft", "joined"))


def _midnight(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=clock.SHANGHAI)


def _names(county_id: int) -> set[str]:
    """What people and offices of the county and its places are called, in full and short."""
    names: set[str] = set()
    county = County.objects.get(pk=county_id).name
    for model in (Village, Township):
        rows = model._default_manager.filter(county=county_id)
        names.update(rows.values_list("name", flat=True))
    names.add(county)
    names |= {_stem(name) for name in names}
    for name in Unit.objects.filter(county=county_id).values_list("name", flat=True):
        names |= {name, name.removeprefix(county), name.removeprefix("县")}
    for rows in (
        Officer.objects.filter(unit__county=county_id),
        User.objects.filter(county=county_id),
    ):
        names.update(rows.values_list("name", flat=True))
    return {name for name in names if len(name) > 1}


def _stem(name: str) -> str:
    for ending in PLACES:
        if name.endswith(ending):
            return name.removesuffix(ending)
    return name
