from django.urls import path

from feedback.views import records, review

urlpatterns = [
    path("contact-points/<int:pk>/record/", records.record_new, name="record_new"),
    path("visits/<uuid:pk>/record/", records.record, name="record"),
    path("visits/<uuid:pk>/draft/", records.record_draft, name="record_draft"),
    path("review/", review.review_queue, name="review_queue"),
    path("review/<int:pk>/", review.feedback_review, name="feedback_review"),
]
