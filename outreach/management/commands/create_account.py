"""Create an account from the command line: how an installation gets its first administrator."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from contact_points.models import County, Unit
from outreach.roles import Role
from outreach.services import create_account


class Command(BaseCommand):
    help = "Create an account and print its first password."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the person's name")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--county", required=True, help="six-digit code")
        parser.add_argument("--unit", help="the unit's name, for cadres and coordinators")

    def handle(self, *, username, name, role, county, unit, **options):
        try:
            home = County.objects.get(code=county)
            unit_id = Unit.objects.get(county=home, name=unit).pk if unit else None
            _account, password = create_account(
                actor=None,
                username=username,
                name=name,
                role=role,
                county_id=home.pk,
                unit_id=unit_id,
            )
        except County.DoesNotExist as error:
            raise CommandError(f"No county {county}; `load_villages` brings it in.") from error
        except Unit.DoesNotExist as error:
            raise CommandError(f"The county has no unit {unit}.") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{username}: first password {password}, to be changed at sign-in.")
