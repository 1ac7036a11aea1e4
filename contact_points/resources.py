"""Ledgers in the columns of the lists, out and in again.

That of contact points goes through django-import-export.

Formats, fields and widgets are the library's. Its row-by-row saving is not used: it looks up every
foreign key of every row, twice with the dry run, and takes minutes for what
`services.planning` and `services.applying` decide from dictionaries and write in sets.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop
from import_export import resources
from import_export.fields import Field
from import_export.widgets import Widget

from contact_points.cells import day_of, name_of, person_of, text_of
from contact_points.columns import Layout
from contact_points.layouts import CONTACT_POINTS, LAYOUTS
from contact_points.models import ContactPoint, Household, ImportRun, Officer, Unit, Village
from contact_points.querysets import ContactPointQuerySet
from contact_points.reading import ListRow, Unreadable, read_list
from contact_points.services.officers import ROLES
from contact_points.services.units import WORDS
from outreach.roles import Role


class TextWidget(Widget):
    """Text in, the typed value out."""

    read = staticmethod(text_of)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return self.read(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else value


class NameWidget(TextWidget):
    read = staticmethod(name_of)


class PersonWidget(TextWidget):
    read = staticmethod(person_of)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        # A space inside a name would part it into two people when it comes back.
        return name_of(value)


class DayWidget(TextWidget):
    read = staticmethod(day_of)


def _field(name: str, attribute: str, widget: type[TextWidget]) -> Field:
    return Field(attribute, column_name=CONTACT_POINTS.by_name[name].header, widget=widget())


class ContactPointResource(resources.ModelResource):
    village_code = _field("village_code", "village__code", NameWidget)
    village = _field("village", "village__name", NameWidget)
    township = _field("township", "village__township__name", NameWidget)
    unit = _field("unit", "unit__name", NameWidget)
    officer = _field("officer", "people", PersonWidget)
    post = _field("post", "officer__post", TextWidget)
    telephone = _field("telephone", "officer__telephone", TextWidget)
    first_day = _field("first_day", "first_day", DayWidget)
    last_day = _field("last_day", "last_day", DayWidget)
    note = _field("note", "note", TextWidget)

    class Meta:
        model = ContactPoint
        fields = tuple(CONTACT_POINTS.by_name)
        export_order = tuple(CONTACT_POINTS.by_name)

    def rows(self, points: ContactPointQuerySet) -> Iterator[list[Any]]:
        """Header and rows for a ledger, one at a time; `points` come `for_list`."""
        fields = self.get_export_fields()
        yield [field.column_name for field in fields]
        for point in points.prefetch_related("co_officers").iterator(chunk_size=2000):
            yield [field.export(point) for field in fields]


def _villages(county_id: int) -> Iterator[dict[str, Any]]:
    rows = Village.objects.filter(county=county_id).select_related("township")
    for village in rows.order_by("code").iterator(chunk_size=2000):
        yield {
            "village_code": village.code,
            "village": village.name,
            "township": village.township.name,
            "households_count": village.households_count,
            "population": village.population,
        }


def _units(county_id: int) -> Iterator[dict[str, Any]]:
    for unit in Unit.objects.filter(county=county_id).select_related("township"):
        yield {
            "unit": unit.name,
            "unit_kind": WORDS[unit.kind][0],
            "township": unit.township and unit.township.name,
            "order": unit.order,
        }


def _officers(county_id: int) -> Iterator[dict[str, Any]]:
    rows = Officer.objects.filter(county=county_id).select_related("unit", "user")
    for officer in rows.iterator(chunk_size=2000):
        account = officer.user
        yield {
            "officer": officer.name,
            "unit": officer.unit.name,
            "post": officer.post,
            "telephone": officer.telephone,
            "username": account and account.username,
            "role": ROLES[Role(account.role)][0] if account else "",
            "left_on": officer.left_on,
        }


def _households(county_id: int) -> Iterator[dict[str, Any]]:
    rows = Household.objects.filter(village__county=county_id).select_related("village__township")
    for household in rows.order_by("village__code", "number").iterator(chunk_size=5000):
        village = household.village
        yield {
            "village_code": village.code,
            "village": village.name,
            "township": village.township.name,
            "household": household.number,
        }


_RECORDS = {
    ImportRun.Kind.VILLAGES: _villages,
    ImportRun.Kind.UNITS: _units,
    ImportRun.Kind.OFFICERS: _officers,
    ImportRun.Kind.HOUSEHOLDS: _households,
}


def present_rows(kind: str, county_id: int) -> Iterator[list[Any]]:
    """Header and rows of what the registry holds, in the columns in which a list brings it."""
    if kind == ImportRun.Kind.CONTACT_POINTS:
        points = ContactPoint.objects.filter(county=county_id).for_list()
        yield from ContactPointResource().rows(points)
        return
    layout = LAYOUTS[kind]
    yield layout.headers
    for record in _RECORDS[ImportRun.Kind(kind)](county_id):
        yield [record.get(name, "") for name in layout.by_name]


def read_list_file(
    name: str, content: bytes, *, layout: Layout = CONTACT_POINTS, **how: Any
) -> tuple[list[ListRow], dict[str, Any]]:
    """The rows of a file and how it was understood; `how` as for `reading.read_list`.

    Raises Unreadable, also when the list lacks a column that its kind needs.
    """
    reading = read_list(name, content, layout=layout, **how)
    for column in reading.missing:
        raise Unreadable(
            gettext_noop("The list has no column “%(column)s”."),
            column=layout.by_name[column].header,
        )
    return reading.rows, reading.understood()
