"""A list as a file: the rows of the page's filter and sort, all of them, and what they are."""

from collections.abc import Iterator
from typing import Any

from django.forms import CharField
from django.http import HttpResponseBase
from django.utils.encoding import force_str
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django_tables2.rows import BoundRows

from outreach import clock
from outreach.choosing import ChosenField
from outreach.exports import Book, csv_ledger, workbook
from outreach.filters import ListFilter
from outreach.models import User, length_in_words
from outreach.paging import Keyset
from outreach.tables import Table

# So many rows are read from the database at a time, with what belongs to them.
CHUNK = 1000

Pairs = Iterator[tuple[str, Any]]


def table_rows(table: Table) -> Iterator[list[Any]]:
    """Header and rows of all pages with raw numbers and days, read as they are asked for."""
    columns = list(table.columns.itervisible())
    yield [force_str(column.header) for column in columns]
    rows = Keyset(table.data.data).ordered().iterator(chunk_size=CHUNK)
    for row in BoundRows(data=rows, table=table):
        yield [force_str(row.get_cell_value(c.name), strings_only=True) for c in columns]


def list_ledger(
    table: Table, *, kind: str, title: str, filters: ListFilter | None, user: User
) -> HttpResponseBase:
    """The list as `csv` or `xlsx`; a workbook says on a second sheet what it holds."""
    noted = {"list": title, "filter": told(filters)}
    if kind == "csv":
        return csv_ledger(table_rows(table), name=table.file_name, about=noted)

    def write(book: Book) -> int:
        count = book.sheet(title, table_rows(table), filtered=True)
        facts = [(_("List"), title), *_filter_in_words(filters), (_("Sort"), _sort_in_words(table))]
        book.sheet(_("About this file"), about([*facts, (_("Rows"), count)], user))
        return count

    return workbook(write, name=table.file_name, about=noted)


def about(facts: list[tuple[str, Any]], user: User) -> list[tuple[str, Any]]:
    """What a sheet about a file tells: these facts, who took it and when."""
    moment = date_format(localtime(clock.now(), clock.SHANGHAI), "Y-m-d H:i")
    head = (_("About this file"), "")
    return [head, *facts, (_("Exported by"), str(user)), (_("Exported on"), moment)]


def told(filters: ListFilter | None) -> str:
    """The filter as the trail keeps it: of typed words only their length."""
    words = _filter_in_words(filters, concealed=True)
    return "; ".join(f"{what}: {which}" for what, which in words)


def _filter_in_words(filters: ListFilter | None, *, concealed: bool = False) -> Pairs:
    """(what, which) of each filter that is set; `concealed`: of typed words only their length."""
    if filters is None or not filters.form.is_valid():
        return
    for name, value in filters.form.cleaned_data.items():
        if value in (None, "", False):
            continue
        field = filters.form.fields[name]
        words = _typed(field, value, concealed) if isinstance(field, CharField) else None
        if isinstance(value, str):
            words = words or dict(getattr(field, "choices", ())).get(value)
        yield str(field.label or name), str(_("yes") if value is True else words or value)


def _typed(field: CharField, text: str, concealed: bool) -> str:
    """What somebody wrote; of a row that was chosen by its id or name, what it is called."""
    if not isinstance(field, ChosenField):
        return length_in_words(len(text)) if concealed else text
    # A box may hold an id, as an address names a row; its reader reads a name.
    if not concealed:
        return field.prepare_value(text)
    found = list(field.rows.named(text)[:2])  # type: ignore[attr-defined]
    return found[0].label if len(found) == 1 else length_in_words(len(text))


def _sort_in_words(table: Table) -> str:
    """The columns that the rows are sorted by, each with its direction."""
    sorts = [
        f"{table.columns[alias.bare].header} {'↓' if alias.is_descending else '↑'}"
        for alias in table.order_by or ()
    ]
    return "、".join(sorts) or _("as the list always is")
