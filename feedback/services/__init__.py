"""Verbs that write what a visit brought."""

from feedback.services.feedback import review_feedback, save_feedback
from feedback.services.receiving import Receipt, Sending, closed_because, receive_record

__all__ = [
    "Receipt",
    "Sending",
    "closed_because",
    "receive_record",
    "review_feedback",
    "save_feedback",
]
