"""The ledger of contact points as ten columns, out and in again (django-import-export).

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
from contact_points.layouts import CONTACT_POINTS
from contact_points.models import ContactPoint
from contact_points.querysets import ContactPointQuerySet
from contact_points.reading import ListRow, Unreadable, read_list


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


def read_list_file(name: str, content: bytes, **how: Any) -> tuple[list[ListRow], dict[str, Any]]:
    """The rows of a file and how it was understood; `how` as for `reading.read_list`.

    Raises Unreadable, also when the list has no column for unit, officer or village.
    """
    reading = read_list(name, content, **how)
    for column in reading.missing:
        raise Unreadable(
            gettext_noop("The list has no column “%(column)s”."),
            column=CONTACT_POINTS.by_name[column].header,
        )
    return reading.rows, reading.understood()
