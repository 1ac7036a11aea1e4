"""The planner: what a unit's year could look like. Pure: the same input gives the same plan."""

from visits.planning.days import Calendar
from visits.planning.facts import Avoided, Line, Proposal, Sentence, Topic
from visits.planning.households import Allocation, Household, Stop, allocate, in_order, reach
from visits.planning.year import plan_year

__all__ = [
    "Allocation",
    "Avoided",
    "Calendar",
    "Household",
    "Line",
    "Proposal",
    "Sentence",
    "Stop",
    "Topic",
    "allocate",
    "in_order",
    "plan_year",
    "reach",
]
