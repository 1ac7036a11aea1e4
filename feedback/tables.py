"""The review queue, the matters and the opinion book as ledgers."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from feedback.filters import queue_query, review_address
from feedback.models import (
    Clarification,
    EvaluationRound,
    Feedback,
    Matter,
    Opinion,
    OpinionCall,
    RoundVillage,
)
from outreach.tables import DayColumn, MomentColumn, NumberColumn, Table, state_tag


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
    township = tables.Column(
        accessor="visit__contact_point__village__township",
        order_by=("visit__contact_point__village__township__code",),
        verbose_name=_("township"),
    )
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


class MatterTable(Table):
    text = tables.Column(linkify=("matter_detail", {"pk": tables.A("pk")}), orderable=False)
    village = tables.Column(order_by=("village__sort_key",), attrs={"td": {"class": "nowrap"}})
    township = tables.Column(
        accessor="village__township",
        order_by=("village__township__code",),
        verbose_name=_("township"),
    )
    category = tables.Column(order_by=("category_id",))
    urgency = tables.Column()
    state = tables.Column()
    leader = tables.Column(order_by=("leader__order",))
    due_on = DayColumn()
    raised_at = MomentColumn()
    origin = tables.Column(order_by=("origin__order",))
    source = tables.Column()
    code = tables.Column(orderable=False)
    accepted_at = MomentColumn()
    outcome = tables.Column()
    answer = tables.Column(orderable=False)
    answered_at = MomentColumn()
    villager_word = tables.Column()
    reopened = NumberColumn()
    closed_at = MomentColumn()

    shown = ("text", "village", "category", "state", "leader", "due_on", "raised_at")
    file_name = "matters"

    class Meta(Table.Meta):
        model = Matter
        fields = (
            "text",
            "village",
            "township",
            "category",
            "urgency",
            "state",
            "leader",
            "due_on",
            "raised_at",
            "origin",
            "source",
            "code",
            "accepted_at",
            "outcome",
            "answer",
            "answered_at",
            "villager_word",
            "reopened",
            "closed_at",
        )

    def render_state(self, record: Matter) -> SafeString:
        return render_to_string("feedback/_matter_tags.html", {"matter": record})

    def value_state(self, record: Matter) -> str:
        return str(record.get_state_display())


class RoundTable(Table):
    months = tables.Column(
        accessor="months_text",
        linkify=("evaluation_round", {"pk": tables.A("pk")}),
        order_by=("first_month", "pk"),
        verbose_name=_("about"),
        attrs={"td": {"class": "nowrap"}},
    )
    state = tables.Column(attrs={"td": {"class": "nowrap"}})
    villages = NumberColumn(accessor="villages_drawn", verbose_name=_("villages"))
    households = NumberColumn(accessor="households_drawn", verbose_name=_("households"))
    closes_on = DayColumn()
    closed_at = MomentColumn(verbose_name=pgettext_lazy("a round", "closed"))
    reason = tables.Column(orderable=False)

    shown = ("months", "state", "villages", "households", "closes_on", "closed_at")
    file_name = "evaluations"

    class Meta(Table.Meta):
        model = EvaluationRound
        fields = (
            "months",
            "state",
            "villages",
            "households",
            "closes_on",
            "closed_at",
            "reason",
        )

    def render_state(self, record: EvaluationRound) -> SafeString:
        return state_tag(record.state, record.get_state_display())

    def value_state(self, record: EvaluationRound) -> str:
        return str(record.get_state_display())


class DrawnVillageTable(Table):
    """Villages of a round as a unit sees its own."""

    village = tables.Column(
        linkify=lambda record: record.get_absolute_url(),
        order_by=("village__code",),
        verbose_name=_("village"),
        attrs={"td": {"class": "nowrap"}},
    )
    township = tables.Column(
        accessor="village__township",
        order_by=("village__township__code",),
        verbose_name=_("township"),
    )
    visited = tables.BooleanColumn(yesno="✓,-")
    in_frame = NumberColumn(verbose_name=_("households"))
    drawn = NumberColumn(verbose_name=_("households drawn"))

    file_name = "evaluation-villages"

    class Meta(Table.Meta):
        model = RoundVillage
        fields: tuple[str, ...] = ("village", "township", "visited", "in_frame", "drawn")


class RoundVillageTable(DrawnVillageTable):
    """The same for who runs the round, with what became of the households."""

    refused = NumberColumn(verbose_name=_("do not want to"))
    absent = NumberColumn(verbose_name=_("not there"))
    gone = NumberColumn(verbose_name=_("do not exist"))
    replaced = NumberColumn(verbose_name=_("replaced"))

    class Meta(DrawnVillageTable.Meta):
        fields = (*DrawnVillageTable.Meta.fields, "refused", "absent", "gone", "replaced")


class OpinionTable(Table):
    received_on = DayColumn(linkify=True)
    village = tables.Column(order_by=("village__sort_key",), attrs={"td": {"class": "nowrap"}})
    township = tables.Column(
        accessor="village__township",
        order_by=("village__township__code",),
        verbose_name=_("township"),
    )
    text = tables.Column(linkify=True, orderable=False)
    grade = tables.Column()
    call = tables.Column(order_by=("call_id",))
    state = tables.Column()
    published_text = tables.Column(orderable=False)
    reply = tables.Column(orderable=False)
    reason = tables.Column(orderable=False)
    matter = tables.Column(accessor="matter__code", orderable=False)
    read_by = tables.Column(orderable=False)
    read_at = MomentColumn()

    shown = ("received_on", "village", "text", "grade", "state", "reply")
    file_name = "opinions"

    class Meta(Table.Meta):
        model = Opinion
        fields = (
            "received_on",
            "village",
            "township",
            "text",
            "grade",
            "call",
            "state",
            "published_text",
            "reply",
            "reason",
            "matter",
            "read_by",
            "read_at",
        )

    def render_state(self, record: Opinion, value: str) -> SafeString:
        return state_tag(record.state, value)

    def value_state(self, value: str) -> str:
        return str(value)


class OpinionCallTable(Table):
    question = tables.Column(linkify=True, orderable=False)
    opens_on = DayColumn()
    closes_on = DayColumn()
    closed_at = MomentColumn(verbose_name=_("closed early"))
    answers = NumberColumn(verbose_name=_("opinions"))

    file_name = "opinion-calls"

    class Meta(Table.Meta):
        model = OpinionCall
        fields = ("question", "opens_on", "closes_on", "closed_at", "answers")


class ClarificationTable(Table):
    """Without counts of answers, which people of units see veiled (`feedback.estimates`)."""

    village = tables.Column(
        linkify=("clarification", {"pk": tables.A("pk")}),
        order_by=("village__sort_key",),
        attrs={"td": {"class": "nowrap"}},
    )
    township = tables.Column(
        accessor="village__township",
        order_by=("village__township__code",),
        verbose_name=_("township"),
    )
    unit = tables.Column(order_by=("unit__order",), verbose_name=_("unit"))
    round = tables.Column(order_by=("round__first_month",), verbose_name=_("months"))
    state = tables.Column()
    opened_at = MomentColumn(verbose_name=_("asked on"))
    explanation = tables.Column(orderable=False)
    decision = tables.Column(orderable=False)

    shown = ("village", "unit", "round", "state", "opened_at")
    file_name = "clarifications"

    class Meta(Table.Meta):
        model = Clarification
        fields = (
            "village",
            "township",
            "unit",
            "round",
            "state",
            "opened_at",
            "explanation",
            "decision",
        )

    def render_state(self, record: Clarification, value: str) -> SafeString:
        return state_tag(record.state, value)

    def value_state(self, value: str) -> str:
        return str(value)
