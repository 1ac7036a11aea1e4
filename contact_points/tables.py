"""Ledgers of the registry and of imports."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from contact_points.layouts import LAYOUTS
from contact_points.models import ContactPoint, ImportRow, ImportRun, Officer, Unit, Village
from outreach.tables import DayColumn, MomentColumn, NumberColumn, Table, state_tag


class VillageTable(Table):
    name = tables.Column(
        linkify=("village_detail", {"pk": tables.A("pk")}),
        order_by=("sort_key", "code"),
        verbose_name=_("Village"),
    )
    code = tables.Column(verbose_name=_("Village code"))
    township = tables.Column(
        accessor="township__name", order_by=("township__code", "code"), verbose_name=_("Township")
    )
    households_count = NumberColumn(verbose_name=_("Households"))
    population = NumberColumn(verbose_name=_("Population"))
    current_contacts = NumberColumn(verbose_name=_("Contact points now"))

    shown = ("name", "township", "households_count", "current_contacts", "code")
    file_name = "villages"

    class Meta(Table.Meta):
        model = Village
        fields = (
            "name",
            "code",
            "township",
            "households_count",
            "population",
            "current_contacts",
        )


class UnitTable(Table):
    name = tables.Column(
        linkify=("unit_detail", {"pk": tables.A("pk")}),
        order_by=("order", "id"),
        verbose_name=_("Unit"),
    )
    kind = tables.Column(order_by=("kind", "order", "id"), verbose_name=_("Kind"))
    township = tables.Column(
        accessor="township__name", order_by=("township__code", "id"), verbose_name=_("Township")
    )
    officers_count = NumberColumn(verbose_name=_("Officers"))
    current_contacts = NumberColumn(verbose_name=_("Contact points now"))

    shown = ("name", "kind", "officers_count", "current_contacts")
    file_name = "units"

    class Meta(Table.Meta):
        model = Unit
        fields = ("name", "kind", "township", "officers_count", "current_contacts")


class OfficerTable(Table):
    name = tables.Column(
        linkify=("officer_detail", {"pk": tables.A("pk")}),
        order_by=("sort_key", "id"),
        verbose_name=_("Officer"),
    )
    unit = tables.Column(
        accessor="unit__name", order_by=("unit__order", "unit_id", "id"), verbose_name=_("Unit")
    )
    post = tables.Column(verbose_name=_("Post"))
    telephone = tables.Column(verbose_name=_("Telephone"), orderable=False)
    account = tables.Column(accessor="user__username", verbose_name=_("Account"))
    left_on = DayColumn(verbose_name=_("Left on"))
    current_contacts = NumberColumn(verbose_name=_("Contact points now"))

    shown = ("name", "unit", "post", "telephone", "current_contacts")
    file_name = "officers"

    class Meta(Table.Meta):
        model = Officer
        fields = ("name", "unit", "post", "telephone", "account", "left_on", "current_contacts")


class ContactPointTable(Table):
    """The ten columns of the list that also comes back in."""

    village_code = tables.Column(accessor="village__code", verbose_name=_("Village code"))
    village = tables.Column(
        accessor="village__name",
        linkify=("contact_point_detail", {"pk": tables.A("pk")}),
        order_by=("village__sort_key", "village__code", "id"),
        verbose_name=_("Village"),
    )
    township = tables.Column(
        accessor="village__township__name",
        order_by=("village__township__code", "village__code", "id"),
        verbose_name=_("Township"),
    )
    unit = tables.Column(
        accessor="unit__name", order_by=("unit__order", "unit_id", "id"), verbose_name=_("Unit")
    )
    officer = tables.Column(
        accessor="officer__name",
        order_by=("officer__sort_key", "officer_id", "id"),
        verbose_name=_("Responsible officer"),
    )
    post = tables.Column(accessor="officer__post", orderable=False, verbose_name=_("Post"))
    telephone = tables.Column(
        accessor="officer__telephone", orderable=False, verbose_name=_("Telephone")
    )
    first_day = DayColumn(order_by=("period__startswith", "id"), verbose_name=_("First day"))
    last_day = DayColumn(orderable=False, verbose_name=_("Last day"))
    note = tables.Column(orderable=False, verbose_name=_("Note"))

    shown = ("village", "township", "unit", "officer", "telephone", "first_day", "last_day")
    file_name = "contact-points"

    class Meta(Table.Meta):
        model = ContactPoint
        fields: tuple[str, ...] = ()
        sequence = (
            "village",
            "township",
            "unit",
            "officer",
            "post",
            "telephone",
            "first_day",
            "last_day",
            "note",
            "village_code",
        )


class ImportRunTable(Table):
    file_name_ = tables.Column(
        accessor="file_name",
        linkify=("import_detail", {"pk": tables.A("pk")}),
        verbose_name=_("File"),
    )
    kind = tables.Column(verbose_name=_("List of"))
    state = tables.Column(verbose_name=_("State"))
    new = NumberColumn(accessor="counts__new", orderable=False, verbose_name=_("New"))
    changed = NumberColumn(accessor="counts__changed", orderable=False, verbose_name=_("Changed"))
    unchanged = NumberColumn(
        accessor="counts__unchanged", orderable=False, verbose_name=_("Unchanged")
    )
    rejected = NumberColumn(
        accessor="counts__rejected", orderable=False, verbose_name=_("Rejected")
    )
    asks = NumberColumn(accessor="counts__asks", orderable=False, verbose_name=_("Asks"))
    closed = NumberColumn(accessor="counts__closed", orderable=False, verbose_name=_("Closed"))
    first_day = DayColumn(verbose_name=_("Valid from"))
    created_by = tables.Column(accessor="created_by__name", verbose_name=_("Uploaded by"))
    created_at = MomentColumn(verbose_name=_("Uploaded"))
    applied_at = MomentColumn(verbose_name=_("Applied"))

    shown = (
        "file_name_",
        "kind",
        "state",
        "new",
        "changed",
        "unchanged",
        "asks",
        "rejected",
        "created_by",
        "created_at",
    )
    file_name = "imports"

    class Meta(Table.Meta):
        model = ImportRun
        fields: tuple[str, ...] = ()

    def render_state(self, record: ImportRun) -> SafeString:
        return state_tag(record.state, record.get_state_display())

    def value_state(self, record: ImportRun) -> str:
        return str(record.get_state_display())


class ImportRowTable(Table):
    number = NumberColumn(accessor="place", order_by=("number",), verbose_name=_("Row"))
    outcome = tables.Column(order_by=("outcome", "number"), verbose_name=_("What happens"))
    remarks = tables.Column(empty_values=(), orderable=False, verbose_name=_("Explanation"))

    file_name = "import"

    class Meta(Table.Meta):
        model = ImportRow
        fields: tuple[str, ...] = ()
        sequence = ("number", "outcome", "...", "remarks")

    def render_outcome(self, record: ImportRow) -> SafeString:
        return state_tag(record.outcome, record.get_outcome_display())

    def value_outcome(self, record: ImportRow) -> str:
        return str(record.get_outcome_display())

    def render_remarks(self, record: ImportRow) -> SafeString:
        context = {"row": record, "can_correct": record.run.can_be_corrected}
        template = "contact_points/_row_remarks.html"
        return render_to_string(template, context, request=self.request)

    def value_remarks(self, record: ImportRow) -> str:
        return record.reason


# What of a contact point tells its row from the others; short lists show all their columns.
_CELLS = {ImportRun.Kind.CONTACT_POINTS: ("township", "village", "unit", "officer")}


def row_table(kind: str) -> type[ImportRowTable]:
    """The table of the rows of a list of this kind."""
    layout = LAYOUTS[kind]
    cells = {
        name: tables.Column(
            accessor=f"values__{name}", orderable=False, verbose_name=layout.by_name[name].label
        )
        for name in _CELLS.get(ImportRun.Kind(kind), tuple(layout.by_name))
    }
    return type("RowTable", (ImportRowTable,), {"Meta": ImportRowTable.Meta, **cells})
