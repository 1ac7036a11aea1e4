"""What the base layout needs on every page."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from outreach.models import Notification
from outreach.navigation import links_of
from outreach.phone import person_of
from outreach.roles import Capability


def layout(request: HttpRequest) -> dict:
    """Navigation of the role, unread notifications, the chosen theme, the request's id."""
    theme = request.COOKIES.get("theme", "auto")
    context = {
        "theme": theme if theme in ("light", "dark") else "auto",
        "request_id": getattr(request, "id", ""),
    }
    user = getattr(request, "user", None)
    if user and user.is_authenticated:
        match = request.resolver_match
        context |= {
            "navigation": links_of(user),
            "here": match.url_name if match else "",
            "person": person_of(user),
            "records_visits": user.can(Capability.RECORD_VISITS),
            # Asked when a page shows it: a table's cells are rendered with this context, too.
            "unread": SimpleLazyObject(Notification.objects.visible_to(user).unread().count),
        }
    return context
