from django.urls import path

from visits.views import calendar, plans, programme, visits

urlpatterns = [
    path("month/", visits.my_month, name="my_month"),
    path("programme/", programme.programme_year, name="programme_year"),
    path("programme/<int:pk>/topics/new/", programme.topic_create, name="topic_create"),
    path("plans/", plans.plan_list, name="plan_list"),
    path("plans/<int:pk>/", plans.plan_detail, name="plan_detail"),
    path("plans/<int:pk>/submit/", plans.plan_submit, name="plan_submit"),
    path("plans/<int:pk>/decide/", plans.plan_decide, name="plan_decide"),
    path("plan-lines/<int:pk>/", plans.plan_line, name="plan_line"),
    path("plan-lines/<int:pk>/exempt/", plans.plan_line_exempt, name="plan_line_exempt"),
    path("visits/", visits.visit_list, name="visit_list"),
    path("contact-points/<int:pk>/visits/new/", visits.visit_create, name="visit_create"),
    path(
        "contact-points/<int:pk>/visits/", visits.contact_point_visits, name="contact_point_visits"
    ),
    path("visits/<uuid:pk>/", visits.visit_detail, name="visit_detail"),
    path("visits/<uuid:pk>/edit/", visits.visit_edit, name="visit_edit"),
    path("visits/<uuid:pk>/void/", visits.visit_void, name="visit_void"),
    path("plans/calendar/", calendar.plan_calendar, name="plan_calendar"),
    path("plan-lines/<int:pk>/move/", calendar.plan_line_move, name="plan_line_move"),
    path("calendar/", calendar.my_calendar, name="my_calendar"),
    path("calendar/make/", calendar.my_calendar_make, name="my_calendar_make"),
    path("calendar/revoke/", calendar.my_calendar_revoke, name="my_calendar_revoke"),
    path("calendar/<str:token>.ics", calendar.calendar_feed, name="calendar_feed"),
]
