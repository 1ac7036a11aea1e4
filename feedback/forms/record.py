"""The form of a record: the visit, the problems raised, the four texts, on one page."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contact_points.models import ContactPoint, Household
from feedback.models import Feedback, Matter
from feedback.records import Record, record_of, stamp_of, with_taken_up
from feedback.services import Sending
from outreach import clock
from outreach.forms import DayInput
from outreach.models import User
from outreach.roles import Capability
from visits.models import Group, PlanLine, Talk, Topic, Visit, VisitHousehold
from visits.services.recording import RECORD_WITHIN, VisitContent

# Rows for a second talk with a group, or one of another form.
MORE_TALKS = range(3)
MOST_PEOPLE = 999


class RecordForm(forms.Form):
    """A whole record on one page: known things filled in, taps before typing."""

    contact_point = forms.IntegerField(widget=forms.HiddenInput)
    edition = forms.UUIDField(widget=forms.HiddenInput)
    base = forms.CharField(widget=forms.HiddenInput, required=False, max_length=30)
    after = forms.CharField(widget=forms.HiddenInput, required=False, max_length=4000)
    opened = forms.CharField(widget=forms.HiddenInput, required=False)
    written = forms.CharField(widget=forms.HiddenInput, required=False)
    day = forms.DateField(label=gettext_lazy("Day"), widget=DayInput())
    start = forms.TimeField(
        label=gettext_lazy("Began"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    end = forms.TimeField(
        label=gettext_lazy("Ended"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    officer = forms.ModelChoiceField(None, label=gettext_lazy("Who went"), empty_label=None)
    together = forms.MultipleChoiceField(
        label=gettext_lazy("Together with the villagers"),
        required=False,
        choices=[
            ("ate", gettext_lazy("ate")),
            ("lived", gettext_lazy("lived")),
            ("worked", gettext_lazy("worked")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    topics = forms.ModelMultipleChoiceField(
        None,
        label=gettext_lazy("What was explained"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    others = forms.CharField(
        label=gettext_lazy("Other households met"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Their numbers with a space between, like 3组-017 3组-021."),
    )
    problems = forms.CharField(
        label=gettext_lazy("Problems raised"),
        required=False,
        max_length=3500,
        help_text=gettext_lazy("One a line; each becomes a matter that somebody must answer."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self,
        *args: Any,
        contact_point: ContactPoint,
        actor: User,
        households: Sequence[Household],
        line: PlanLine | None = None,
        visit: Visit | None = None,
        typed: QueryDict | None = None,
        **kwargs: Any,
    ):
        self.contact_point, self.visit, self.line = contact_point, visit, line
        initial = _from_visit(visit) if visit else _from_line(line, contact_point, actor)
        initial |= {
            "contact_point": contact_point.pk,
            "edition": uuid4(),
            "opened": clock.now().isoformat(),
            "after": "",
            "written": "",
        }
        if typed is not None:
            initial |= _from_draft(typed)
        super().__init__(*args, initial=initial, **kwargs)
        # The first day a visit recorded here may have: officers and topics of then count too.
        since = min(visit.day if visit else clock.today(), clock.today() - RECORD_WITHIN)
        officers = contact_point.unit.officers.serving_on(
            since, or_pk=visit.officer_id if visit else None
        )
        if not actor.can(Capability.RECORD_FOR_UNIT):
            officers = officers.filter(Q(user=actor) | Q(pk=visit.officer_id if visit else None))
        self.fields["officer"].queryset = officers
        self.fields["topics"].queryset = Topic.objects.offered_to(
            contact_point.unit, clock.month_of(since), clock.this_month(), or_named_by=visit
        )
        self.fields["day"].widget.attrs["max"] = clock.today().isoformat()
        self.groups = list(Group)
        for group in Group:
            self._add_talk(group)
        for n in MORE_TALKS:
            self._add_more(n)
        self.household_names = [self._add_household(row) for row in households]
        for name in Feedback.TEXTS:
            self._add_text(name)

    def _add_talk(self, group: Group) -> None:
        self.fields[f"people_{group}"] = _people(group.label)
        self.fields[f"form_{group}"] = forms.ChoiceField(
            label=_("Form of the talk with %(group)s") % {"group": group.label},
            choices=Talk.Form.choices,
            initial=Talk.Form.GROUP_TALK,
            required=False,
        )

    def _add_more(self, n: int) -> None:
        self.fields[f"more_group_{n}"] = forms.ChoiceField(
            label=_("Group"),
            choices=[("", _("another talk with …")), *Group.choices],
            required=False,
        )
        self.fields[f"more_form_{n}"] = forms.ChoiceField(
            label=_("Form of the talk"),
            choices=Talk.Form.choices,
            required=False,
            initial=Talk.Form.HEART_TO_HEART,
        )
        self.fields[f"more_people_{n}"] = _people(_("People"))

    def _add_household(self, household: Household) -> str:
        name = f"household_{household.pk}"
        self.fields[name] = forms.ChoiceField(
            label=household.number,
            choices=self.outcomes,
            required=False,
            initial="",
            widget=forms.RadioSelect,
        )
        return name

    def _add_text(self, name: str) -> None:
        field = Feedback._meta.get_field(name)
        self.fields[name] = forms.CharField(
            label=capfirst(field.verbose_name),
            required=False,
            max_length=field.max_length,
            help_text=HELP[name],
            widget=forms.Textarea(attrs={"rows": 4 if name == "findings" else 3}),
        )

    def talk_rows(self) -> list[tuple[Any, Any]]:
        """(head-count field, form field) per group."""
        return [(self[f"people_{group}"], self[f"form_{group}"]) for group in self.groups]

    def more_rows(self) -> list[tuple[Any, Any, Any]]:
        """(group field, form field, head-count field) per further talk."""
        return [
            (self[f"more_group_{n}"], self[f"more_form_{n}"], self[f"more_people_{n}"])
            for n in MORE_TALKS
        ]

    @property
    def has_more_talks(self) -> bool:
        """Whether a further talk is filled in."""
        return any(group.value() or people.value() for group, _form, people in self.more_rows())

    @property
    def outcomes(self) -> list[tuple[str, Any]]:
        """How a call on a household may end, for one that is added on the page."""
        return [("", "-"), *VisitHousehold.Outcome.choices]

    def household_rows(self) -> list[Any]:
        """One field per proposed or already noted household."""
        return [self[name] for name in self.household_names]

    def text_fields(self) -> list[Any]:
        """The four texts."""
        return [self[name] for name in Feedback.TEXTS]

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day.year < 2000:  # a year that neither months nor zones can be reckoned with
            raise ValidationError(_("A visit can be recorded up to 31 days afterwards."))
        return day

    def clean_others(self) -> list[Household]:
        numbers = set(re.split(r"[\s,，、;；]+", self.cleaned_data["others"].strip())) - {""}
        found = list(
            Household.objects.filter(village_id=self.contact_point.village_id, number__in=numbers)
        )
        unknown = sorted(numbers - {row.number for row in found})
        if unknown:
            raise ValidationError(
                _("The village has no household %(numbers)s. Write it like 3组-017."),
                params={"numbers": "、".join(unknown)},
            )
        return found

    def clean_problems(self) -> tuple[str, ...]:
        lines = (line.strip() for line in self.cleaned_data["problems"].splitlines())
        return tuple(line for line in lines if line)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("start") and data.get("end") and data["end"] < data["start"]:
            self.add_error("end", _("A visit does not end before it begins."))
        for n in MORE_TALKS:
            if data.get(f"more_people_{n}") and not data.get(f"more_group_{n}"):
                self.add_error(f"more_group_{n}", _("Choose with whom."))
        self._check_sums(data)
        return data

    def _check_sums(self, data: dict[str, Any]) -> None:
        """Rows of one group and form are one talk, which counts no more people than a row may."""
        over = {talk for talk, people in self._talks().items() if people > MOST_PEOPLE}
        for n in MORE_TALKS:
            form = data.get(f"more_form_{n}") or Talk.Form.GROUP_TALK.value
            if (data.get(f"more_group_{n}"), form) in over:
                sentence = _("Together with the rows above these are more than %(most)s people.")
                self.add_error(f"more_people_{n}", sentence % {"most": MOST_PEOPLE})

    def record(self) -> Record:
        """The cleaned form in values, as the service takes it."""
        data = self.cleaned_data
        households = {
            int(name.removeprefix("household_")): data[name]
            for name in self.household_names
            if data.get(name)
        }
        households |= {row.pk: VisitHousehold.Outcome.MET.value for row in data["others"]}
        content = VisitContent(
            officer_id=data["officer"].pk,
            started_at=_moment(data["day"], data["start"]),
            ended_at=_moment(data["day"], data["end"]) if data.get("end") else None,
            **{name: name in data["together"] for name in ("ate", "lived", "worked")},
            topic_ids=frozenset(topic.pk for topic in data["topics"]),
            talks=self._talks(),
            households=households,
        )
        texts = {name: data[name].strip() for name in Feedback.TEXTS}
        record = Record(content, texts, data["problems"])
        return with_taken_up(record, self.visit) if self.visit else record

    @property
    def taken_up(self) -> list[Matter]:
        """Problems of this visit that are matters already; their offices answer them."""
        rows = self.visit.matters.all() if self.visit else []
        return [matter for matter in rows if not matter.is_draft]

    def _talks(self) -> dict[tuple[str, str], int]:
        data = self.cleaned_data
        rows = [(group.value, f"form_{group}", f"people_{group}") for group in self.groups]
        rows += [
            (data.get(f"more_group_{n}", ""), f"more_form_{n}", f"more_people_{n}")
            for n in MORE_TALKS
        ]
        talks: dict[tuple[str, str], int] = {}
        for group, form, people in rows:
            if data.get(people):
                key = (group, data.get(form) or Talk.Form.GROUP_TALK.value)
                talks[key] = talks.get(key, 0) + data[people]
        return talks

    def sending(self, *, send: bool) -> Sending:
        """How it comes; what a client says about its own clock and past is not trusted further."""
        data = self.cleaned_data
        return Sending(
            edition=data["edition"],
            base=data["base"],
            after=frozenset(_uuids(data["after"])),
            send=send,
            opened_at=_moment_of(data["opened"]),
            written_at=_moment_of(data["written"]),
        )


HELP = {
    "findings": gettext_lazy("What did you learn? One or two concrete sentences suffice."),
    "problems_solved": gettext_lazy("What could be settled on the spot, and how."),
    "suggestions": gettext_lazy("What the county should know or do."),
    "reflections": gettext_lazy("What you took from it yourself."),
}


def missing_in(typed: QueryDict) -> list[str]:
    """What a record as typed still lacks to count as done: codes of `VisitDraft.MISSING`."""
    met = any(
        (name.startswith("household_") and value == VisitHousehold.Outcome.MET)
        or (name.startswith(("people_", "more_people_")) and value.isdecimal() and value.strip("0"))
        or (name == "others" and value.strip())
        for name, value in typed.items()
    )
    lacking = {
        "topics": not typed.getlist("topics"),
        "people": not met,
        "findings": not typed.get("findings", "").strip(),
    }
    return [code for code, lacks in lacking.items() if lacks]


def _people(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=MOST_PEOPLE,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


def _moment(day: date, clock_time: time) -> datetime:
    return datetime.combine(day, clock_time, tzinfo=clock.SHANGHAI)


def _moment_of(text: str) -> datetime | None:
    """A moment a client wrote down, unless it cannot be one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None or not 2000 < moment.year < 2200:
        return None
    return moment


