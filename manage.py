#!/usr/bin/env python
"""Django's command line; on an embedded installation the database runs as long as the command."""

import os
import sys
from contextlib import AbstractContextManager, nullcontext

WITHOUT_DATABASE = {
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "startapp",
    "startproject",
    "translations",
    "up",  # manages the engines itself
    "version",
}


def needs_database(arguments: list[str]) -> bool:
    """Whether the command may talk to the database."""
    if not arguments or {"-h", "--help", "--version"} & set(arguments):
        return False
    if arguments[0] == "check":
        return any(argument.startswith("--database") for argument in arguments)
    return arguments[0] not in WITHOUT_DATABASE


def database() -> AbstractContextManager[None]:
    """The embedded database, unless the environment already names one."""
    if "DATABASE_URL" in os.environ or "OUTREACH_ENGINES" in os.environ:
        return nullcontext()
    from django.conf import settings

    from outreach import engines

    return engines.borrow(settings.PLACES)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
    try:
        from django.core.management import execute_from_command_line

        from outreach.engines import EngineError
    except ImportError as error:
        sys.exit(f"{error}. `make run` installs the packages into .venv; start with it.")
    try:
        with database() if needs_database(sys.argv[1:]) else nullcontext():
            execute_from_command_line(sys.argv)
    except EngineError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
