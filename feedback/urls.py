from django.urls import path

from feedback.views import (
    agenda,
    assigning,
    clarifications,
    evidence,
    matter_settings,
    matters,
    patterns,
    printing,
    receipts,
    records,
    results,
    review,
    suggestions,
)

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
    path("matters/assign/", assigning.matter_assign_preview, name="matter_assign_preview"),
    path("matters/assign/confirm/", assigning.matter_assign_many, name="matter_assign_many"),
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
    path("matters/<int:pk>/receipt/", receipts.receipt_issue, name="receipt_issue"),
    path("matters/<int:pk>/call-back/", matters.call_back_show, name="call_back_show"),
    path("matters/<int:pk>/files/", evidence.matter_file_add, name="matter_file_add"),
    path(
        "matters/<int:pk>/files/<int:file>/withdraw/",
        evidence.matter_file_withdraw,
        name="matter_file_withdraw",
    ),
    path(
        "matters/<int:pk>/files/<int:file>/<slug:size>/", evidence.matter_file, name="matter_file"
    ),
    path("matters/<int:pk>/<slug:deed>/", matters.matter_act, name="matter_act"),
    path("receipt/", receipts.receipt, name="receipt"),
    path("receipt/<slug:number>/", receipts.receipt, name="receipt_link"),
    path("suggestions/", suggestions.suggestion_list, name="suggestion_list"),
    path("suggestions/<int:pk>/", suggestions.suggestion_detail, name="suggestion_detail"),
    path("review/<int:pk>/", review.feedback_review, name="feedback_review"),
]

# What villagers answered, beside what was recorded.
urlpatterns += [
    path("evaluation/results/", results.evaluation_results, name="evaluation_newest"),
    path("evaluation/patterns/", patterns.evaluation_patterns, name="evaluation_patterns"),
    path("evaluation/<int:pk>/results/", results.evaluation_results, name="evaluation_results"),
    path("evaluation/<int:pk>/texts/", results.evaluation_texts, name="evaluation_texts"),
    path(
        "evaluation/<int:pk>/crosscheck/",
        results.evaluation_crosscheck,
        name="evaluation_crosscheck",
    ),
    path("clarifications/", clarifications.clarification_list, name="clarification_list"),
    path("clarifications/<int:pk>/", clarifications.clarification, name="clarification"),
]
