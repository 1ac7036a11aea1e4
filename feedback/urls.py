from django.urls import path

from feedback import views

urlpatterns = [
    path("visits/<uuid:pk>/feedback/", views.feedback_write, name="feedback_write"),
    path("review/", views.review_queue, name="review_queue"),
    path("review/<int:pk>/", views.feedback_review, name="feedback_review"),
]
