"""Sentences kept in the database: the English source and its values, translated when read."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext


def say(text: str, params: Mapping[str, Any] | None = None) -> str:
    """The sentence in the reader's language; a value that is itself a source text is translated."""
    if not text:
        return ""
    values = {
        key: gettext(value) if isinstance(value, str) and value else value
        for key, value in (params or {}).items()
    }
    return gettext(text) % values if values else gettext(text)
