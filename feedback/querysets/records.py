"""Reads of feedback."""

from typing import TYPE_CHECKING, Self

from django.db.models import F, Q

from outreach.models import User
from outreach.querysets import ScopedQuerySet
from outreach.roles import Capability

if TYPE_CHECKING:
    pass

# What people write in the field when they have none.
NO_SUGGESTION = r"^\s*(暂?无|没有|无建议|暂无建议|none|no|-+)\s*[。.!！]?\s*$"


class FeedbackQuerySet(ScopedQuerySet):
    scope_unit = "visit__unit"

    def waiting_for_review(self) -> Self:
        """Submitted feedback of visits that count, oldest first."""
        waiting = self.filter(state="submitted").exclude(visit__state="void")
        return waiting.order_by("received_at", "pk")

    def sent(self) -> Self:
        """Feedback that was sent, whatever became of it; a draft is its writer's own."""
        return self.exclude(state="draft")

    def marked(self) -> Self:
        """Feedback with marks (`feedback.marks`)."""
        return self.exclude(marks=[])

    def late(self) -> Self:
        """Feedback that reached the server after the day allowed for it."""
        return self.filter(received_on__gt=F("visit__feedback_due_on"))

    def suggesting(self) -> Self:
        """Records that reached the county, of visits that count, with a suggestion that says
        something."""
        rows = self.filter(state__in=["submitted", "accepted"]).exclude(visit__state="void")
        return rows.exclude(suggestions="").exclude(suggestions__iregex=NO_SUGGESTION)

    def for_suggestions(self) -> Self:
        """Open ones first, then the newest."""
        rows = self.for_review().select_related("suggestion_answer__by", "written_by")
        return rows.order_by(
            F("suggestion_answer__at").desc(nulls_first=True), "-received_at", "pk"
        )

    def search(self, text: str) -> Self:
        """By a part of the village's, unit's or officer's name or of one of the texts."""
        found = (
            Q(visit__contact_point__village__name__icontains=text)
            | Q(visit__unit__name__icontains=text)
            | Q(visit__officer__name__icontains=text)
        )
        for name in self.model.TEXTS:
            found |= Q((f"{name}__icontains", text))
        return self.filter(found)

    def for_review(self) -> Self:
        return self.select_related(
            "visit__contact_point__village__township",
            "visit__contact_point__unit",
            "visit__unit",
            "visit__officer",
            "suggestion_answer",
        )


class RecordVersionQuerySet(ScopedQuerySet):
    scope_unit = "visit__unit"

    def for_history(self) -> Self:
        """Oldest first, with who wrote each."""
        return self.select_related("by").order_by("number")


class ReviewPhraseQuerySet(ScopedQuerySet):
    """The county office's own; nobody of a unit sees them."""

    def visible_to(self, user: User) -> Self:
        if not user.can(Capability.REVIEW_FEEDBACK):
            return self.none()
        return self.filter(county=user.county_id)
