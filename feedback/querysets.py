"""Reads of feedback."""

from typing import Self

from django.db.models import F, Q

from outreach.querysets import ScopedQuerySet


class FeedbackQuerySet(ScopedQuerySet):
    scope_unit = "visit__unit"

    def waiting_for_review(self) -> Self:
        """Submitted feedback of visits that count, oldest first."""
        return self.filter(state="submitted").exclude(visit__state="void").order_by("received_at")

    def late(self) -> Self:
        """Feedback that reached the server after the day allowed for it."""
        return self.filter(received_on__gt=F("visit__feedback_due_on"))

    def search(self, text: str) -> Self:
        return self.filter(
            Q(visit__contact_point__village__name__icontains=text)
            | Q(visit__unit__name__icontains=text)
        )

    def for_review(self) -> Self:
        return self.select_related(
            "visit__contact_point__village__township", "visit__unit", "visit__officer"
        )


class RecordVersionQuerySet(ScopedQuerySet):
    scope_unit = "visit__unit"

    def for_history(self) -> Self:
        """Oldest first, with who wrote each."""
        return self.select_related("by").order_by("number")
