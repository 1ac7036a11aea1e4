"""What all tests share: one day, one small world, signed-in clients, and two strict habits.

The two habits: an undefined variable in one of our templates fails the test, and the audit trail,
which refuses to be emptied, is emptied all the same after a test with real transactions.
"""

import threading
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.commands import flush
from django.db import transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from django.template import engines
from django.template.base import FilterExpression
from django.template.defaultfilters import default
from django.test import Client
from django.utils import timezone, translation

from outreach import clock
from outreach.roles import Role
from tests import engines_plugin
from tests import factories as make
from tests.kept import Kept

TODAY = date(2026, 5, 20)
MONTH = date(2026, 5, 1)
AFTER_THE_WORLD = 200  # numbers of its rows end before
TEMPLATES = str(Path(settings.BASE_DIR) / "templates")


@pytest.fixture(scope="session", autouse=True)
def flush_past_the_audit_triggers():
    """Empty tables after a transactional test by DELETE, past the append-only triggers.

    TRUNCATE makes new files for a hundred tables and their indexes, which takes a second; what
    `post_migrate` would write anew, kinds of content and permissions, is left where it is.
    """

    def deletes(self, style, tables, *, reset_sequences=False, allow_cascade=False):
        assert not reset_sequences
        emptied = [
            name for name in tables if name not in ("django_content_type", "auth_permission")
        ]
        statements = [f"DELETE FROM {self.quote_name(name)}" for name in sorted(emptied)]
        return ["; ".join(["SET LOCAL session_replication_role = replica", *statements])]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", deletes)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_args: None)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Copy a migrated database: each process migrating its own takes a quarter of a minute."""
    settings.DATABASES["default"]["TEST"]["TEMPLATE"] = engines_plugin.template()


class UndefinedVariable(Exception):
    """A template names a variable that its view does not give."""


class _Invalid(str):
    """Django's empty text for an undefined variable, which remembers that it was asked for."""

    asked = threading.local()

    def __bool__(self):
        self.asked.now = True
        return False


@pytest.fixture(scope="session", autouse=True)
def undefined_variables_fail():
    """Refuse undefined variables in our own templates, but not under `if` and `|default`."""
    engine = engines["django"].engine
    resolve = FilterExpression.resolve
    asked = _Invalid.asked

    def strict(self, context, ignore_failures=False):
        before, asked.now = getattr(asked, "now", False), False
        try:
            value = resolve(self, context, ignore_failures)
            wanted = default not in [function for function, _args in self.filters]
            if asked.now and wanted and not ignore_failures:
                template = context.render_context.template or context.template
                if str(template.origin).startswith(TEMPLATES):
                    raise UndefinedVariable(f"{self.token} in {template.name}")
            return value
        finally:
            asked.now = before

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "string_if_invalid", _Invalid())
        patch.setattr(FilterExpression, "resolve", strict)
        yield


@pytest.fixture(autouse=True)
def default_language():
    """A test that switched the language leaves no trace in the next one."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture
def fixed_clock():
    """It is noon on 20 May 2026 in Shanghai."""
    with clock.at(make.moment(TODAY, 12)):
        yield


class Place:
    """A unit with its people and the one village it holds; a draft plan and a recorded visit."""

    def __init__(self, home, township=None):
        self.unit = make.unit(home.county)
        self.coordinator = make.user(Role.COORDINATOR, unit=self.unit)
        self.cadre = make.cadre(self.unit)
        self.officer = self.cadre.officer
        self.village = make.village(township or home.township)
        self.household = make.household(self.village)
        self.contact_point = make.contact_point(self.unit, self.village, self.officer)
        self.line = make.plan_line(self.contact_point, MONTH, programme_year=home.year)
        self.plan = self.line.plan
        self.visit = make.visit(self.contact_point, self.cadre)


class Home:
    """A county with its office, its administrator and an open year."""

    def __init__(self, units):
        self.county = make.county()
        self.township = make.township(self.county)
        self.office = make.user(Role.COUNTY, county=self.county)
        self.admin = make.user(Role.ADMIN, county=self.county)
        self.year = make.programme_year(self.county, TODAY.year)
        self.topic = make.topic(self.year)
        self.places = [Place(self) for _ in range(units)]


class World:
    """Two counties: `own` and `other` are units of one, `foreign` is a unit of another."""

    def __init__(self):
        self.home, self.abroad = Home(units=2), Home(units=1)
        self.own, self.other = self.home.places
        (self.foreign,) = self.abroad.places

    def person(self, role):
        """Who has this role in the own unit or its county."""
        return {
            Role.CADRE: self.own.cadre,
            Role.COORDINATOR: self.own.coordinator,
            Role.COUNTY: self.home.office,
            Role.ADMIN: self.home.admin,
        }[role]


@pytest.fixture(scope="session")
def kept_world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), clock.at(make.moment(TODAY, 12)):
        make.count_from(1)
        return Kept(World)


@pytest.fixture(scope="session")
def kept_reports(kept_world, django_db_blocker):
    """The month's report of each county of the world."""
    with django_db_blocker.unblock(), clock.at(make.moment(TODAY, 12)), transaction.atomic():
        world = kept_world.copied()
        kept = Kept(lambda: [make.report(home, MONTH) for home in (world.home, world.abroad)])
        transaction.set_rollback(True)
    return kept


@pytest.fixture
def world(kept_world, db, fixed_clock):
    make.count_from(AFTER_THE_WORLD)
    return kept_world.copied()


@pytest.fixture
def sign_in():
    """A client in which this account is signed in and has opened a page a moment ago."""

    def signed_in(account, **options):
        client, now = Client(**options), timezone.now().timestamp()
        session = SessionStore()
        session.update(
            {
                auth.SESSION_KEY: str(account.pk),
                auth.BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
                auth.HASH_SESSION_KEY: account.get_session_auth_hash(),
                "began": now,
                "seen": now,
            }
        )
        session.create()
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        return client

    return signed_in
