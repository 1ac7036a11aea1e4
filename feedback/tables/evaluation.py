"""Rounds, their villages and clarifications as ledgers."""

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from feedback.models import (
    Clarification,
    EvaluationRound,
    RoundVillage,
)
from outreach.tables import DayColumn, MomentColumn, NumberColumn, Table, TownshipColumn, state_tag


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
    township = TownshipColumn("village__township")
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


class ClarificationTable(Table):
    """Without counts of answers, which people of units see veiled (`feedback.estimates`)."""

    village = tables.Column(
        linkify=("clarification", {"pk": tables.A("pk")}),
        order_by=("village__sort_key",),
        verbose_name=_("village"),
        attrs={"td": {"class": "nowrap"}},
    )
    township = TownshipColumn("village__township")
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
