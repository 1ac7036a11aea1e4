"""What figures are grouped by and narrowed to."""

# What a row of `lines` and of `visits` is grouped by.
KEYS = {
    None: "0",
    "unit": "point.unit_id",
    "township": "village.township_id",
    "village": "point.village_id",
    "contact_point": "point.id",
    "kind": "unit.kind",
    "month": "line.month",
}

# What a question is narrowed to. An officer is asked of the obligation, so not here.
PLACE = "coalesce(village.township_id = %(township)s, true)"
PART = f"{PLACE} AND coalesce(point.unit_id = %(unit)s, true)"

LED = f"coalesce(matter.leader_id = %(unit)s, true) AND {PLACE}"

MATTER_KEYS = {
    None: "0",
    "unit": "matter.leader_id",
    "township": "village.township_id",
    "village": "matter.village_id",
    "kind": "unit.kind",
    # Matters of a category with those of its children; NULL: not sorted yet.
    "category": "coalesce(category.parent_id, category.id)",
}

# A visit under the obligation it fulfils, whoever went and whoever holds the village by then.
_OBLIGATION_OF_VISIT = """LEFT JOIN LATERAL (
        SELECT line.officer_id, line.contact_point_id
        FROM visits_planline line
        JOIN contact_points_contactpoint holder ON holder.id = line.contact_point_id
        WHERE holder.unit_id = point.unit_id AND holder.village_id = point.village_id
          AND line.month = visit.month
          AND holder.period && daterange(line.month, (line.month + interval '1 month')::date)
        ORDER BY lower(holder.period) LIMIT 1
    ) line ON true"""

# A row of the rollups (`reports.rolled`): the month, counted in days since 2000, unit, village,
# contact point and officer.
_ROW_OF_LINE = """ARRAY[line.month - date '2000-01-01', point.unit_id, point.village_id,
        line.contact_point_id, line.officer_id]"""
_ROW_OF_VISIT = """ARRAY[visit.month - date '2000-01-01', point.unit_id, point.village_id,
        coalesce(line.contact_point_id, point.id), coalesce(line.officer_id, visit.officer_id)]"""


def keys(by: str | None, *, of_officer: bool = False) -> dict[str, str]:
    """The SQL expressions of the key and of what is asked for, and the join they need of visits."""
    officer = "coalesce(line.officer_id, visit.officer_id)"
    visit_keys = {
        "officer": officer,
        "contact_point": "coalesce(line.contact_point_id, point.id)",
        "month": "visit.month",
        "row": _ROW_OF_VISIT,
    }
    line_keys = {"officer": "line.officer_id", "row": _ROW_OF_LINE}
    joins = of_officer or by in ("officer", "contact_point", "row")
    return {
        "line_key": line_keys.get(by or "") or KEYS.get(by, "0"),
        "visit_key": visit_keys.get(by or "") or KEYS.get(by, "0"),
        "matter_key": MATTER_KEYS.get(by, "0"),
        "obligation": _OBLIGATION_OF_VISIT if joins else "",
        "asked": f"{PART} AND {officer} = %(officer)s" if of_officer else PART,
        "owed_by": f"{officer} = %(officer)s" if of_officer else "true",
    }
