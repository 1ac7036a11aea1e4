from django.urls import path

from visits import views

urlpatterns = [
    path("month/", views.my_month, name="my_month"),
    path("programme/", views.programme_year, name="programme_year"),
    path("programme/<int:pk>/topics/new/", views.topic_create, name="topic_create"),
    path("plans/", views.plan_list, name="plan_list"),
    path("plans/<int:pk>/", views.plan_detail, name="plan_detail"),
    path("plans/<int:pk>/submit/", views.plan_submit, name="plan_submit"),
    path("plans/<int:pk>/decide/", views.plan_decide, name="plan_decide"),
    path("plan-lines/<int:pk>/", views.plan_line, name="plan_line"),
    path("plan-lines/<int:pk>/exempt/", views.plan_line_exempt, name="plan_line_exempt"),
    path("visits/", views.visit_list, name="visit_list"),
    path("contact-points/<int:pk>/visits/new/", views.visit_create, name="visit_create"),
    path("contact-points/<int:pk>/visits/", views.contact_point_visits, name="contact_point_visits"),
    path("visits/<uuid:pk>/", views.visit_detail, name="visit_detail"),
    path("visits/<uuid:pk>/edit/", views.visit_edit, name="visit_edit"),
    path("visits/<uuid:pk>/void/", views.visit_void, name="visit_void"),
]
