"""Structured logs: each line carries the id of the request or job it belongs to."""

import logging
import re
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

request_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestIdFilter(logging.Filter):
    """Put the current request id on the record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class VillagersLeftOut(logging.Filter):
    """Leave out that a villager mistyped a code or asked for too much: each line tells a time.

    What goes wrong on our side is told.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        return record.levelno >= logging.ERROR or not path.startswith(("/e/", "/v/"))


# Addresses that open something without a sign-in; the proxy leaves them out, too.
_SECRET = re.compile(
    r"((?:/calendar/|/reminders/off/)(?=[\w.:~-]{16})|/(?:receipt|v|e)/(?=[\w.:~%-]))[\w.:~%-]+"
)


def without_secrets(text: str) -> str:
    """The text with secret addresses cut off."""
    return _SECRET.sub(r"\1-", text)


class SecretsLeftOut(JsonFormatter):
    """A line of JSON in which no secret address stands."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))
