from django.urls import path

from contact_points.views import choices, imports, registry, uploads

urlpatterns = [
    path("administration/", registry.administration, name="administration"),
    path("villages/", registry.village_list, name="village_list"),
    path("villages/options/", choices.village_options, name="village_options"),
    path("units/options/", choices.unit_options, name="unit_options"),
    path("villages/<int:pk>/", registry.village_detail, name="village_detail"),
    path("units/", registry.unit_list, name="unit_list"),
    path("units/<int:pk>/", registry.unit_detail, name="unit_detail"),
    path("officers/", registry.officer_list, name="officer_list"),
    path("officers/<int:pk>/", registry.officer_detail, name="officer_detail"),
    path("contact-points/", registry.contact_point_list, name="contact_point_list"),
    path("contact-points/<int:pk>/", registry.contact_point_detail, name="contact_point_detail"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/new/", uploads.import_create, name="import_create"),
    path("imports/template/", uploads.import_template, name="import_template"),
    path("imports/<uuid:pk>/", imports.import_detail, name="import_detail"),
    path("imports/<uuid:pk>/confirm/", imports.import_confirm, name="import_confirm"),
    path("imports/<uuid:pk>/answer/", imports.import_answer, name="import_answer"),
    path("imports/<uuid:pk>/correct/", imports.import_correct, name="import_correct"),
    path("imports/<uuid:pk>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<uuid:pk>/undo/", imports.import_undo, name="import_undo"),
    path("imports/<uuid:pk>/slips/", imports.import_slips, name="import_slips"),
    path("imports/<uuid:pk>/rejects/", imports.import_rejects, name="import_rejects"),
]
