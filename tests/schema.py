"""The empty test database of this run for engines of a test's own: migrating takes longer."""

import os
import subprocess

from django.db import connection

from outreach.engines import Engines


def copy_schema(engines: Engines) -> None:
    """Fill the database of engines that run with the schema, the migrations noted as done."""
    at, programs = connection.settings_dict, engines.postgres.binaries()
    dump = subprocess.run(
        [programs / "pg_dump", "--no-owner", "-U", at["USER"], "-h", at["HOST"], at["NAME"]],
        env={k: v for k, v in os.environ.items() if k not in ("PGHOST", "PGDATABASE")}
        | ({"PGPORT": str(at["PORT"])} if at["PORT"] else {})
        | ({"PGPASSWORD": at["PASSWORD"]} if at["PASSWORD"] else {}),
        capture_output=True,
        check=True,
    )
    target = f"host={engines.places.postgres_socket} user=app dbname=outreach"
    subprocess.run(
        [programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", target],
        input=dump.stdout,
        stdout=subprocess.DEVNULL,
        check=True,
    )
