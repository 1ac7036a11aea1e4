"""The list page: filters, sort, pages, chosen columns, saved views and export, in the address."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from outreach import audit
from outreach.filters import ListFilter
from outreach.forms import kept_query
from outreach.ledgers import list_ledger, told
from outreach.models import SavedView, User
from outreach.paging import COUNTED, Keyset
from outreach.tables import Table

PAGE = 50


def list_page(
    request: HttpRequest,
    *,
    rows: QuerySet,
    table_class: type[Table],
    filter_class: type[ListFilter] | None,
    title: str | Promise,
    empty: str | Promise,
    none_yet: str | Promise = "",
    template: str = "components/list_page.html",
    per_page: int = PAGE,
    most: int = COUNTED,
    reading: str = "",
    **context: Any,
) -> HttpResponseBase:
    """Show `rows` (already scoped by `visible_to`) as a page, an htmx fragment or a ledger.

    Address: the filter's names, `sort`, `cols` (repeated), `after` or `before` (an edge of
    `outreach.paging`), `export` = csv | xlsx; without any, the person's default view.
    Rows are counted up to `most`. With `picks=True` rows whose record has a `pick` can be chosen
    for the form `picked`. Without a row `empty` is said, without any filter `none_yet` if given.
    `reading` is the action by which the trail tells who looked.
    """
    # Behind the login middleware the user is a User.
    user: User = request.user  # type: ignore[assignment]
    views = _views(request, user)
    default = next((view for view in views if view.is_default), None)
    if default and not request.GET:
        return redirect(default)
    filters = filter_class(request.GET, queryset=rows, user=user) if filter_class else None
    table = table_class(filters.qs if filters else rows, order_by_field="sort")
    _choose_columns(table, request.GET, default)
    RequestConfig(request, paginate=False).configure(table)
    kind = request.GET.get("export")
    if kind in ("csv", "xlsx"):
        return list_ledger(table, kind=kind, title=str(title), filters=filters, user=user)
    edges = {name: request.GET.get(name, "") for name in ("after", "before")}
    page = Keyset(table.data.data, most=most).page(per_page, **edges)
    table.show(page.rows)
    filtered = bool(filters and filters.form.has_changed())
    context |= {
        "title": title,
        "empty": empty if filtered else none_yet or empty,
        "table": table,
        "page": page,
        "filter": filters,
        "filtered": filtered,
        **_views_shown(request, views),
    }
    if request.htmx and request.htmx.target == "list":  # type: ignore[attr-defined]
        template = "components/_list.html"
    shown = render(request, template, context)
    return _noted(shown, request, reading, filters) if reading else shown


def _noted(
    page: HttpResponse, request: HttpRequest, reading: str, filters: ListFilter | None
) -> HttpResponse:
    """The page, noted when it is opened or asked by a filter; not for its sorts and next pages."""
    asked: Any = request.htmx  # type: ignore[attr-defined]
    if asked and asked.target == "list" and asked.trigger != "filters":
        return page
    after = {"filter": told(filters) or _("all")}
    return audit.noted(page, audit.Note(reading, after=after, seldom=True))


def _views(request: HttpRequest, user: User) -> list[SavedView]:
    """The person's own views of this list; a list inside a record has none."""
    match = request.resolver_match
    if not match or match.kwargs:
        return []
    return list(SavedView.objects.visible_to(user).filter(list_name=match.url_name))


def _views_shown(request: HttpRequest, views: list[SavedView]) -> dict[str, Any]:
    """The views above the list, and where what it shows now gets a name."""
    match, query = request.resolver_match, kept_query(request.GET)
    address = ""
    if match and not match.kwargs and query:
        asked = urlencode({"list_name": match.url_name, "query": query})
        address = f"{reverse('view_create')}?{asked}"
    now = next((view for view in views if view.query == query), None)
    return {"kept_query": query, "views": views, "view_now": now, "save_address": address}


def addresses(name: str) -> Callable[[int], str]:
    """The address of a row's page by the row's id, resolved once for many rows."""
    before, after = reverse(name, args=[0]).rsplit("0", 1)
    return lambda pk: f"{before}{pk}{after}"


def _choose_columns(table: Table, asked: QueryDict, default: SavedView | None) -> None:
    """Columns of the address, else of the person's default view, else those usually shown."""
    names = table.names()
    kept = QueryDict(default.query).getlist("cols") if default else []
    for wanted in (asked.getlist("cols"), kept, table.shown, names):
        chosen = [name for name in wanted if name in names]
        if chosen:
            break
    table.exclude = [name for name in names if name not in chosen]


def sent_from(request: HttpRequest) -> str:
    """The page of ours that the form was sent from (`next`), or ""."""
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return back if safe else ""


def returning(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Back to the page of ours that the form was sent from, with its filter and sort."""
    # What was sent is no name of a page, which `redirect` would look for first.
    back = sent_from(request)
    return HttpResponseRedirect(back) if back else redirect(otherwise)
