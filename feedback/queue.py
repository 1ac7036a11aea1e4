"""The review queue as the reader filtered and sorted it: what comes before and after a record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.http import QueryDict

from feedback.filters import ReviewFilter, queue_query, review_address
from feedback.models import Feedback
from feedback.tables.records import ReviewTable
from outreach.models import User


@dataclass(frozen=True)
class Queue:
    """What waits, in its order: id -> when it was received. `query` is the filter in an address."""

    waiting: dict[int, datetime]
    query: str

    @classmethod
    def of(cls, asked: QueryDict, user: User) -> Self:
        """The queue that this address means, read in one query."""
        rows = Feedback.objects.visible_to(user).waiting_for_review()
        rows = ReviewFilter(asked, queryset=rows, user=user).qs
        sorted_ = ReviewTable(rows, order_by=asked.getlist("sort")).data.data
        ordered = sorted_.order_by(*sorted_.query.order_by, "pk")
        return cls(dict(ordered.values_list("pk", "received_at")), queue_query(asked))

    def place(self, feedback: Feedback) -> int:
        """Where the record stands, from 1; 0 when it waits no more or the filter leaves it out."""
        ids = list(self.waiting)
        return ids.index(feedback.pk) + 1 if feedback.pk in self.waiting else 0

    def after(self, feedback: Feedback) -> str:
        """The address of the next record; nothing at the end."""
        ids = list(self.waiting)
        if feedback.pk in self.waiting:
            return self._address(ids[self.place(feedback) :])
        received = feedback.received_at
        return self._address([pk for pk in ids if received and self.waiting[pk] > received])

    def before(self, feedback: Feedback) -> str:
        """The address of the record before; nothing at the beginning."""
        ids = list(self.waiting)[: max(0, self.place(feedback) - 1)]
        return self._address(ids[::-1])

    def _address(self, ids: list[int]) -> str:
        return review_address(ids[0], self.query) if ids else ""
