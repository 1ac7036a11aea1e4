"""The formats of django-import-export on top of our own reading.

`XLSX` of the library parses with openpyxl, seven times slower, and takes the first row for the
header; `contact_points.reading` finds the table and says what it did not read.
"""

from typing import Any

import tablib
from import_export.formats.base_formats import CSV, XLSX

from contact_points.layouts import CONTACT_POINTS
from contact_points.reading import ListRow, Reading, Unreadable, check_upload, read_list

__all__ = ["ROW", "CalamineXLSX", "ListCSV", "ListDataset", "Unreadable", "check_upload"]

# The name under which a row's number in its sheet stands in the dataset.
ROW = "#"


class ListDataset(tablib.Dataset):
    """The rows of a list under the headers we export, and how the file was understood."""

    reading: Reading


class CalamineXLSX(XLSX):
    """Excel, for import only: the library types exports by exact class."""

    def can_export(self) -> bool:
        return False

    def create_dataset(self, in_stream: bytes) -> ListDataset:
        """Raises Unreadable."""
        return _dataset(read_list("list.xlsx", in_stream))


class ListCSV(CSV):
    """Text in UTF-8, UTF-16 or GB18030, parted by commas, tabs or semicolons."""

    def create_dataset(self, in_stream: bytes, **kwargs: Any) -> ListDataset:
        """Raises Unreadable."""
        return _dataset(read_list("list.csv", in_stream))


def _dataset(reading: Reading) -> ListDataset:
    first: ListRow = reading.rows[0]
    names = list(first.values)
    dataset = ListDataset()
    dataset.reading = reading
    dataset.headers = [ROW, *(CONTACT_POINTS.by_name[name].header for name in names)]
    for row in reading.rows:
        dataset.append([row.number, *(row.get(name) for name in names)])
    return dataset
