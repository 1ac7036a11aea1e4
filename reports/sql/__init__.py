"""The SQL of the indicators. Braces take the key a figure is grouped by, never a value.

Parameters: county, first and last (months asked for), january (of the last month's year), earliest
(1 January of the first month's year), today, until (a feedback received later does not count yet);
township, unit and officer narrow everything to one of them, and None to none.
"""

from reports.sql.attention import ATTENTION, VILLAGES
from reports.sql.evaluation import EVALUATED
from reports.sql.households import CONTACTS, GROUPS, HOUSEHOLDS
from reports.sql.keys import keys
from reports.sql.lines import LINES, PAIRS
from reports.sql.matters import MATTERS, MATTERS_RAISED, RATES, matter_ids
from reports.sql.obligations import EXEMPTIONS, KEPT, OBLIGATIONS, UNMET
from reports.sql.topics import TOPICS, WORDS
from reports.sql.visits import MONTHS_VISITS, PEOPLE, VISITS, WORK, YEARS_VISITS

__all__ = [
    "ATTENTION",
    "CONTACTS",
    "EVALUATED",
    "EXEMPTIONS",
    "GROUPS",
    "HOUSEHOLDS",
    "KEPT",
    "LINES",
    "MATTERS",
    "MATTERS_RAISED",
    "MONTHS_VISITS",
    "OBLIGATIONS",
    "PAIRS",
    "PEOPLE",
    "RATES",
    "TOPICS",
    "UNMET",
    "VILLAGES",
    "VISITS",
    "WORDS",
    "WORK",
    "YEARS_VISITS",
    "keys",
    "matter_ids",
]
