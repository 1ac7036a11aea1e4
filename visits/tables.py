"""Ledgers of visits, plans and exemptions."""

from datetime import date

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from outreach.tables import (
    DayColumn,
    MomentColumn,
    NumberColumn,
    Table,
    TownshipColumn,
    UnitColumn,
    VillageColumn,
    state_tag,
)
from outreach.templatetags.outreach import month
from visits.models import AnnualPlan, ExemptionRequest, PlanLine, Visit


class VisitTable(Table):
    village = VillageColumn(
        "contact_point__village", linkify=("visit_detail", {"pk": tables.A("pk")})
    )
    township = TownshipColumn("contact_point__village__township")
    day = DayColumn(accessor="day", order_by=("started_at",), verbose_name=_("day"))
    unit = tables.Column(order_by=("unit__order",))
    officer = tables.Column(order_by=("officer__sort_key",))
    people_total = NumberColumn(verbose_name=_("people"))
    households_met = NumberColumn(verbose_name=_("households"))
    feedback = tables.Column(
        accessor="feedback__state", verbose_name=_("feedback"), empty_values=()
    )
    feedback_due_on = DayColumn(verbose_name=_("feedback due"))
    received = MomentColumn(accessor="feedback__received_at", verbose_name=_("feedback received"))
    written_at = MomentColumn(verbose_name=_("written"))

    shown = (
        "village",
        "township",
        "day",
        "unit",
        "officer",
        "people_total",
        "households_met",
        "feedback",
    )
    file_name = "visits"

    class Meta(Table.Meta):
        model = Visit
        fields = ("village",)
        sequence = (
            "village",
            "township",
            "day",
            "unit",
            "officer",
            "people_total",
            "households_met",
            "feedback",
            "feedback_due_on",
            "received",
            "written_at",
        )

    def render_feedback(self, record: Visit) -> SafeString:
        if record.is_void:
            return state_tag("void", record.get_state_display())
        written = getattr(record, "feedback", None)
        if written is None:
            return state_tag("due", _("to write"))
        return state_tag(written.state, written.get_state_display())

    def value_feedback(self, record: Visit) -> str:
        if record.is_void:
            return str(record.get_state_display())
        written = getattr(record, "feedback", None)
        return str(written.get_state_display()) if written else ""


class PlanTable(Table):
    unit = tables.Column(linkify=("plan_detail", {"pk": tables.A("pk")}), order_by=("unit__order",))
    year = NumberColumn(accessor="programme_year__year", verbose_name=_("year"))
    lines_count = NumberColumn(verbose_name=_("lines"))
    dated_count = NumberColumn(verbose_name=_("with a date"))
    state = tables.Column()
    submitted_at = MomentColumn(verbose_name=_("submitted on"))
    decided_at = MomentColumn(verbose_name=_("decided on"))

    shown = ("unit", "year", "lines_count", "dated_count", "state", "submitted_at")
    file_name = "plans"

    class Meta(Table.Meta):
        model = AnnualPlan
        fields = (
            "unit",
            "year",
            "lines_count",
            "dated_count",
            "state",
            "submitted_at",
            "decided_at",
        )

    def render_state(self, record: AnnualPlan) -> SafeString:
        return state_tag(record.state, record.get_state_display())

    def value_state(self, record: AnnualPlan) -> str:
        return str(record.get_state_display())


class OfMonthTable(Table):
    """A ledger of rows that belong to a month."""

    month = tables.Column(verbose_name=_("month"))

    def render_month(self, value: date) -> str:
        return month(value)

    def value_month(self, value: date) -> str:
        return f"{value:%Y-%m}"


class ExemptionRequestTable(OfMonthTable):
    village = VillageColumn(
        "line__contact_point__village", linkify=("exemption_request_detail", {"pk": tables.A("pk")})
    )
    month = tables.Column(accessor="line__month", verbose_name=_("month"))
    township = TownshipColumn("line__contact_point__village__township")
    unit = UnitColumn("line__contact_point__unit")
    officer = tables.Column(
        accessor="line__officer",
        order_by=("line__officer__sort_key",),
        verbose_name=_("responsible officer"),
    )
    kind = tables.Column()
    substitute = tables.Column(order_by=("substitute__sort_key",))
    reason = tables.Column(orderable=False)
    state = tables.Column()
    asked_by = tables.Column(order_by=("asked_by__name",))
    asked_at = MomentColumn()
    answer = tables.Column(orderable=False)
    decided_by = tables.Column(order_by=("decided_by__name",))
    decided_at = MomentColumn()

    shown = ("village", "month", "unit", "officer", "kind", "reason", "state", "asked_at")
    file_name = "exemption-requests"

    class Meta(Table.Meta):
        model = ExemptionRequest
        fields = (
            "village",
            "month",
            "township",
            "unit",
            "officer",
            "kind",
            "substitute",
            "reason",
            "state",
            "asked_by",
            "asked_at",
            "answer",
            "decided_by",
            "decided_at",
        )

    def render_state(self, record: ExemptionRequest) -> SafeString:
        return state_tag(record.state, record.get_state_display())

    def value_state(self, record: ExemptionRequest) -> str:
        return str(record.get_state_display())


class ExemptionTable(OfMonthTable):
    village = VillageColumn(
        "contact_point__village",
        linkify=("contact_point_detail", {"pk": tables.A("contact_point_id")}),
    )
    township = TownshipColumn("contact_point__village__township")
    unit = UnitColumn("contact_point__unit")
    officer = tables.Column(order_by=("officer__sort_key",))
    exemption = tables.Column(empty_values=())
    substitute = tables.Column(order_by=("substitute__sort_key",))
    exemption_reason = tables.Column(orderable=False)
    exempted_by = tables.Column(order_by=("exempted_by__name",), verbose_name=_("decided by"))

    shown = ("village", "month", "unit", "officer", "exemption", "substitute", "exemption_reason")
    file_name = "exemptions"

    class Meta(Table.Meta):
        model = PlanLine
        fields = (
            "village",
            "month",
            "township",
            "unit",
            "officer",
            "exemption",
            "substitute",
            "exemption_reason",
            "exempted_by",
        )

    def render_exemption(self, record: PlanLine) -> SafeString:
        return state_tag("exempt", self.value_exemption(record))

    def value_exemption(self, record: PlanLine) -> str:
        kinds = ExemptionRequest.Kind
        return str(record.get_exemption_display() if record.exemption else kinds.LEAVE.label)
