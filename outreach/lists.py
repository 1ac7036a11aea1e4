"""The list page: filters, sort, pages, chosen columns and export, all kept in the address."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise

from outreach.exports import ledger
from outreach.filters import ListFilter
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
    **context: Any,
) -> HttpResponseBase:
    """Show `rows` (already scoped by `visible_to`) as a page, an htmx fragment or a ledger.

    Address: the filter's names, `sort`, `page`, `cols` (repeated), `export` = csv | xlsx.
    """
    filters = filter_class(request.GET, queryset=rows, user=request.user) if filter_class else None
    table = table_class(
        filters.qs if filters else rows,
        request=request,
        order_by_field="sort",
        order_by=request.GET.getlist("sort") or None,
    )
    names = table.names()
    chosen = [name for name in request.GET.getlist("cols") if name in names]
    chosen = chosen or list(table.shown) or names
    table.exclude = [name for name in names if name not in chosen]
    kind = request.GET.get("export")
    if kind in ("csv", "xlsx"):
        return ledger(_values(table), name=table.file_name, kind=kind)
    table.paginate(Paginator, per_page=PAGE, page=_page_number(request), silent=True)
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


def _values(table: Table) -> Iterator[list[Any]]:
    # as_values() keeps raw numbers and dates, which the ledger types.
    yield from table.as_values(exclude_columns=table.exclude)


def _page_number(request: HttpRequest) -> int:
    number = request.GET.get("page", "")
    return int(number) if number.isdecimal() and len(number) < 9 else 1
