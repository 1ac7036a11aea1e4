"""What many tests begin with is made once per process and then copied, rows and objects.

Making a world through models and services takes a fifth of a second, copying it a hundredth.
"""

import io
import pickle
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

# What the database computes itself cannot be written.
COLUMNS = """
    SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
    FROM information_schema.columns
    WHERE table_schema = 'public' AND is_generated = 'NEVER'
        AND table_name !~ '^(django|auth)_'
        AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')
    GROUP BY 1
"""


class Kept:
    """The objects that `build` gives, and the rows that it wrote."""

    def __init__(self, build: Callable[[], Any]):
        with transaction.atomic():
            before = _rows()
            self.objects = pickle.dumps(build())
            self.rows = {
                table: new for table, lines in _rows().items() if (new := lines - before[table])
            }
            transaction.set_rollback(True)

    def copied(self) -> Any:
        """Fresh objects, after their rows were put into the database as they were."""
        with transaction.atomic(), connection.cursor() as cursor:
            # Neither triggers nor references are asked: they had their say when the rows were made.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for (table, columns), lines in self.rows.items():
                cursor.copy_expert(
                    f"COPY {table} ({columns}) FROM STDIN", io.BytesIO(b"".join(lines))
                )
            cursor.execute("SET LOCAL session_replication_role = origin")
        return pickle.loads(self.objects)


def _rows() -> dict[tuple[str, str], set[bytes]]:
    """Each table of ours with its columns, and its rows as COPY writes them."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for table, columns in cursor.fetchall():
            copy = io.BytesIO()
            cursor.copy_expert(f"COPY {table} ({columns}) TO STDOUT", copy)
            found[table, columns] = set(copy.getvalue().splitlines(keepends=True))
    return found
