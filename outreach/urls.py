from django.contrib import admin
from django.urls import include, path

from outreach import health, saved_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("password/", views.password_change, name="password_change"),
    path("language/", views.set_language, name="set_language"),
    path("theme/", views.set_theme, name="set_theme"),
    path("account/", views.my_account, name="my_account"),
    path("reminders/off/<str:token>/", views.reminders_off, name="reminders_off"),
    path("notifications/", views.notification_list, name="notification_list"),
    path("notifications/read/", views.notifications_read, name="notifications_read"),
    path("notifications/<int:pk>/open/", views.notification_open, name="notification_open"),
    path("views/new/", saved_views.view_create, name="view_create"),
    path("views/<int:pk>/", saved_views.view_change, name="view_change"),
    path("views/<int:pk>/remove/", saved_views.view_remove, name="view_remove"),
    path("phone/", views.phone_keys, name="phone"),
    path("sw.js", views.phone_worker, name="phone_worker"),
    path("manifest.webmanifest", views.phone_manifest, name="phone_manifest"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("offline/", views.phone_offline, name="phone_offline"),
    path("jobs/<uuid:pk>/", views.job_detail, name="job_detail"),
    path("policy/", views.policy, name="policy"),
    path("audit/", views.audit_list, name="audit_list"),
    path("accounts/", views.account_list, name="account_list"),
    path("accounts/new/", views.account_create, name="account_create"),
    path("accounts/<int:pk>/", views.account_detail, name="account_detail"),
    path(
        "accounts/<int:pk>/password/", views.account_reset_password, name="account_reset_password"
    ),
    path("accounts/<int:pk>/active/", views.account_set_active, name="account_set_active"),
    path("", include("contact_points.urls")),
    path("", include("visits.urls")),
    path("", include("feedback.urls")),
    path("", include("reports.urls")),
    # Before the admin's own: one sign-in, one way to change a password, one end of a session.
    path("admin/login/", views.admin_login, name="admin_login"),
    path("admin/logout/", views.logout, name="admin_logout"),
    path("admin/password_change/", views.admin_password_change, name="admin_password_change"),
    path("admin/", admin.site.urls),
]

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.not_found
handler500 = views.server_error
