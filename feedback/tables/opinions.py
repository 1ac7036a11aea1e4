"""The opinion book and its calls as ledgers."""

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from feedback.models import (
    Opinion,
    OpinionCall,
)
from outreach.tables import DayColumn, MomentColumn, NumberColumn, Table, TownshipColumn, state_tag


class OpinionTable(Table):
    received_on = DayColumn(linkify=True)
    village = tables.Column(order_by=("village__sort_key",), attrs={"td": {"class": "nowrap"}})
    township = TownshipColumn("village__township")
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
