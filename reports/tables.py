"""Ledgers of reports and of the matters behind a rate."""

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from contact_points.models import ContactPoint, Household, Unit, Village
from feedback.models import Matter
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
from reports.models import Bulletin, Report
from visits.models import PlanLine, Visit


class ReportTable(Table):
    month = tables.Column(linkify=("report_detail", {"pk": tables.A("pk")}))
    revision = NumberColumn()
    state = tables.Column()
    requested_by = tables.Column(orderable=False)
    requested_at = MomentColumn(verbose_name=_("asked for on"))
    made_at = MomentColumn(verbose_name=_("made on"))
    issued_by = tables.Column(orderable=False)
    issued_at = MomentColumn(verbose_name=_("issued on"))

    shown = ("month", "revision", "state", "requested_by", "made_at", "issued_at")
    file_name = "reports"

    class Meta(Table.Meta):
        model = Report
        fields = (
            *("month", "revision", "state", "requested_by", "requested_at", "made_at"),
            *("issued_by", "issued_at"),
        )

    def render_month(self, record: Report) -> str:
        return month(record.month)

    def value_month(self, record: Report) -> str:
        return f"{record.month:%Y-%m}"

    def render_state(self, record: Report) -> SafeString:
        return state_tag(record.standing, record.standing_label)

    def value_state(self, record: Report) -> str:
        return str(record.standing_label)


class BulletinTable(Table):
    title = tables.Column(linkify=True, orderable=False)
    number = tables.Column(accessor="number_text", order_by=("year", "number"), empty_values=("",))
    state = tables.Column()
    written_by = tables.Column(orderable=False)
    written_at = MomentColumn()
    issued_at = MomentColumn()

    file_name = "bulletins"

    class Meta(Table.Meta):
        model = Bulletin
        fields = ("title", "number", "state", "written_by", "written_at", "issued_at")

    def render_state(self, record: Bulletin) -> SafeString:
        return state_tag(record.state, record.get_state_display())

    def value_state(self, record: Bulletin) -> str:
        return str(record.get_state_display())


class FrozenLineTable(Table):
    """Obligations as they stand now, of those that were counted."""

    village = VillageColumn(
        "contact_point__village",
        linkify=("contact_point_detail", {"pk": tables.A("contact_point_id")}),
    )
    township = TownshipColumn("contact_point__village__township")
    unit = UnitColumn("contact_point__unit")
    officer = tables.Column(order_by=("officer__sort_key",))
    planned_date = DayColumn()
    required_visits = NumberColumn()
    exemption = tables.Column()
    substitute = tables.Column(order_by=("substitute__sort_key",))

    file_name = "obligations"

    class Meta(Table.Meta):
        model = PlanLine
        fields = (
            *("village", "township", "unit", "officer", "planned_date", "required_visits"),
            *("exemption", "substitute"),
        )


class FrozenVisitTable(Table):
    """Visits as they stand now, of those that were counted."""

    village = VillageColumn(
        "contact_point__village", linkify=("visit_detail", {"pk": tables.A("pk")})
    )
    township = TownshipColumn("contact_point__village__township")
    day = DayColumn(accessor="day", order_by=("started_at",), verbose_name=_("day"))
    unit = tables.Column(order_by=("unit__order",))
    officer = tables.Column(order_by=("officer__sort_key",))
    people_total = NumberColumn(verbose_name=_("people"))
    households_met = NumberColumn(verbose_name=_("households"))
    state = tables.Column()

    file_name = "visits"

    class Meta(Table.Meta):
        model = Visit
        fields = (
            *("village", "township", "day", "unit", "officer", "people_total"),
            *("households_met", "state"),
        )
        sequence = fields


class FrozenHouseholdTable(Table):
    """Households by their numbers."""

    village = tables.Column(
        linkify=("village_detail", {"pk": tables.A("village_id")}),
        order_by=("village__sort_key",),
    )
    township = TownshipColumn("village__township")
    number = tables.Column()

    file_name = "households"

    class Meta(Table.Meta):
        model = Household
        fields = ("village", "township", "number")
        sequence = fields


class FrozenUnitTable(Table):
    """Units of the registry."""

    name = tables.Column(linkify=("unit_detail", {"pk": tables.A("pk")}), order_by=("order",))

    file_name = "units"

    class Meta(Table.Meta):
        model = Unit
        fields = ("name", "kind")


class FrozenVillageTable(Table):
    """Villages of the registry, with how many households each has."""

    name = tables.Column(linkify=("village_detail", {"pk": tables.A("pk")}), order_by=("sort_key",))
    township = tables.Column(order_by=("township__code",))
    households_count = NumberColumn()

    file_name = "villages"

    class Meta(Table.Meta):
        model = Village
        fields = ("name", "township", "households_count")


class FrozenPointTable(Table):
    """Contact points, whoever holds them now."""

    village = tables.Column(
        linkify=("contact_point_detail", {"pk": tables.A("pk")}), order_by=("village__sort_key",)
    )
    township = TownshipColumn("village__township")
    unit = tables.Column(order_by=("unit__order",))
    officer = tables.Column(order_by=("officer__sort_key",))

    file_name = "contact-points"

    class Meta(Table.Meta):
        model = ContactPoint
        fields = ("village", "township", "unit", "officer")


class RatedMatterTable(Table):
    """A matter with what the rates look at."""

    text = tables.Column(linkify=True, orderable=False)
    village = tables.Column(order_by=("village__sort_key",), attrs={"td": {"class": "nowrap"}})
    category = tables.Column(order_by=("category_id",))
    leader = tables.Column(order_by=("leader__order",))
    state = tables.Column()
    respond_by = DayColumn()
    accepted_at = MomentColumn()
    first_due_on = DayColumn()
    outcome = tables.Column()
    answered_at = MomentColumn()
    villager_word = tables.Column()
    villager_satisfied = tables.BooleanColumn(yesno="✓,×", empty_values=(None,))
    villager_at = MomentColumn()

    shown = (
        *("text", "village", "leader", "state", "respond_by", "accepted_at"),
        *("first_due_on", "answered_at", "villager_word"),
    )
    file_name = "matters"

    class Meta(Table.Meta):
        model = Matter
        fields = (
            *("text", "village", "category", "leader", "state", "respond_by", "accepted_at"),
            *("first_due_on", "outcome", "answered_at", "villager_word", "villager_satisfied"),
            "villager_at",
        )

    def render_state(self, record: Matter) -> SafeString:
        return state_tag(record.state, record.get_state_display())

    def value_state(self, record: Matter) -> str:
        return str(record.get_state_display())


class UndatedTable(Table):
    """A visit that is owed and has no date yet."""

    village = VillageColumn(
        "contact_point__village",
        linkify=("contact_point_detail", {"pk": tables.A("contact_point_id")}),
    )
    township = TownshipColumn("contact_point__village__township")
    unit = UnitColumn("contact_point__unit")
    officer = tables.Column(order_by=("officer__sort_key",))
    plan = tables.Column(
        linkify=("plan_detail", {"pk": tables.A("plan_id")}), empty_values=(), orderable=False
    )

    file_name = "undated"

    class Meta(Table.Meta):
        model = PlanLine
        fields = ("village", "township", "unit", "officer", "plan")

    def render_plan(self, record: PlanLine) -> str:
        return str(_("set a date in the plan"))

    def value_plan(self, record: PlanLine) -> str:
        return f"{record.month:%Y-%m}"
