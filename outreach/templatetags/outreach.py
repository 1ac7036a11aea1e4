"""Template vocabulary of the project."""

from datetime import date
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

register = template.Library()

TAG_CLASSES = {
    "accepted": "done",
    "approved": "done",
    "applied": "done",
    "done": "done",
    "made": "due",
    "sending": "due",
    "sent": "done",
    "issued": "done",
    "in_force": "done",
    "superseded": "exempt",
    "submitted": "due",
    "due": "due",
    "waiting": "due",
    "received": "due",
    "transfer_asked": "due",
    "with_county": "late",
    "in_work": "due",
    "to_confirm": "late",
    "answered": "done",
    "ready": "due",
    "changed": "due",
    "created": "done",
    "new": "done",
    "returned": "late",
    "failed": "late",
    "refused": "late",
    "rejected": "late",
    "adopted": "done",
    "declined": "exempt",
    "open": "due",
    "drawn": "due",
    "cancelled": "exempt",
    "joined": "exempt",
    "granted": "done",
    "asked": "due",
    "explained": "due",
    "decided": "done",
    "withdrawn": "exempt",
    "published": "done",
    "held_back": "exempt",
    "late": "late",
    "asks": "late",
    "left": "exempt",
    "dropped": "exempt",
    "undone": "exempt",
    "void": "exempt",
    "exempt": "exempt",
}


@register.filter
def tag_class(state: str) -> str:
    """The colour class of a state; a state without one is plain."""
    return TAG_CLASSES.get(str(state), "plain")


@register.inclusion_tag("components/state.html")
def state(value: str, label: Any) -> dict:
    """A state as a tag."""
    return {"state": value, "label": label}


@register.filter
def month(value: date | None) -> str:
    """A month in the reader's language: 2026年10月, October 2026."""
    return date_format(value, "YEAR_MONTH_FORMAT") if value else "-"


@register.filter
def percent(rate: Any) -> str:
    """A rate as 85.4%, or "-" where nothing was due (domain: indicators)."""
    if rate is None or rate.value is None:
        return "-"
    return f"{rate.value * 100:.1f}%"


@register.filter
def margin(rate: Any) -> str:
    """The 95 % interval of a rate of a sample: 78.4–90.3%, or "-" of an empty one."""
    if rate is None or rate.interval is None:
        return "-"
    low, high = rate.interval
    return f"{low * 100:.1f}–{high * 100:.1f}%"


@register.filter
def share(value: float | None) -> str:
    """A number from 0 to 1 as 85.4%, or "-" where there is none."""
    return "-" if value is None else f"{value * 100:.1f}%"


@register.filter
def fraction(rate: Any) -> str:
    """The numbers behind a rate, 181 / 212; where nothing is due there are none."""
    if not rate.denominator:
        return ""
    return f"{rate.numerator:,} / {rate.denominator:,}"


@register.filter
def rate(value: Any) -> SafeString:
    """A rate with the numbers behind it, for a table's cell."""
    numbers = format_html(' <span class="quiet small">{}</span>', fraction(value))
    return format_html("<span>{}{}</span>", percent(value), numbers)


TILE_LABELS = {
    "none": gettext_lazy("no contact point"),
    "done": gettext_lazy("visited"),
    "due": gettext_lazy("due"),
    "late": gettext_lazy("late"),
    "exempt": gettext_lazy("exempt"),
}


@register.filter
def tile_label(state: str) -> Any:
    """The state of a village's cell in words, for those who do not see its colour."""
    return TILE_LABELS[state]


@register.filter
def absolute(number: int) -> int:
    """The number without its sign."""
    return abs(number)


@register.filter
def short_value(value: Any) -> str:
    """A before or after value of the audit trail, as one short line."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return "、".join(str(item) for item in value) or "-"
    if isinstance(value, dict):
        return "、".join(f"{key} {item}" for key, item in value.items()) or "-"
    text = str(value)
    return text if len(text) <= 120 else text[:119] + "…"
