"""A list of officers: found by unit and name, then telephone; with a user name also an account."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop

from contact_points.cells import name_of, text_of
from contact_points.models import ImportRun, Officer, Unit
from contact_points.reading.lists import ListRow
from contact_points.services.lookup import bare
from contact_points.services.people import People, persons
from contact_points.services.questions import Problem
from contact_points.services.records import Check, Planned, RecordPlanner, check_length
from outreach.models import User
from outreach.roles import Role

# What a list calls the roles it can hand out; the first word is the one our own lists write.
ROLES = {
    Role.CADRE: ("走访干部", "干部", "责任人", "cadre", "Cadre"),
    Role.COORDINATOR: ("单位联络员", "联络员", "coordinator", "Unit coordinator"),
}
_ROLES = {word: role for role, words in ROLES.items() for word in words}


class OfficerPlanner(RecordPlanner):
    twice = gettext_noop("Row %(row)s names this person already.")
    key = "officer"

    def __init__(self, run: ImportRun, rows: Sequence[ListRow]):
        super().__init__(run, rows)
        self._people = People(self.registry, self.answers)
        names = {row.get("username") for row in rows} - {""}
        # User names are unique among all counties, so this looks beyond the own one.
        self._taken = set(
            User.objects.filter(username__in=names).values_list("username", flat=True)
        )
        officers = Officer.objects.filter(county=run.county_id).select_related("user", "unit")
        self._officers = officers.in_bulk()
        self._units = Unit.objects.filter(county=run.county_id).in_bulk()
        self._newcomers: dict[int, Officer] = {}
        self._elsewhere: dict[tuple[str, str], Officer] = {}
        for officer in self._officers.values():
            if officer.telephone:
                number = bare(officer.telephone)
                self._elsewhere[name_of(officer.name), number] = officer

    def decide(self, row: ListRow, check: Check) -> Planned | None:
        unit = check.take("unit", self._unit, row)
        left_on = check.take("left_on", _day, row)
        role = check.take("role", _role, row)
        check.take("username", _check_username, row)
        check.take("officer post telephone", _check_person, row)
        if not check.clear:
            return None
        officer = self._find(row, unit, left_on)
        self.claim(officer.pk or id(officer), row)
        officer.unit = unit
        account = self._account(row, check, officer, role or Role.CADRE, left_on)
        if officer.pk is None:
            return self._add(row, check, officer, account, left_on)
        telephone = row.get("telephone")
        same = bare(telephone) == bare(officer.telephone)
        cells = [
            ("post", "post", row.get("post")),
            ("telephone", "telephone", "" if same else telephone),
            ("left_on", "left_on", left_on),
            ("username", "user", account),
        ]
        planned = self.change(row, check, officer, cells)
        if account:
            planned.added.append(account)
            planned.changes.append(("role", "", ROLES[Role(account.role)][0]))
        return planned

    def _unit(self, row: ListRow) -> Unit:
        check_length(row, "unit", Unit, "name")
        return self._units[self.registry.unit(row.get("unit")).pk]

    def _find(self, row: ListRow, unit: Unit, left_on: date | None) -> Officer:
        """The officer that the row is about, unsaved when it is somebody new. Raises Asks."""
        namesakes = self.registry.officers.get((unit.pk, row.get("officer")), [])
        for known in (self._officers[namesake.pk] for namesake in namesakes):
            if _says_nothing_new(row, known, left_on) and known.pk not in self._claims:
                return known
        # Who had left before the day of the row is asked about.
        among = self.registry.units[unit.pk]
        found = self._people.of(persons(row), among, left_on or self.run.first_day, None)[0]
        if found.pk:
            return self._officers[found.pk]
        fresh = Officer(county=self.county, unit=unit, name=found.name)
        return self._newcomers.setdefault(id(found), fresh)

    def _account(
        self, row: ListRow, check: Check, officer: Officer, role: str, left_on: date | None
    ) -> User | None:
        """The account that the row makes, if it makes one. Raises Problem."""
        username = row.get("username")
        if not username:
            return None
        if officer.user:
            self._compare_account(row, check, officer.user)
            return None
        gone = left_on or officer.left_on
        if gone and gone <= self.run.first_day:
            sentence = gettext_noop("Who has left gets no account.")
            raise Problem("username", sentence)
        if username in self._taken:
            raise Problem("username", gettext_noop("This user name is taken."))
        self._taken.add(username)
        return User(
            username=username,
            name=officer.name,
            role=role,
            county=self.county,
            unit=officer.unit,
        )

    def _compare_account(self, row: ListRow, check: Check, account: User) -> None:
        if row.get("username") != account.username:
            sentence = gettext_noop("%(name)s has an account already: %(username)s.")
            raise Problem("username", sentence, name=account.name, username=account.username)
        if row.get("role") and _ROLES[row.get("role")] != account.role:
            check.tell("role", gettext_noop("The account keeps its role."))

    def _add(
        self,
        row: ListRow,
        check: Check,
        officer: Officer,
        account: User | None,
        left_on: date | None,
    ) -> Planned:
        officer.post, officer.telephone = row.get("post"), row.get("telephone")
        officer.left_on, officer.user = left_on, account
        check.tell("officer", gettext_noop("%(name)s is new in the unit."), name=officer.name)
        other = self._elsewhere.get((officer.name, bare(officer.telephone)))
        if other:
            sentence = gettext_noop("%(unit)s has somebody of this name and telephone.")
            check.tell("unit", sentence, unit=other.unit.name)
        return self.add(row, check, *filter(None, (account, officer)))

    def word(self, name: str, value: object) -> str:
        return value.username if isinstance(value, User) else super().word(name, value)


def _check_person(row: ListRow) -> None:
    if not row.get("officer"):
        raise Problem("officer", gettext_noop("The name is missing."))
    if len(persons(row)) > 1:
        raise Problem("officer", gettext_noop("Write one person in each row."))


def _says_nothing_new(row: ListRow, officer: Officer, left_on: date | None) -> bool:
    username = row.get("username")
    return (
        row.get("post") in ("", text_of(officer.post))
        and bare(row.get("telephone")) in ("", bare(officer.telephone))
        and left_on == officer.left_on
        and (not username or bool(officer.user and officer.user.username == username))
    )


def _check_username(row: ListRow) -> None:
    check_length(row, "username", User, "username")
    try:
        User._meta.get_field("username").run_validators(row.get("username"))
    except ValidationError:
        sentence = gettext_noop("A user name has letters, digits and the signs @ . + - _ only.")
        raise Problem("username", sentence) from None


def _role(row: ListRow) -> str:
    text = row.get("role")
    if text and text not in _ROLES:
        sentence = gettext_noop("“%(text)s” is no role of a list. Write %(roles)s.")
        roles = "、".join(words[0] for words in ROLES.values())
        raise Problem("role", sentence, text=text, roles=roles)
    return _ROLES.get(text, "")


def _day(row: ListRow) -> date | None:
    text = row.get("left_on")
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem(
            "left_on",
            gettext_noop("“%(text)s” is not a date. Write it like 2026-03-05."),
            text=text,
        ) from None
    if day and not 1990 <= day.year <= 2100:
        sentence = gettext_noop("The year of “%(text)s” cannot be right.")
        raise Problem("left_on", sentence, text=text)
    return day
