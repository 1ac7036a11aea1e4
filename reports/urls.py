from django.urls import path

from reports import views
from reports.pages import bulletins, drafts, making, records, sending, sheets

urlpatterns = [
    path("county-month/", views.county_month, name="county_month"),
    path("month-ledger/", views.month_ledger, name="month_ledger"),
    path("matter-rates/", views.matter_rates, name="matter_rates"),
    path("matter-rates/matters/", views.matter_rate_list, name="matter_rate_list"),
    path("undated-visits/", views.undated_list, name="undated_list"),
    path("township-month/", views.township_month, name="township_month"),
    path("unit-month/", views.unit_month, name="unit_month"),
    path("officer-month/", views.officer_month, name="officer_month"),
    path("reports/", views.report_list, name="report_list"),
    path("reports/new/", views.report_create, name="report_create"),
    path("bulletins/", bulletins.bulletin_list, name="bulletin_list"),
    path("bulletins/new/", bulletins.bulletin_create, name="bulletin_create"),
    path("bulletins/<int:pk>/", bulletins.bulletin_detail, name="bulletin_detail"),
    path("bulletins/<int:pk>/write/", bulletins.bulletin_write, name="bulletin_write"),
    path("bulletins/<int:pk>/issue/", bulletins.bulletin_issue, name="bulletin_issue"),
    path("bulletins/<int:pk>/discard/", bulletins.bulletin_discard, name="bulletin_discard"),
    path("bulletins/<int:pk>/file/", bulletins.bulletin_file, name="bulletin_file"),
    path("letterhead/", bulletins.letterhead, name="letterhead"),
    path("sheets/", sheets.sheet_list, name="sheet_list"),
    path("sheets/unit/<int:pk>/", sheets.unit_sheet, name="unit_sheet"),
    path("sheets/township/<int:pk>/", sheets.township_sheet, name="township_sheet"),
    path("reports/recipients/", sending.recipient_list, name="recipient_list"),
    path("reports/recipients/<int:pk>/remove/", sending.recipient_remove, name="recipient_remove"),
    path("reports/<int:pk>/send/", sending.report_send, name="report_send"),
    path("reports/<int:pk>/", views.report_detail, name="report_detail"),
    path("reports/<int:pk>/progress/", making.report_progress, name="report_progress"),
    path("reports/<int:pk>/cancel/", making.report_cancel, name="report_cancel"),
    path("reports/<int:pk>/issue/", drafts.report_issue, name="report_issue"),
    path("reports/<int:pk>/findings/", drafts.report_findings, name="report_findings"),
    path("reports/<int:pk>/text/<slug:key>/", drafts.report_paragraph, name="report_paragraph"),
    path("reports/<int:pk>/records/<str:name>/", records.report_records, name="report_records"),
    path("reports/<int:pk>/file/", views.report_download, name="report_download"),
]
