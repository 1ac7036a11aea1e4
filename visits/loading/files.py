"""A file of any kind we read, from its bytes to the rows of a plan's sheet."""

import re

from django.utils.translation import gettext_noop

from contact_points.reading import Reading, Unreadable, read_list
from visits.loading.columns import MONTHS, columns_of

# A plan has as many rows as its unit has villages.
MOST_ROWS = 500
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


def read_sheet(name: str, content: bytes, year: int) -> Reading:
    """The rows of a sheet of a plan of this year. Raises Unreadable and nothing else."""
    layout = columns_of(year)
    reading = read_list(name, content, layout=layout, year=year)
    if len(reading.rows) > MOST_ROWS:
        raise Unreadable(
            gettext_noop("The sheet has more than %(limit)s rows, which is no unit's plan."),
            limit=MOST_ROWS,
        )
    if reading.missing:
        raise Unreadable(
            gettext_noop("The sheet has no column “%(column)s”."),
            column=layout.by_name[reading.missing[0]].header,
        )
    unsure = [column for column in reading.columns if not column.sure]
    if unclear := [c for c in unsure if layout.meaning(c.header)[0] in MONTHS.values()]:
        raise Unreadable(
            gettext_noop(
                "Column %(column)s is not clear: the sheet has one column for each month. Begin "
                "from the exported sheet."
            ),
            column=unclear[0].letter,
        )
    years = _years(reading)
    if years and year not in years:
        raise Unreadable(
            gettext_noop("The sheet says %(other)s and the plan is of %(year)s."),
            other=min(years),
            year=year,
        )
    return reading


def _years(reading: Reading) -> set[int]:
    """The years that headers, titles and the sheet's name say."""
    titles = [row.text for row in reading.dropped if row.row < reading.header_rows[0]]
    headers = [column.header for column in reading.columns]
    return {int(y) for text in (reading.sheet, *titles, *headers) for y in _YEAR.findall(text)}
