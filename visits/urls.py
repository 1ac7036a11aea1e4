from django.urls import path, register_converter

from visits.views import (
    calendar,
    exemptions,
    filling,
    handover,
    photos,
    plan_grid,
    plan_imports,
    plans,
    postponing,
    programme,
    topics,
    visits,
)


class Sha256:
    """A hash in an address, as `hashlib` writes it."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Sha256, "sha256")

urlpatterns = [
    path("month/", visits.my_month, name="my_month"),
    path("programme/", programme.programme_year, name="programme_year"),
    path("programme/<int:pk>/", programme.programme_year_detail, name="programme_year_detail"),
    path("programme/<int:pk>/rules/new/", programme.rule_create, name="rule_create"),
    path("programme/<int:pk>/ranking/", programme.ranking_set, name="ranking_set"),
    path("programme/<int:pk>/days/new/", programme.avoided_days_create, name="avoided_days_create"),
    path("programme/<int:pk>/topics/new/", topics.topic_create, name="topic_create"),
    path("rules/<int:pk>/", programme.rule_change, name="rule_change"),
    path("rules/<int:pk>/withdraw/", programme.rule_withdraw, name="rule_withdraw"),
    path(
        "avoided-days/<int:pk>/remove/", programme.avoided_days_remove, name="avoided_days_remove"
    ),
    path("topics/<int:pk>/", topics.topic_detail, name="topic_detail"),
    path("topics/<int:pk>/change/", topics.topic_change, name="topic_change"),
    path("topics/<int:pk>/withdraw/", topics.topic_withdraw, name="topic_withdraw"),
    path("topics/<int:pk>/files/", topics.attachment_create, name="attachment_create"),
    path("topic-files/<int:pk>/", topics.attachment_download, name="attachment_download"),
    path("topic-files/<int:pk>/remove/", topics.attachment_remove, name="attachment_remove"),
    path("plans/", plans.plan_list, name="plan_list"),
    path("plans/<int:pk>/", plan_grid.plan_detail, name="plan_detail"),
    path("plans/<int:pk>/submit/", plans.plan_submit, name="plan_submit"),
    path("plans/<int:pk>/decide/", plans.plan_decide, name="plan_decide"),
    path("plans/<int:pk>/copy/", plan_grid.plan_copy, name="plan_copy"),
    path("plans/<int:pk>/export/", plan_grid.plan_export, name="plan_export"),
    path("plans/<int:pk>/import/", plan_imports.plan_import, name="plan_import"),
    path("plan-imports/<uuid:pk>/", plan_imports.plan_import_detail, name="plan_import_detail"),
    path("plan-imports/<uuid:pk>/apply/", plan_imports.plan_import_apply, name="plan_import_apply"),
    path("plan-imports/<uuid:pk>/undo/", plan_imports.plan_import_undo, name="plan_import_undo"),
    path(
        "plan-imports/<uuid:pk>/rejects/",
        plan_imports.plan_import_rejects,
        name="plan_import_rejects",
    ),
    path("plan-lines/<int:pk>/", plan_grid.plan_line, name="plan_line"),
    path("plan-lines/<int:pk>/exempt/", exemptions.plan_line_exempt, name="plan_line_exempt"),
    path("plans/<int:pk>/fill/", filling.plan_fill, name="plan_fill"),
    path("plans/<int:pk>/fill/undo/", filling.plan_fill_undo, name="plan_fill_undo"),
    path("programme/<int:pk>/fill/", filling.plans_fill, name="plans_fill"),
    path("visits/", visits.visit_list, name="visit_list"),
    path(
        "contact-points/<int:pk>/visits/", visits.contact_point_visits, name="contact_point_visits"
    ),
    path("visits/<uuid:pk>/", visits.visit_detail, name="visit_detail"),
    path("visits/<uuid:pk>/void/", visits.visit_void, name="visit_void"),
    path("visits/<uuid:pk>/photos/", photos.visit_photos, name="visit_photos"),
    path("visits/<uuid:pk>/photos/add/", photos.visit_photo_add, name="visit_photo_add"),
    path("visits/<uuid:pk>/photos/<sha256:sha256>/", photos.visit_photo, name="visit_photo"),
    path(
        "visits/<uuid:pk>/photos/<sha256:sha256>/remove/",
        photos.visit_photo_remove,
        name="visit_photo_remove",
    ),
    path(
        "visits/<uuid:pk>/photos/<sha256:sha256>/<slug:size>/",
        photos.visit_photo_file,
        name="visit_photo_file",
    ),
    path("plans/decide/", plans.plan_decide_many, name="plan_decide_many"),
    path(
        "plan-lines/<int:pk>/ask/",
        exemptions.exemption_request_create,
        name="exemption_request_create",
    ),
    path("exemptions/", exemptions.exemption_list, name="exemption_list"),
    path("exemptions/postpone/", postponing.exemption_postpone, name="exemption_postpone"),
    path(
        "exemptions/postpone/undo/",
        postponing.exemption_postpone_undo,
        name="exemption_postpone_undo",
    ),
    path("exemption-requests/", exemptions.exemption_request_list, name="exemption_request_list"),
    path(
        "exemption-requests/decide/",
        exemptions.exemption_request_decide_many,
        name="exemption_request_decide_many",
    ),
    path(
        "exemption-requests/<int:pk>/",
        exemptions.exemption_request_detail,
        name="exemption_request_detail",
    ),
    path(
        "exemption-requests/<int:pk>/decide/",
        exemptions.exemption_request_decide,
        name="exemption_request_decide",
    ),
    path(
        "exemption-requests/<int:pk>/withdraw/",
        exemptions.exemption_request_withdraw,
        name="exemption_request_withdraw",
    ),
    path("officers/<int:pk>/handover/", handover.officer_handover, name="officer_handover"),
    path("plans/calendar/", calendar.plan_calendar, name="plan_calendar"),
    path("plan-lines/<int:pk>/move/", calendar.plan_line_move, name="plan_line_move"),
    path("calendar/", calendar.my_calendar, name="my_calendar"),
    path("calendar/make/", calendar.my_calendar_make, name="my_calendar_make"),
    path("calendar/revoke/", calendar.my_calendar_revoke, name="my_calendar_revoke"),
    path("calendar/<str:token>.ics", calendar.calendar_feed, name="calendar_feed"),
]
