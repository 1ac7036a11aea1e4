"""A sheet in the shape of the plan's grid (`visits.sheets`), read back: reads only, no writing."""

from visits.loading.columns import HEAD, MONTHS
from visits.loading.decisions import Cell, Decided, Outcome, decide, values_of
from visits.loading.files import read_sheet

__all__ = [
    "HEAD",
    "MONTHS",
    "Cell",
    "Decided",
    "Outcome",
    "decide",
    "read_sheet",
    "values_of",
]