def _uuids(text: str) -> list[UUID]:
    found = []
    for part in text.split():
        try:
            found.append(UUID(part))
        except ValueError:
            continue
    return found


def _from_line(line: PlanLine | None, contact_point: ContactPoint, actor: User) -> dict[str, Any]:
    own = getattr(actor, "officer", None)
    going = (line and line.substitute_id) or contact_point.officer_id
    now = clock.now().astimezone(clock.SHANGHAI)
    initial: dict[str, Any] = {
        "base": "",
        "day": clock.today(),
        # Recorded on the spot: it began within the hour.
        "start": max(now - timedelta(hours=1), now.replace(hour=0, minute=0))
        .time()
        .replace(minute=0, second=0, microsecond=0),
        "officer": own.pk if own else going,
    }
    if line:
        initial["topics"] = [topic.pk for topic in line.topics.all()]
    return initial


def _from_visit(visit: Visit) -> dict[str, Any]:
    record = record_of(visit)
    content = record.content
    initial: dict[str, Any] = {
        "base": stamp_of(visit),
        "day": visit.day,
        "start": content.started_at.astimezone(clock.SHANGHAI).time(),
        "end": content.ended_at and content.ended_at.astimezone(clock.SHANGHAI).time(),
        "officer": content.officer_id,
        "together": [name for name in ("ate", "lived", "worked") if getattr(content, name)],
        "topics": list(content.topic_ids),
        "problems": "\n".join(row.text for row in visit.matters.all() if row.is_draft),
        **record.texts,
    }
    free = iter(MORE_TALKS)
    for (group, form), people in content.talks.items():
        if f"people_{group}" not in initial:
            initial |= {f"people_{group}": people, f"form_{group}": form}
        elif (n := next(free, None)) is not None:
            initial |= {
                f"more_group_{n}": group,
                f"more_form_{n}": form,
                f"more_people_{n}": people,
            }
    for pk, outcome in content.households.items():
        initial[f"household_{pk}"] = outcome
    return initial


# What a draft does not bring back: the point is the page's, the token the session's.
_NOT_TYPED = {"contact_point", "csrfmiddlewaretoken", "written"}


def _from_draft(typed: QueryDict) -> Mapping[str, Any]:
    several = {"together", "topics"}
    values = {
        name: typed.getlist(name) if name in several else typed[name]
        for name in typed
        if name not in _NOT_TYPED
    }
    return {name: [] for name in several} | values
