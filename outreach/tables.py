"""Columns that all list pages share."""

from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_tables2.rows import BoundRows

from outreach import clock
from outreach.models import AuditEntry, User


class Table(tables.Table):
    """A ledger: its columns can be sorted, chosen and exported."""

    # Columns that stand in the list before a person chooses otherwise; empty: all.
    shown: tuple[str, ...] = ()
    # What the exported file is called.
    file_name = "ledger"

    class Meta:
        template_name = "components/table.html"
        default = "-"

    def names(self) -> list[str]:
        """The names of all its columns, in order."""
        return [column.name for column in self.columns.iterall()]

    def choices(self) -> list[tuple[str, Any, bool]]:
        """(name, header, whether it is shown) of all its columns."""
        # `iterall` leaves out what was not chosen.
        columns = self.columns.columns
        return [(name, columns[name].header, name not in self.exclude) for name in self.sequence]

    def show(self, rows: list[Any]) -> None:
        """Show these of its rows on the page."""
        self.on_page = BoundRows(data=rows, table=self)


class NumberColumn(tables.Column):
    """Right-aligned with tabular figures."""

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("attrs", {"td": {"class": "num"}, "th": {"class": "num"}})
        super().__init__(*args, **kwargs)


class VillageColumn(tables.Column):
    """The village that a row leads to, sorted as it sounds; `linkify` says where the row is."""

    def __init__(self, accessor: str, **kwargs: Any):
        super().__init__(
            accessor=accessor,
            order_by=(f"{accessor}__sort_key",),
            verbose_name=_("village"),
            **kwargs,
        )


class TownshipColumn(tables.Column):
    """The township of a row's village, sorted by its code."""

    def __init__(self, accessor: str, **kwargs: Any):
        super().__init__(
            accessor=accessor,
            order_by=(f"{accessor}__code",),
            verbose_name=_("township"),
            **kwargs,
        )


class UnitColumn(tables.Column):
    """The unit of a row's contact point, sorted as the county lists its units."""

    def __init__(self, accessor: str, **kwargs: Any):
        super().__init__(
            accessor=accessor, order_by=(f"{accessor}__order",), verbose_name=_("unit"), **kwargs
        )


class DayColumn(tables.DateColumn):
    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("attrs", {"td": {"class": "day"}})
        super().__init__(*args, short=True, **kwargs)

    def value(self, value: Any = None, **kwargs: Any) -> Any:
        return value


class MomentColumn(tables.DateTimeColumn):
    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("attrs", {"td": {"class": "day"}})
        super().__init__(*args, short=True, **kwargs)

    def value(self, value: Any = None, **kwargs: Any) -> Any:
        return value.astimezone(clock.SHANGHAI) if value else value


def state_tag(value: str, label: Any) -> SafeString:
    """A state as a tag: its word and its colour."""
    return render_to_string("components/state.html", {"state": value, "label": label})


class AccountTable(Table):
    username = tables.Column(linkify=("account_detail", {"pk": tables.A("pk")}))
    name = tables.Column()
    role = tables.Column()
    unit = tables.Column(order_by=("unit__order",))
    is_active = tables.BooleanColumn(yesno="✓,-", verbose_name=_("active"))
    last_login = MomentColumn(verbose_name=_("last sign-in"))
    created_at = MomentColumn(verbose_name=_("created"))

    file_name = "accounts"

    class Meta(Table.Meta):
        model = User
        fields = ("username", "name", "role", "unit", "is_active", "last_login", "created_at")


class AuditTable(Table):
    at = MomentColumn(verbose_name=_("when"))
    actor = tables.Column(
        verbose_name=_("who"), accessor="actor__name", attrs={"td": {"class": "nowrap"}}
    )
    role = tables.Column(
        verbose_name=_("role"), accessor="actor__get_role_display", orderable=False
    )
    action = tables.Column(accessor="action_text", verbose_name=_("what"), orderable=False)
    object_label = tables.Column(orderable=False)
    # Who reads the trail administers; what people wrote is for those who see the records.
    changes = tables.Column(
        accessor="concealed", verbose_name=_("before → after"), orderable=False, empty_values=()
    )
    bulk_id = tables.Column(verbose_name=_("bulk action"), orderable=False)
    request_id = tables.Column(verbose_name=_("request"), orderable=False)

    shown = ("at", "actor", "role", "action", "object_label", "changes")
    file_name = "audit"

    class Meta(Table.Meta):
        model = AuditEntry
        fields = (
            *("at", "actor", "role", "action", "object_label", "changes"),
            *("bulk_id", "request_id"),
        )

    def render_changes(self, record: AuditEntry, value: Any) -> SafeString:
        return render_to_string("outreach/_changes.html", {"record": record, "changes": value})

    def value_changes(self, value: Any) -> str:
        return "; ".join(f"{key}: {before} → {after}" for key, before, after in value)
