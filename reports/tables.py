"""Ledger of reports."""

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from outreach.tables import MomentColumn, NumberColumn, Table, state_tag
from outreach.templatetags.outreach import month
from reports.models import Report


class ReportTable(Table):
    month = tables.Column(linkify=("report_detail", {"pk": tables.A("pk")}))
    revision = NumberColumn()
    state = tables.Column()
    requested_by = tables.Column(orderable=False)
    requested_at = MomentColumn(verbose_name=_("asked for on"))
    made_at = MomentColumn(verbose_name=_("made on"))

    file_name = "reports"

    class Meta(Table.Meta):
        model = Report
        fields = ("month", "revision", "state", "requested_by", "requested_at", "made_at")

    def render_month(self, record: Report) -> str:
        return month(record.month)

    def value_month(self, record: Report) -> str:
        return f"{record.month:%Y-%m}"

    def render_state(self, record: Report) -> SafeString:
        return state_tag(record.state, record.get_state_display())

    def value_state(self, record: Report) -> str:
        return str(record.get_state_display())
