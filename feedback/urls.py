from django.urls import path

from feedback.views import agenda, matter_settings, matters, printing, records, review, suggestions

urlpatterns = [
    path("contact-points/<int:pk>/record/", records.record_new, name="record_new"),
    path("visits/<uuid:pk>/record/", records.record, name="record"),
    path("visits/<uuid:pk>/versions/", records.record_versions, name="record_versions"),
    path("visits/<uuid:pk>/draft/", records.record_draft, name="record_draft"),
    path("visits/<uuid:pk>/print/", printing.visit_print, name="visit_print"),
    path("review/", review.review_queue, name="review_queue"),
    path("review/accept/", review.review_accept_many, name="review_accept_many"),
    path("review/phrases/", review.review_phrases, name="review_phrases"),
    path("review/phrases/remove/", review.review_phrase_remove, name="review_phrase_remove"),
    path("matters/", matters.matter_list, name="matter_list"),
    path("matters/board/", matters.matter_board, name="matter_board"),
    path("matters/new/", matters.matter_create, name="matter_create"),
    path("matters/settings/", matter_settings.matter_settings, name="matter_settings"),
    path("matters/agenda/", agenda.matter_agenda, name="matter_agenda"),
    path("matters/agenda/<int:pk>/", agenda.matter_topic, name="matter_topic"),
    path("matters/categories/new/", matter_settings.category_create, name="category_create"),
    path("matters/categories/<int:pk>/", matter_settings.category_change, name="category_change"),
    path("matters/routes/new/", matter_settings.route_create, name="route_create"),
    path("matters/routes/<int:pk>/remove/", matter_settings.route_remove, name="route_remove"),
    path("matters/<int:pk>/", matters.matter_detail, name="matter_detail"),
    path("matters/<int:pk>/<slug:deed>/", matters.matter_act, name="matter_act"),
    path("suggestions/", suggestions.suggestion_list, name="suggestion_list"),
    path("suggestions/<int:pk>/", suggestions.suggestion_detail, name="suggestion_detail"),
    path("review/<int:pk>/", review.feedback_review, name="feedback_review"),
]
