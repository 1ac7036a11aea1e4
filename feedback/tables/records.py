"""The review queue and the suggestions as ledgers."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from feedback.filters import queue_query, review_address
from feedback.models import (
    Feedback,
)
from outreach.tables import DayColumn, MomentColumn, Table, TownshipColumn, state_tag


class ReviewTable(Table):
    village = tables.Column(
        accessor="visit__contact_point__village",
        linkify=lambda record, table: table.address(record),
        order_by=("visit__contact_point__village__sort_key",),
        verbose_name=_("village"),
        attrs={"td": {"class": "nowrap"}},
    )
    unit = tables.Column(
        accessor="visit__unit", order_by=("visit__unit__order",), verbose_name=_("unit")
    )
    officer = tables.Column(
        accessor="visit__officer",
        verbose_name=_("officer"),
        orderable=False,
        attrs={"td": {"class": "nowrap"}},
    )
    day = DayColumn(
        accessor="visit__day", order_by=("visit__started_at",), verbose_name=_("day of the visit")
    )
    received_at = MomentColumn(verbose_name=_("received"))
    late = tables.Column(accessor="is_late", verbose_name=_("in time"), orderable=False)
    marks = tables.Column(
        accessor="mark_labels", verbose_name=_("marks"), orderable=False, empty_values=()
    )
    findings = tables.Column(verbose_name=_("findings"), orderable=False)

    file_name = "review"

    class Meta(Table.Meta):
        model = Feedback
        fields = ("village", "unit", "officer", "day", "received_at", "late", "marks", "findings")

    def address(self, record: Feedback) -> str:
        """The page of the record, which remembers the filter and sort of this list."""
        return review_address(record.pk, queue_query(self.request.GET))

    def render_marks(self, value: list[str]) -> SafeString:
        return render_to_string("feedback/_mark_tags.html", {"labels": value})

    def value_marks(self, value: list[str]) -> str:
        return "、".join(value)

    def render_late(self, value: bool) -> SafeString:
        return state_tag("late", _("late")) if value else state_tag("done", _("in time"))

    def value_late(self, value: bool) -> str:
        return str(_("late") if value else _("in time"))

    def render_findings(self, value: str) -> str:
        return value if len(value) <= 60 else value[:59] + "…"

    def value_findings(self, value: str) -> str:
        return value


class SuggestionTable(Table):
    suggestions = tables.Column(
        linkify=("suggestion_detail", {"pk": tables.A("pk")}), orderable=False
    )
    village = tables.Column(
        accessor="visit__contact_point__village",
        order_by=("visit__contact_point__village__sort_key",),
        verbose_name=_("village"),
        attrs={"td": {"class": "nowrap"}},
    )
    township = TownshipColumn("visit__contact_point__village__township")
    unit = tables.Column(
        accessor="visit__unit", order_by=("visit__unit__order",), verbose_name=_("unit")
    )
    author = tables.Column(accessor="written_by", orderable=False, verbose_name=_("author"))
    day = DayColumn(
        accessor="visit__day", order_by=("visit__started_at",), verbose_name=_("day of the visit")
    )
    state = tables.Column(
        accessor="suggestion_state_label",
        order_by=("suggestion_answer__decision",),
        verbose_name=_("state"),
    )
    reply = tables.Column(
        accessor="suggestion_answer__text", orderable=False, verbose_name=_("reply")
    )
    replied_at = MomentColumn(accessor="suggestion_answer__at", verbose_name=_("replied on"))

    shown = ("suggestions", "village", "unit", "day", "state", "reply")
    file_name = "suggestions"

    class Meta(Table.Meta):
        model = Feedback
        fields = (
            "suggestions",
            "village",
            "township",
            "unit",
            "author",
            "day",
            "state",
            "reply",
            "replied_at",
        )

    def render_state(self, record: Feedback, value: str) -> SafeString:
        return state_tag(record.suggestion_state, value)

    def value_state(self, value: str) -> str:
        return str(value)
