"""The registry, and the lists from which it is filled."""

from contact_points.models.imports import Alias, ImportRow, ImportRun, ImportTrail
from contact_points.models.registry import (
    ContactPoint,
    County,
    Household,
    Officer,
    Township,
    Unit,
    Village,
)

__all__ = [
    "Alias",
    "ContactPoint",
    "County",
    "Household",
    "ImportRow",
    "ImportRun",
    "ImportTrail",
    "Officer",
    "Township",
    "Unit",
    "Village",
]
