"""Background work on matters; running it twice changes nothing."""

from celery import shared_task

from feedback.services.call_backs import erase_call_backs as erase
from feedback.services.receipts import forget_tries


@shared_task
def erase_call_backs() -> None:
    """Erase the call-back numbers whose time is over."""
    erase()


@shared_task
def forget_receipt_tries() -> None:
    """Delete the counts of tries whose hour or day is over."""
    forget_tries()
