"""Matters like one matter: perhaps several reports of one problem."""

from datetime import timedelta

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Case, Exists, OuterRef, Q, When

from feedback.matter_states import OPEN, State
from feedback.models import Matter
from outreach import clock
from outreach.models import User

# Shares of trigrams. A matter is one or two short sentences; a third in common is one subject.
ALIKE = 0.3
DAYS = 365
SHOWN = 5


def similar_matters(matter: Matter, user: User) -> list[Matter]:
    """At most five the person sees, of the category or township, open or of the last year.

    Those joined to another are left out, the other speaks for them. `can_lead` says
    whether the person may join the matter to it. One query.
    """
    near = Q(village__township=matter.village.township_id)
    if matter.category_id:
        near |= Q(category=matter.category_id)
    recent = Q(raised_at__gte=clock.now() - timedelta(days=DAYS))
    # Asked of the near ones only: PostgreSQL takes the comparison for cheap, and without the
    # condition it may compare the whole table before it looks at the county (as in `substance`).
    likeness = When(near, county=matter.county_id, then=TrigramSimilarity("text", matter.text))
    rows = (
        Matter.objects.visible_to(user)
        .filter(near, Q(state__in=OPEN) | recent, county=matter.county_id)
        .exclude(pk=matter.pk)
        .exclude(state=State.JOINED)
        .annotate(
            likeness=Case(likeness, default=0.0),
            can_lead=Exists(Matter.objects.joinable(matter, user).filter(pk=OuterRef("pk"))),
        )
        .filter(likeness__gte=ALIKE)
        .select_related("village", "leader")
    )
    return list(rows.order_by("-likeness", "-raised_at", "-pk")[:SHOWN])
