"""Start the whole program on this machine with one command."""

import os
import sys
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.management import get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connections

from outreach.demo_accounts import SIGN_INS
from outreach.engines import EngineError
from outreach.supervisor import StartError, Stopped, Supervisor, static_is_stale

DEMO = ("seed_demo", "--scale", "county", "--months", "12", "--seed", "1")


FIRST_STEPS = (
    "manage.py load_villages FILE --county CODE",
    "manage.py create_account NAME --name PERSON --role admin --county CODE",
)


class Command(BaseCommand):
    help = "Start database, broker, migrations, web server, worker and relay; stop with Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        port = int(os.environ.get("OUTREACH_PORT", "8000"))
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=port, help="port to listen on")
        parser.add_argument("--no-demo", action="store_true", help="start with an empty database")

    def handle(self, *, host: str, port: int, no_demo: bool, **options: object) -> None:
        supervisor = Supervisor(
            settings.PLACES,
            Path(settings.BASE_DIR),
            host,
            port,
            own_postgres="DATABASE_URL" not in os.environ,
            own_valkey="REDIS_URL" not in os.environ,
        )
        try:
            with supervisor.running():
                self.start(supervisor, demo=not no_demo)
                self.greet(host, port)
                supervisor.watch()
        except Stopped:
            self.stdout.write("Stopped.")
        except (StartError, EngineError) as error:
            raise CommandError(str(error)) from error

    def start(self, supervisor: Supervisor, demo: bool) -> None:
        self.stdout.write(f"Starting; data and logs are in {settings.PLACES.data_dir}")
        supervisor.start_engines()
        supervisor.run_command("Database schema", "migrate", "--no-input")
        manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
        if static_is_stale(Path(settings.BASE_DIR), manifest):
            supervisor.run_command("Static files", "collectstatic", "--no-input")
        commands = get_commands()
        if demo and "seed_demo" in commands and not self.has_county():
            supervisor.run_command("Demonstration county (first run)", *DEMO)
        supervisor.start_services(with_relay="relay" in commands)

    def has_county(self) -> bool:
        """Whether the database holds anything worth keeping the demonstration away from."""
        try:
            return apps.get_model("contact_points", "County").objects.exists()
        finally:
            connections.close_all()

    def has_account(self) -> bool:
        """Whether there is an account, as far as the database can tell."""
        try:
            return apps.get_model("outreach", "User").objects.exists()
        except OperationalError:
            return True
        finally:
            connections.close_all()

    def sign_ins(self) -> list[tuple[str, str, str]]:
        """The sign-ins of the demonstration that work here: none of them in a real county."""
        names = [username for _role, username, _password in SIGN_INS]
        try:
            accounts = apps.get_model("outreach", "User").objects.filter(is_active=True)
            kept = dict(accounts.filter(username__in=names).values_list("username", "password"))
        except OperationalError:
            return []  # the database ended just now; the watch that begins here starts it again
        finally:
            connections.close_all()
        return [
            (role, username, password)
            for role, username, password in SIGN_INS
            if username in kept and check_password(password, kept[username])
        ]

    def greet(self, host: str, port: int) -> None:
        shown = {"0.0.0.0": "localhost", "127.0.0.1": "localhost"}.get(host, host)
        working = self.sign_ins()
        self.stdout.write(f"\nOpen http://{shown}:{port}/   (Ctrl-C stops everything)")
        if working:
            self.stdout.write("\nSign-ins of the demonstration:")
            for role, username, password in working:
                self.stdout.write(f"  {role:<28} {username:<16} {password}")
        elif not self.has_account():
            self.stdout.write("\nNobody can sign in yet. In another terminal, same settings:")
            for line in FIRST_STEPS:
                self.stdout.write(f"  {line}")
        sys.stdout.flush()
