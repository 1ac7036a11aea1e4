"""A province of generated counties with months of work: `outreach.management.demo.province`."""

import csv
from datetime import date
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from contact_points.models import County
from outreach.management.demo.registry import read_villages
from reports import rolling

# Homes of a village, and called on at a visit.
HOMES, CALLS = 24, 4

HOUSEHOLDS = f"""
INSERT INTO contact_points_household (village_id, number)
SELECT id, '1组-' || lpad(n::text, 3, '0')
FROM contact_points_village, generate_series(1, {HOMES}) n"""

# Calls of a month begin where those of the month before ended; one of them finds nobody at home.
CALLED = f"""
WITH homes AS (
    SELECT village_id, array_agg(id ORDER BY id) AS ids
    FROM contact_points_household GROUP BY village_id
)
INSERT INTO visits_visithousehold (visit_id, household_id, outcome)
SELECT visit.id,
       ids[1 + (extract(month FROM visit.month)::int * {CALLS - 1} + n) % {HOMES}],
       CASE WHEN n = 1 THEN 'not_home' ELSE 'met' END
FROM visits_visit visit
JOIN contact_points_contactpoint point ON point.id = visit.contact_point_id
JOIN homes USING (village_id), generate_series(1, {CALLS}) n"""


def write_divisions(path: Path, counties: int) -> None:
    """The villages of one real county under the codes of as many others."""
    rows = read_villages()
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        names = ("village_code", "village_name", "township_code", "township_name")
        out.writerow([*names, "county_code", "county_name"])
        for n in range(counties):
            code = f"{130100 + n:06d}"
            for row in rows:
                out.writerow(
                    [
                        code + row.village_code[6:],
                        row.village_name,
                        code + row.township_code[6:],
                        row.township_name,
                        code,
                        f"测算{n + 1}县",
                    ]
                )


def build(folder: Path, counties: int, months: int, until: str) -> None:
    """Everything of these months, the rollups made."""
    villages = folder / f"villages-{counties}.csv"
    write_divisions(villages, counties)
    with connection.cursor() as cursor:
        # Millions of rows that are right by construction: no foreign key is asked, no mark written.
        cursor.execute("SET session_replication_role = replica")
        call_command(
            "seed_demo",
            scale="province",
            months=months,
            villages=villages,
            until=date.fromisoformat(until),
            stdout=(folder / "province.log").open("w"),
        )
        cursor.execute(HOUSEHOLDS)
        cursor.execute(CALLED)
        cursor.execute("RESET session_replication_role")
        cursor.execute("VACUUM ANALYZE")
        for pk in County.objects.values_list("pk", flat=True):
            rolling.rebuild(pk)
        cursor.execute("VACUUM ANALYZE reports_monthfigures")
