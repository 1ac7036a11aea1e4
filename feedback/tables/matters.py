"""The matters as a ledger."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from feedback.models import CoHandler, Matter
from outreach.tables import DayColumn, MomentColumn, NumberColumn, Table, TownshipColumn


class MatterTable(Table):
    text = tables.Column(linkify=("matter_detail", {"pk": tables.A("pk")}), orderable=False)
    village = tables.Column(order_by=("village__sort_key",), attrs={"td": {"class": "nowrap"}})
    township = TownshipColumn("village__township")
    category = tables.Column(order_by=("category_id",))
    urgency = tables.Column()
    state = tables.Column()
    leader = tables.Column(order_by=("leader__order",))
    co_handling = tables.Column(verbose_name=_("co-handling units"), orderable=False)
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
            "co_handling",
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

    def render_co_handling(self, value: list[CoHandler]) -> str:
        return gettext(", ").join(str(row.unit) for row in value) or "-"

    def value_co_handling(self, value: list[CoHandler]) -> str:
        return gettext(", ").join(str(row.unit) for row in value)

    def value_state(self, record: Matter) -> str:
        return str(record.get_state_display())
