"""Play the story through the services, each step at its moment, so that the past looks like one."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint, Household, Officer, Township, Unit, Village
from contact_points.services.registry import VillageRow, add_officer, add_unit, load_divisions
from feedback.models import (
    EvaluationRound,
    Feedback,
    Matter,
    MatterCategory,
    Opinion,
    OpinionCall,
)
from outreach import audit, clock
from outreach.demo_accounts import PASSWORD, SIGN_INS
from outreach.management.demo import story as told
from outreach.management.demo.registry import UnitRow
from outreach.management.demo.story import Story
from outreach.management.demo.verbs import do
from outreach.models import AuditEntry, User
from outreach.services import create_account, mark_read
from visits.models import AnnualPlan, ExemptionRequest, PlanLine, ProgrammeYear, Topic, Visit
from visits.services.plans import save_lines

Say = Callable[[str], None]


class Player:
    """Whoever plays the story: what its names and numbers are in the database."""

    def __init__(self, story: Story, say: Say):
        self.story, self.say = story, say
        self.users: dict[str, User] = {}
        self.townships: dict[str, Township] = {}
        self.units: dict[str, Unit] = {}
        self.officers: dict[int, Officer] = {}
        self.villages: dict[str, Village] = {}
        self.households: dict[str, dict[str, int]] = {}
        self.points: dict[int, ContactPoint] = {}
        self.years: dict[int, ProgrammeYear] = {}
        self.topics: dict[tuple[int, str], Topic] = {}
        self.plans: dict[tuple[str, int], AnnualPlan] = {}
        self.lines: dict[tuple[int, date], PlanLine] = {}
        self.written: dict[PlanLine, list[Topic]] = {}
        self.entries: list[AuditEntry] = []
        self.requests: dict[tuple[int, date], ExemptionRequest] = {}
        self.visits: dict[UUID, Visit] = {}
        self.feedback: dict[UUID, Feedback] = {}
        self.categories: dict[str, MatterCategory] = {}
        self.matters: dict[int, Matter] = {}
        self.rounds: dict[date, EvaluationRound] = {}
        self.call: OpinionCall | None = None
        self.opinions: dict[int, Opinion] = {}

    def load_registry(
        self, villages: Iterable[VillageRow], units: Iterable[UnitRow], only: bool
    ) -> None:
        """The lists and accounts; `only`: no household and nobody but the known accounts."""
        with clock.at(self.story.begins):
            counties = load_divisions(rows=villages, actor=None)
            (self.county,) = counties.values()
            self.villages = Village.objects.filter(county=self.county).in_bulk(field_name="code")
            self.say(f"{len(self.villages)} villages")
            admin = next(a for a in self.story.accounts if a.role == "admin")
            self._account(admin, None)
            self.admin = self.users[admin.username]
            self._units(units)
            accounts = [a for a in self.story.accounts if a.known_password or not only]
            for account in accounts:
                if account is not admin:
                    self._account(account, self.admin)
            self.say(f"{len(self.units)} units, {len(accounts)} accounts")
            for officer in self.story.officers:
                if officer.username in self.users or not only:
                    self.officers[officer.key] = add_officer(
                        unit=self.units[officer.unit],
                        name=officer.name,
                        post=officer.post,
                        user=self.users.get(officer.username),
                        actor=self.admin,
                    )
            self._sizes()
            if not only:
                self._households()
            self.say(f"{len(self.officers)} officers")

    def _units(self, rows: Iterable[UnitRow]) -> None:
        self.townships = {t.name: t for t in Township.objects.filter(county=self.county)}
        for order, row in enumerate(rows, start=1):
            self.units[row.name] = add_unit(
                county=self.county,
                name=row.name,
                kind=row.kind,
                township=self.townships[row.township] if row.township else None,
                order=order,
                actor=self.admin,
            )

    def _account(self, account: told.Account, actor: User | None) -> None:
        unit = self.units.get(account.unit)
        self.users[account.username], _ = create_account(
            actor=actor,
            username=account.username,
            name=account.name,
            role=account.role,
            county_id=self.county.pk,
            unit_id=unit and unit.pk,
            password=PASSWORD if account.known_password else "",
        )

    def _sizes(self) -> None:
        for code, (households, population) in self.story.sizes.items():
            village = self.villages[code]
            village.households_count, village.population = households, population
        Village.objects.bulk_update(
            self.villages.values(), ["households_count", "population"], batch_size=500
        )

    def _households(self) -> None:
        """Insert in one statement per village; a household is a number and nothing else."""
        for code, numbers in self.story.households.items():
            village = self.villages[code]
            with connection.cursor() as cursor:
                cursor.execute(
                    f"INSERT INTO {Household._meta.db_table} (village_id, number) "
                    "SELECT %s, unnest(%s) RETURNING number, id",
                    [village.pk, numbers],
                )
                self.households[code] = dict(cursor.fetchall())
        count = sum(map(len, self.households.values()))
        audit.record(
            gettext_noop("Households loaded"),
            actor=self.admin,
            obj=self.county,
            after={"households": count},
        )
        self.say(f"{count} households")

    def coordinator(self, unit: str) -> User:
        """Who does the unit's office work."""
        pk = self.units[unit].pk
        return next(u for u in self.users.values() if u.unit_id == pk and u.role == "coordinator")

    def learn_lines(self, year: ProgrammeYear) -> None:
        """Know the plans and lines that the year has by now."""
        keys = {point.pk: key for key, point in self.points.items()}
        names = {unit.pk: unit.name for unit in self.units.values()}
        for plan in year.plans.select_related("unit", "programme_year"):
            self.plans.setdefault((names[plan.unit_id], year.year), plan)
        lines = PlanLine.objects.filter(plan__programme_year=year)
        named = ("contact_point__unit", "contact_point__village", "officer")
        for line in lines.select_related(*named):
            self.lines.setdefault((keys[line.contact_point_id], line.month), line)

    def end_sitting(self) -> None:
        """Save the plans' lines that were written one after the other, all at once."""
        if self.written:
            save_lines(self.written, self.entries)
            self.written, self.entries = {}, []

    def play(self) -> None:
        """Carry out the steps in the order of time."""
        month, begun, analyse_at = None, 0, 100
        for n, (at, step) in enumerate(self.story.steps):
            if clock.month_of(at) != month:
                if month is not None:
                    self.say(f"{month:%Y-%m}: {n - begun} steps")
                month, begun = clock.month_of(at), n
            if not isinstance(step, told.WriteLine):
                self.end_sitting()
            with clock.at(at):
                do(step, self)
            if n == analyse_at or isinstance(step, told.OpenYear):
                # Nobody else can: the rows are not committed yet.
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE")
                analyse_at = n * 2
        self.end_sitting()
        self.say(f"{month:%Y-%m}: {len(self.story.steps) - begun} steps")
        # Old news has been read, except where the demonstration's cadre finds something to do.
        with clock.at(self.story.ends - timedelta(days=4)):
            for user in self.users.values():
                if user.username != SIGN_INS[0][1]:
                    mark_read(actor=user, created_at__lt=clock.now())
