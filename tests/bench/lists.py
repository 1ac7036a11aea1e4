"""Lists of the whole country, in one process each: a search, a page in the depth, a ledger."""

import csv
import gzip
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from statistics import median
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from contact_points.models import County, Township, Village
from contact_points.tables import VillageTable
from outreach import copying
from outreach.exports import Book, csv_lines
from outreach.ledgers import table_rows
from outreach.paging import Keyset, Page
from tests.bench.county import KINDS, PLACES, SURNAMES

VILLAGES, EACH_TOWNSHIP = 620_573, 15
SOUGHT = "张家"
# In every village's name, in a fifth's, in one of 40, one of 400, in none, and in one of 100 that
# all stand at the end of the list.
LOCAL = "塘寨"
PAIRS = ("村委", "家庄", SOUGHT, "上张", "没有", LOCAL)
PAGE, COUNTED = 50, 1_000


def build(path: str | None = None) -> None:
    """As many villages as the country has; from a division list (.csv.gz) its own."""
    rows = list(_listed(path) if path else _invented())
    county = County.objects.create(code="999999", name="全国")
    places = {code: name for _v, _n, code, name in rows}
    copying.insert([Township(county=county, code=c, name=n) for c, n in places.items()])
    ids = dict(Township.objects.filter(county=county).values_list("code", "pk"))
    copying.insert_values(
        Village,
        ("code", "name", "sort_key", "township"),
        ((code, name, code, ids[place]) for code, name, place, _name in rows),
        county=county.pk,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE contact_points_village")
        cursor.execute("VACUUM ANALYZE contact_points_township")


def _listed(path: str) -> Iterator[tuple[str, str, str, str]]:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield tuple(row[name] for name in _COLUMNS)  # type: ignore[misc]


_COLUMNS = ("village_code", "village_name", "township_code", "township_name")


def _invented() -> Iterator[tuple[str, str, str, str]]:
    rng = Random(2026)
    for n in range(VILLAGES):
        place = n // EACH_TOWNSHIP
        name = f"{rng.choice(PLACES)}{rng.choice(SURNAMES)}{rng.choice(KINDS)}"
        name += LOCAL if n >= VILLAGES * 0.99 else ""
        yield f"{n:012d}", f"{name}村委会", f"{place:09d}", f"{rng.choice(SURNAMES)}{place}镇"


def _rows() -> QuerySet[Village]:
    """The list as a person of this county asks for it."""
    return Village.objects.filter(county=County.objects.get(code="999999")).for_list()


def _sought(text: str, **edges: str) -> Page:
    return Keyset(_rows().search(text), most=COUNTED).page(PAGE, **edges)


def in_turn(ways: dict[str, Callable[[], Any]], rounds: int = 9) -> dict[str, float]:
    """Median milliseconds of each way, run by turns."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _round in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            took[name].append((time.perf_counter() - began) * 1000)
    return {name: median(runs) for name, runs in took.items()}


def measure() -> dict[str, dict[str, float]]:
    """Milliseconds of a search for two characters and of pages at the beginning and the end."""
    bare = "SELECT id FROM contact_points_village WHERE bigrams(name) @> ARRAY[%s] LIMIT 51"
    usual = Q(name__icontains=SOUGHT) | Q(township__name__icontains=SOUGHT)

    def sql() -> None:
        with connection.cursor() as cursor:
            cursor.execute(bare, [SOUGHT])
            cursor.fetchall()

    found = _rows().search(SOUGHT).order_by("code")
    middle = found[found.count() // 2]
    edge = json.dumps([middle.code, middle.pk])
    search: dict[str, Callable[[], Any]] = {"bare SQL": sql}
    for text in PAIRS:
        search[f"ours: {text}, counted"] = partial(_sought, text)
    search |= {
        f"ours: {SOUGHT}, middle": partial(_sought, SOUGHT, after=edge),
        f"ours: {SOUGHT}, back": partial(_sought, SOUGHT, before=edge),
        f"{SOUGHT}, icontains, offset": lambda: _by_offset(_rows().filter(usual), 0),
    }
    last = Village.objects.order_by("-code")[2 * PAGE]
    deep = json.dumps([last.code, last.pk])
    pages = {
        "ours: first page": lambda: Keyset(_rows()).page(PAGE),
        "ours: last but one": lambda: Keyset(_rows()).page(PAGE, after=deep),
        "by offset, last but one": lambda: _by_offset(_rows(), VILLAGES - 2 * PAGE),
    }
    return {"search": in_turn(search), "page": in_turn(pages, rounds=5)}


def _by_offset(rows: QuerySet, start: int) -> None:
    rows = rows.order_by(F("code"))
    rows.count()
    list(rows[start : start + PAGE])


def ledger(kind: str, rows: int) -> dict[str, float]:
    """Seconds and megabytes above the start for a ledger of so many rows."""
    villages = _rows().order_by("code")
    last = villages.values_list("code", flat=True)[rows - 1]
    table = VillageTable(villages.filter(code__lte=last))
    before, began = _peak(), time.perf_counter()
    if kind == "csv":
        written = sum(1 for _line in csv_lines(table_rows(table))) - 2
    else:
        with tempfile.TemporaryFile() as target:
            book = Book(target)
            written = book.sheet("villages", table_rows(table), filtered=True)
            book.close()
    assert written == rows, written
    return {"seconds": time.perf_counter() - began, "more": _peak() - before}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
