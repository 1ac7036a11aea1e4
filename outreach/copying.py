"""Many rows at once through COPY: what the ORM's inserts and updates are too slow for.

Ten thousand rows take a tenth of the time of `bulk_create`, a hundredth of `bulk_update`. Rows are
written as they are: no `save`, no signals, no defaults of the database.
"""

import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection, models
from django.db.backends.postgresql.psycopg_any import DateRange

NULL = "\\N"
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model; each gets its primary key."""
    if not rows:
        return
    meta = rows[0]._meta
    key = meta.pk
    assert key
    if rows[0].pk is None:
        for row, number in zip(rows, _numbers(meta.db_table, key.column, len(rows)), strict=True):
            row.pk = number
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    _copy(meta.db_table, [field for field in meta.concrete_fields if not field.generated], rows)


def update(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Write the named fields of saved rows of one model."""
    if not rows:
        return
    meta = rows[0]._meta
    key = meta.pk
    assert key
    fields: list[Any] = [meta.get_field(name) for name in names]
    columns = [field.column for field in fields]
    listed = ", ".join(f'"{column}"' for column in (key.column, *columns))
    given = ", ".join(f'"{column}" = given."{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'CREATE TEMPORARY TABLE given AS SELECT {listed} FROM "{meta.db_table}" WITH NO DATA'
        )
        _copy("given", [key, *fields], rows)
        cursor.execute(
            f'UPDATE "{meta.db_table}" AS kept SET {given} FROM given '
            f'WHERE kept."{key.column}" = given."{key.column}"'
        )
        cursor.execute("DROP TABLE given")


def _numbers(table: str, column: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [f'"{table}"', column, count],
        )
        return [number for (number,) in cursor.fetchall()]


def _copy(table: str, fields: Sequence[Any], rows: Iterable[models.Model]) -> None:
    columns = ", ".join(f'"{field.column}"' for field in fields)
    texts = [(field.attname, _writer(field)) for field in fields]
    lines = io.StringIO()
    for row in rows:
        values = row.__dict__
        lines.write("\t".join([text(values[name]) for name, text in texts]))
        lines.write("\n")
    lines.seek(0)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f'COPY "{table}" ({columns}) FROM STDIN', lines)


def _writer(field: Any) -> Callable[[Any], str]:
    """How a value of this field stands in COPY's text format."""
    if isinstance(field, models.JSONField):
        encode = (field.encoder or json.JSONEncoder)(ensure_ascii=False).encode
        # JSON itself has no raw tabs and line breaks.
        return lambda value: NULL if value is None else encode(value).replace("\\", "\\\\")
    return _text


def _text(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, str):
        return value.translate(_ESCAPES) if _SPECIAL.search(value) else value
    if isinstance(value, DateRange):
        return f"[{value.lower or ''},{value.upper or ''})"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
