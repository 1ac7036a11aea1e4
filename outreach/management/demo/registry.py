"""The lists of villages and units."""

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

from contact_points.services.registry import VillageRow

DATA = Path(__file__).parent / "data"
COUNTY_CODE = "130529"


@dataclass(frozen=True)
class UnitRow:
    kind: str
    name: str
    township: str


def read_villages(path: Path = DATA / "julu_villages.csv") -> list[VillageRow]:
    """The rows of a division list, plain or compressed."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        return [VillageRow(**row) for row in csv.DictReader(file)]


def read_units(path: Path = DATA / "julu_units.csv") -> list[UnitRow]:
    """The units in their order."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [UnitRow(**row) for row in csv.DictReader(file)]
