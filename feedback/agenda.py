"""Which categories of matters recur in several villages, and which are a topic already."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q

from feedback.matter_states import State
from feedback.models import AgendaTopic, MatterCategory
from outreach import clock
from outreach.models import User

# Three months as thirteen weeks: both spans are equally long whatever the day is.
SPAN = timedelta(weeks=13)
# One village's problem is its own, several villages' the county's.
VILLAGES = 2


def next_month() -> date:
    return clock.add_months(clock.this_month(), 1)


def topic_now(category: MatterCategory) -> AgendaTopic | None:
    """The newest topic made of the category that is not over."""
    rows = AgendaTopic.objects.filter(category=category, topic__last_month__gte=clock.this_month())
    return rows.select_related("topic").last()


def recurring(user: User) -> list[MatterCategory]:
    """Categories raised in several villages in the last three months, the most villages first.

    Each with `matters`, `villages`, `before` (matters of the three months before) and `trend` (the
    difference). Every report counts, joined or not: how many villages raise it is the question.
    One query.
    """
    now = clock.now()
    reports = ~Q(matter__state=State.DRAFT)
    recent = reports & Q(matter__raised_at__gt=now - SPAN)
    earlier = reports & Q(matter__raised_at__gt=now - 2 * SPAN, matter__raised_at__lte=now - SPAN)
    rows = (
        MatterCategory.objects.visible_to(user)
        .annotate(
            matters=Count("matter", filter=recent),
            villages=Count("matter__village", filter=recent, distinct=True),
            before=Count("matter", filter=earlier),
        )
        .annotate(trend=F("matters") - F("before"))
        .filter(villages__gte=VILLAGES)
        .select_related("parent")
    )
    return list(rows.order_by("-villages", "-matters", "pk"))


def agenda(user: User) -> list[dict[str, Any]]:
    """`recurring` with the topic each is already. Two queries."""
    rows = recurring(user)
    made = AgendaTopic.objects.filter(
        category__in=rows, topic__last_month__gte=clock.this_month()
    ).select_related("topic")
    topics = {row.category_id: row for row in made.order_by("id")}
    return [{"category": row, "made": topics.get(row.pk)} for row in rows]
