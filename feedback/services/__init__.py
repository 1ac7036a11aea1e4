"""Verbs that write what a visit brought."""

from feedback.services.feedback import review_feedback, save_feedback
from feedback.services.receiving import Receipt, Sending, receive_record

__all__ = ["Receipt", "Sending", "receive_record", "review_feedback", "save_feedback"]
