"""The list page: filters, sort, pages, chosen columns and export, all kept in the address."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django_tables2 import RequestConfig

from outreach.exports import ledger
from outreach.filters import ListFilter
from outreach.models import User
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
    template: str = "components/list_page.html",
    per_page: int = PAGE,
    **context: Any,
) -> HttpResponseBase:
    """Show `rows` (already scoped by `visible_to`) as a page, an htmx fragment or a ledger.

    Address: the filter's names, `sort`, `page`, `cols` (repeated), `export` = csv | xlsx.
    With `picks=True` rows whose record has a `pick` can be chosen for the form `picked`.
    """
    # Behind the login middleware the user is a User.
    user: User = request.user  # type: ignore[assignment]
    filters = filter_class(request.GET, queryset=rows, user=user) if filter_class else None
    table = table_class(filters.qs if filters else rows, order_by_field="sort", request=request)
    names = table.names()
    chosen = [name for name in request.GET.getlist("cols") if name in names]
    chosen = chosen or list(table.shown) or names
    table.exclude = [name for name in names if name not in chosen]
    RequestConfig(request, paginate={"per_page": per_page}).configure(table)
    kind = request.GET.get("export")
    if kind in ("csv", "xlsx"):
        return ledger(_values(table), name=table.file_name, kind=kind)
    query = request.GET.copy()
    for name in ("page", "export"):
        query.pop(name, None)
    context |= {
        "title": title,
        "empty": empty,
        "table": table,
        "filter": filters,
        "filtered": bool(filters and filters.form.has_changed()),
        "columns": [(c.name, c.header, c.name in chosen) for c in table.columns.iterall()],
        "kept_query": query.urlencode(),
    }
    if request.htmx and request.htmx.target == "list":  # type: ignore[attr-defined]
        template = "components/_list.html"
    return render(request, template, context)


def returning(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Back to the page of ours that the form was sent from (`next`), with its filter and sort."""
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if safe else otherwise)


def _values(table: Table) -> Iterator[list[Any]]:
    # as_values() keeps raw numbers and dates, which the ledger types.
    yield from table.as_values(exclude_columns=table.exclude)
