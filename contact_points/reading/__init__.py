"""Lists that people made by hand, read as a person would."""

from contact_points.reading.files import Unreadable, check_upload
from contact_points.reading.lists import Dropped, ListRow, ReadColumn, Reading, Sentence
from contact_points.reading.reader import read_list

__all__ = [
    "Dropped",
    "ListRow",
    "ReadColumn",
    "Reading",
    "Sentence",
    "Unreadable",
    "check_upload",
    "read_list",
]
