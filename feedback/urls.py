from django.urls import path

from feedback.views import printing, records, review

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
    path("review/<int:pk>/", review.feedback_review, name="feedback_review"),
]
