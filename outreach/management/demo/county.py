"""Play the story through the services, each step at its moment, so that the past looks like one."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import singledispatchmethod
from random import Random
from typing import Any
from uuid import UUID, uuid5

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint, County, Household, Officer, Township, Unit, Village
from contact_points.services.handover import hand_over
from contact_points.services.registry import (
    VillageRow,
    add_officer,
    add_unit,
    load_divisions,
    open_contact_point,
)
from feedback.models import Feedback, Matter, MatterCategory
from feedback.records import record_of, stamp_of
from feedback.services import (
    Sending,
    co_handling,
    receive_record,
    review_feedback,
    save_feedback,
    time_limits,
    transfers,
)
from feedback.services import matters as matter_services
from feedback.services.agenda import put_on_agenda
from feedback.services.joining import join_matter
from feedback.services.receipts import issue_receipt
from feedback.services.routes import route_category, write_category
from feedback.services.suggestions import answer_suggestion, correct_reply
from outreach import audit, clock
from outreach.demo_accounts import PASSWORD, SIGN_INS
from outreach.management.demo import photos, programme
from outreach.management.demo import story as told
from outreach.management.demo.cast import add_people, add_points, add_sizes
from outreach.management.demo.changes import add_changes
from outreach.management.demo.matters import add_matters
from outreach.management.demo.plans import add_exemptions, add_plans
from outreach.management.demo.registry import UnitRow, read_units, read_villages
from outreach.management.demo.story import Story, moment, months_until
from outreach.management.demo.together import add_together
from outreach.management.demo.visits import add_visits
from outreach.models import User
from outreach.services import create_account, mark_read
from visits.models import AnnualPlan, ExemptionRequest, PlanLine, ProgrammeYear, Topic, Visit
from visits.services.exemptions import ask_exemption, decide_exemption_request, exempt_line
from visits.services.obligations import Handover, ensure_lines, follow_registry
from visits.services.photos import add_photo
from visits.services.plans import decide_plan, submit_plan, write_line
from visits.services.programme import open_year
from visits.services.recording import VisitContent, record_visit, void_visit
from visits.services.rules import add_avoided_days
from visits.services.topics import add_topic, attach_file

Say = Callable[[str], None]
# What somebody may still review; the rest is written the shorter way.
REVIEWED = timedelta(days=60)


def write_story(
    *, villages: list[VillageRow], units: list[UnitRow], months: int, seed: int, until: date
) -> Story:
    """The whole story in memory; it ends with the eve of `until`."""
    story = Story(months_until(until, months), moment(until, 0))
    add_people(story, units, Random(f"{seed} people"))
    add_points(story, units, villages, Random(f"{seed} points"))
    add_sizes(story, villages, Random(f"{seed} sizes"))
    lines = add_plans(story, Random(f"{seed} plans"))
    exempt = add_exemptions(story)
    add_visits(story, lines, exempt, Random(f"{seed} visits"))
    add_changes(story, lines, exempt)
    first_free = add_matters(story, Random(f"{seed} matters"))
    add_together(story, Random(f"{seed} together"), first_free)
    story.close()
    return story


def build(*, months: int, seed: int, until: date, registry_only: bool, say: Say) -> None:
    """Load the demonstration county, all of it or nothing."""
    villages, units = read_villages(), read_units()
    story = write_story(villages=villages, units=units, months=months, seed=seed, until=until)
    with transaction.atomic():
        player = _Player(story, say)
        player.load_registry(villages, units, registry_only)
        if not registry_only:
            player.play()


class _Player:
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
        self.requests: dict[tuple[int, date], ExemptionRequest] = {}
        self.visits: dict[UUID, Visit] = {}
        self.feedback: dict[UUID, Feedback] = {}
        self.categories: dict[str, MatterCategory] = {}
        self.matters: dict[int, Matter] = {}

    def load_registry(
        self, villages: Iterable[VillageRow], units: Iterable[UnitRow], only: bool
    ) -> None:
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

    def play(self) -> None:
        """Carry out the steps in the order of time."""
        month, begun, analyse_at = None, 0, 100
        for n, (at, step) in enumerate(self.story.steps):
            if clock.month_of(at) != month:
                if month is not None:
                    self.say(f"{month:%Y-%m}: {n - begun} steps")
                month, begun = clock.month_of(at), n
            with clock.at(at):
                self.do(step)
            if n == analyse_at or isinstance(step, told.OpenYear):
                # Nobody else can: the rows are not committed yet.
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE")
                analyse_at = n * 2
        self.say(f"{month:%Y-%m}: {len(self.story.steps) - begun} steps")
        # Old news has been read, except where the demonstration's cadre finds something to do.
        with clock.at(self.story.ends - timedelta(days=4)):
            for user in self.users.values():
                if user.username != SIGN_INS[0][1]:
                    mark_read(actor=user, created_at__lt=clock.now())

    @singledispatchmethod
    def do(self, step: Any) -> None:
        """Carry out one step."""
        raise NotImplementedError(step)

    @do.register
    def _(self, step: told.OpenPoint) -> None:
        point = step.point
        self.points[point.key] = open_contact_point(
            unit=self.units[point.unit],
            village=self.villages[point.village],
            officer=self.officers[point.officer.key],
            first_day=point.first_day,
            last_day=point.last_day,
            note=point.note,
            actor=self.admin,
        )
        for year in self.years.values():
            ensure_lines(year)
            self._learn_lines(year)

    @do.register
    def _(self, step: told.OpenYear) -> None:
        year = open_year(county=self.county, year=step.year, actor=self.users["xianban"])
        self.years[step.year] = year
        self._learn_lines(year)

    def _learn_lines(self, year: ProgrammeYear) -> None:
        keys = {point.pk: key for key, point in self.points.items()}
        names = {unit.pk: unit.name for unit in self.units.values()}
        for plan in year.plans.select_related("unit", "programme_year"):
            self.plans.setdefault((names[plan.unit_id], year.year), plan)
        for line in PlanLine.objects.filter(plan__programme_year=year):
            self.lines.setdefault((keys[line.contact_point_id], line.month), line)

    @do.register
    def _(self, step: told.AddTopic) -> None:
        topic = self.topics[step.year, step.title] = add_topic(
            year=self.years[step.year],
            actor=self.users["xianban"],
            title=step.title,
            level=step.level,
            text=step.text,
            first_month=step.first_month,
            last_month=step.last_month,
        )
        if step.with_file:
            file = programme.outline(step.title, step.text)
            attach_file(topic=topic, actor=self.users["xianban"], file=file)

    @do.register
    def _(self, step: told.AvoidDays) -> None:
        add_avoided_days(
            year=self.years[step.year],
            actor=self.users["xianban"],
            township=self.townships.get(step.township),
            first_day=step.first_day,
            last_day=step.last_day,
            reason=step.reason,
        )

    def _coordinator(self, unit: str) -> User:
        pk = self.units[unit].pk
        return next(u for u in self.users.values() if u.unit_id == pk and u.role == "coordinator")

    @do.register
    def _(self, step: told.WriteLine) -> None:
        line = self.lines[step.point, step.month]
        self.lines[step.point, step.month] = write_line(
            line=line,
            actor=self._coordinator(self.story.points[step.point].unit),
            version=line.version,
            planned_date=step.day,
            group=step.group,
            officer_id=self.officers[step.officer].pk,
            topics=[self.topics[step.month.year, title] for title in step.topics],
            reason=step.reason,
        )

    @do.register
    def _(self, step: told.SubmitPlan) -> None:
        submit_plan(plan=self.plans[step.unit, step.year], actor=self._coordinator(step.unit))

    @do.register
    def _(self, step: told.DecidePlan) -> None:
        plan = self.plans[step.unit, step.year]
        decide_plan(plan=plan, actor=self.users["xianban"], reason=step.reason)

    @do.register
    def _(self, step: told.Exempt) -> None:
        exempt_line(
            line=self.lines[step.point, step.month],
            actor=self.users["xianban"],
            exemption=step.exemption,
            reason=step.reason,
        )

    @do.register
    def _(self, step: told.AskExemption) -> None:
        self.requests[step.point, step.month] = ask_exemption(
            line=self.lines[step.point, step.month],
            actor=self._coordinator(self.story.points[step.point].unit),
            kind=step.kind,
            reason=step.reason,
            substitute=None if step.substitute is None else self.officers[step.substitute],
        )

    @do.register
    def _(self, step: told.DecideRequest) -> None:
        decide_exemption_request(
            request=self.requests[step.point, step.month],
            actor=self.users["xianban"],
            grant=step.grant,
            answer=step.answer,
        )
        self.lines[step.point, step.month].refresh_from_db()

    @do.register
    def _(self, step: told.HandOver) -> None:
        successor, point = step.successor, self.points[step.point]
        actor = self._coordinator(successor.unit)
        bulk_id = hand_over(
            contact_points=[point],
            officer=self.officers[successor.officer.key],
            first_day=successor.first_day,
            actor=actor,
            reason=step.reason,
        )
        follow_registry(county_id=self.county.pk, act=Handover(bulk_id, actor=actor))
        self.points[successor.key] = ContactPoint.objects.get(
            unit=point.unit, village=point.village, period__startswith=successor.first_day
        )
        for year in self.years.values():
            self._learn_lines(year)

    @do.register
    def _(self, step: told.RecordVisit) -> None:
        point = self.points[step.point]
        households = self.households[self.story.points[step.point].village]
        year = step.started_at.year
        content = VisitContent(
            officer_id=self.officers[step.officer].pk,
            started_at=step.started_at,
            ended_at=step.ended_at,
            ate=step.ate,
            lived=step.lived,
            worked=step.worked,
            topic_ids=frozenset(self.topics[year, title].pk for title in step.topics),
            talks=step.talks,
            households={households[number]: how for number, how in step.households.items()},
        )
        self.visits[step.id], _ = record_visit(
            id=step.id,
            contact_point=point,
            content=content,
            actor=self.users[step.by],
            written_at=step.written_at,
        )
        if step.by == SIGN_INS[0][1]:
            for n in range(step.id.int % 4):
                content = photos.drawn(f"{step.id} {n}")
                add_photo(visit=self.visits[step.id], content=content, actor=self.users[step.by])

    @do.register
    def _(self, step: told.SaveFeedback) -> None:
        known = self.feedback.get(step.visit)
        if clock.now() > self.story.ends - REVIEWED:
            self.feedback[step.visit] = self._receive(step)
            return
        self.feedback[step.visit] = save_feedback(
            visit=self.visits[step.visit],
            actor=self.users[step.by],
            texts=step.texts,
            version=known.version if known else 0,
            minutes=step.minutes,
            send=step.send,
        )

    def _receive(self, step: told.SaveFeedback) -> Feedback:
        """As the page of a record sends it: its versions are what a reviewer compares."""
        visit = Visit.objects.for_record().get(pk=step.visit)
        stored = record_of(visit)
        opened_at = clock.now() - timedelta(minutes=step.minutes)
        receipt = receive_record(
            id=step.visit,
            contact_point=visit.contact_point,
            record=replace(stored, texts=stored.texts | step.texts),
            sending=Sending(
                uuid5(step.visit, stamp_of(visit)),
                stamp_of(visit),
                send=step.send,
                opened_at=opened_at,
            ),
            actor=self.users[step.by],
        )
        assert receipt.feedback
        return receipt.feedback

    @do.register
    def _(self, step: told.Review) -> None:
        self.feedback[step.visit] = review_feedback(
            feedback=self.feedback[step.visit], actor=self.users[step.by], reason=step.reason
        )

    @do.register
    def _(self, step: told.VoidVisit) -> None:
        void_visit(visit=self.visits[step.visit], actor=self.users[step.by], reason=step.reason)

    @do.register
    def _(self, step: told.AddCategory) -> None:
        office = self.users["xianban"]
        category = self.categories[step.name] = write_category(
            actor=office,
            name=step.name,
            parent=self.categories.get(step.parent),
            limit_days=step.limit_days,
        )
        if step.unit:
            unit = self.units[step.unit]
            route_category(actor=office, category=category, township=None, unit=unit)

    @do.register
    def _(self, step: told.RaiseMatter) -> None:
        self.matters[step.key] = matter_services.raise_matter(
            actor=self._coordinator(step.unit),
            village=self.villages[step.village],
            text=step.text,
            source=step.source,
            category=self.categories[step.category],
            urgency=step.urgency,
            files=photos.shown(f"raised {step.key}", step.key % 3),
        )

    @do.register
    def _(self, step: told.MoveMatter) -> None:
        homes = (matter_services, transfers, time_limits, co_handling)
        verb = next(getattr(home, step.verb) for home in homes if hasattr(home, step.verb))
        values = dict(step.values)
        if step.to_unit:
            values["unit"] = self.units[step.to_unit]
        if step.verb == "say_done":
            values["files"] = photos.shown(f"done {step.key}", step.key % 2)
        actor = self._coordinator(step.unit) if step.unit else self.users["xianban"]
        self.matters[step.key] = verb(matter=self.matters[step.key], actor=actor, **values)

    @do.register
    def _(self, step: told.JoinMatter) -> None:
        self.matters[step.key] = join_matter(
            matter=self.matters[step.key],
            actor=self.users["xianban"],
            main=self.matters[step.main],
        )

    @do.register
    def _(self, step: told.HandOutReceipt) -> None:
        issue_receipt(matter=self.matters[step.key], actor=self._coordinator(step.unit))

    @do.register
    def _(self, step: told.VillagerSays) -> None:
        # As it stands now: of a joined report the one it follows was answered meanwhile.
        matter = Matter.objects.for_page().get(pk=self.matters[step.key].pk)
        self.matters[step.key] = matter_services.note_villager(
            matter=matter, actor=None, word=step.word, satisfied=step.satisfied, text=step.text
        )

    @do.register
    def _(self, step: told.PutOnAgenda) -> None:
        put_on_agenda(
            category=self.categories[step.category],
            actor=self.users["xianban"],
            title=step.title,
            text=step.text,
        )

    @do.register
    def _(self, step: told.AnswerSuggestion) -> None:
        feedback, actor = self.feedback[step.visit], self.users["xianban"]
        said = {"decision": step.decision, "text": step.text}
        if reply := feedback.reply:
            correct_reply(feedback=feedback, actor=actor, number=reply.number, **said)
        else:
            feedback.suggestion_answer = answer_suggestion(feedback=feedback, actor=actor, **said)


def exists(code: str) -> bool:
    """Whether the county is in the database already."""
    return County.objects.filter(code=code).exists()


def timed(write: Say) -> Say:
    """A `say` that puts the elapsed seconds before each line."""
    begun = time.monotonic()
    return lambda text: write(f"{time.monotonic() - begun:6.1f} s  {text}")
