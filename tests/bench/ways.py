"""The ways from a workbook to contact points that are compared, each called once per process."""

import io
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from python_calamine import CalamineWorkbook

from contact_points.models import ContactPoint, County, ImportRun
from contact_points.resources import read_list_file
from contact_points.services import imports
from outreach.models import User
from tests.bench import county as bench
from tests.bench.stock import import_stock

Parts = dict[str, float]


class Watch:
    """Seconds of the parts of a way."""

    def __init__(self) -> None:
        self.parts: Parts = {}
        self._begun = perf_counter()

    def lap(self, name: str) -> None:
        now = perf_counter()
        self.parts[name] = now - self._begun
        self._begun = now


def ours(path: Path) -> Parts:
    """Keep, read, preview and apply, with all that the importer promises."""
    watch = Watch()
    run = _preview(path, watch)
    actor = User.objects.get(username="bench")
    run = ImportRun.objects.get(pk=run.pk)
    assert imports.apply_import(run=run, plan_sha256=run.plan_sha256, actor=actor)
    watch.lap("apply")
    return watch.parts


def again(path: Path) -> Parts:
    """The same list once more: nothing differs, so there is nothing to apply."""
    watch = Watch()
    run = _preview(path, watch)
    assert not run.rows_to_apply, run.counts
    return watch.parts


def _preview(path: Path, watch: Watch) -> ImportRun:
    actor = User.objects.get(username="bench")
    run = imports.keep_list(
        county=County.objects.get(code="139900"),
        file_name=path.name,
        content=path.read_bytes(),
        first_day=bench.FIRST_DAY,
        actor=actor,
    )
    watch.lap("keep")
    with run.file.open("rb") as file:
        rows, understood = read_list_file(run.file_name, file.read(), year=2026)
    watch.lap("read")
    run = imports.preview_list(run=run, rows=rows, understood=understood, actor=actor)
    watch.lap("preview")
    return run


def floor(path: Path) -> Parts:
    """Read the file, look up three names, COPY, INSERT: nothing checked, shown, audited, undone."""
    watch = Watch()
    book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    cells = book.get_sheet_by_index(0).to_python()
    watch.lap("read")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM contact_points_county WHERE code = '139900'")
        (county_id,) = cursor.fetchone()
        villages = _looked_up(
            cursor,
            "SELECT t.name, v.name, v.id FROM contact_points_village v "
            "JOIN contact_points_township t ON t.id = v.township_id WHERE v.county_id = %s",
            county_id,
        )
        units = _looked_up(
            cursor, "SELECT name, '', id FROM contact_points_unit WHERE county_id = %s", county_id
        )
        officers = _looked_up(
            cursor,
            "SELECT unit_id, name, id FROM contact_points_officer WHERE county_id = %s",
            county_id,
        )
        lines = io.StringIO()
        for row in cells[1:]:
            village, unit = villages.get((row[2], row[1])), units.get((row[3], ""))
            officer = officers.get((unit, row[4]))
            if village and officer:
                day = row[7] if isinstance(row[7], str) else row[7].isoformat()
                lines.write(f"{county_id}\t{unit}\t{village}\t{officer}\t[{day},)\t{row[9]}\n")
        lines.seek(0)
        columns = "county_id, unit_id, village_id, officer_id, period, note"
        cursor.execute(
            f"CREATE TEMPORARY TABLE given AS SELECT {columns} FROM contact_points_contactpoint "
            "WITH NO DATA"
        )
        cursor.copy_expert(f"COPY given ({columns}) FROM STDIN", lines)
        cursor.execute(
            f"INSERT INTO contact_points_contactpoint ({columns}) SELECT {columns} FROM given "
            "ON CONFLICT DO NOTHING"
        )
    watch.lap("write")
    return watch.parts


def _looked_up(cursor: Any, query: str, county_id: int) -> dict[tuple[Any, Any], int]:
    cursor.execute(query, [county_id])
    return {(a, b): pk for a, b, pk in cursor.fetchall()}


def stock(path: Path) -> Parts:
    """A plain resource of django-import-export: dry run, then import."""
    watch = Watch()
    for name, dry_run in (("dry run", True), ("import", False)):
        import_stock(path, dry_run=dry_run)
        watch.lap(name)
    return watch.parts


WAYS: dict[str, Callable[[Path], Parts]] = {
    "floor": floor,
    "ours": ours,
    "again": again,
    "stock": stock,
}


def allow(rows: int) -> None:
    """Raise the limits that protect a small server from a large list."""
    settings.UPLOAD_MAX_ROWS = max(settings.UPLOAD_MAX_ROWS, rows)


def written() -> int:
    return ContactPoint.objects.count()
