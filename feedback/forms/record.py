"""The form of a visit."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contact_points.models import ContactPoint, Household
from outreach import clock
from outreach.forms import DayInput
from outreach.models import User
from outreach.roles import Capability
from visits.models import Group, PlanLine, Talk, Topic, Visit, VisitHousehold
from visits.services.recording import RECORD_WITHIN, VisitContent, content_of


class VisitForm(forms.Form):
    """A whole visit on one page: known things filled in, taps before typing."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
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

    def __init__(
        self,
        *args: Any,
        contact_point: ContactPoint,
        actor: User,
        households: Sequence[Household],
        line: PlanLine | None = None,
        visit: Visit | None = None,
        **kwargs: Any,
    ):
        self.contact_point, self.visit = contact_point, visit
        kwargs["initial"] = _from_visit(visit) if visit else _from_line(line, contact_point, actor)
        super().__init__(*args, **kwargs)
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
        self.household_names = [self._add_household(row) for row in households]

    def _add_talk(self, group: Group) -> None:
        self.fields[f"people_{group}"] = forms.IntegerField(
            label=group.label,
            min_value=0,
            max_value=999,
            required=False,
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        )
        self.fields[f"form_{group}"] = forms.ChoiceField(
            label=_("Form of the talk with %(group)s") % {"group": group.label},
            choices=Talk.Form.choices,
            initial=Talk.Form.GROUP_TALK,
            required=False,
        )

    def _add_household(self, household: Household) -> str:
        name = f"household_{household.pk}"
        self.fields[name] = forms.ChoiceField(
            label=household.number,
            choices=[("", "-"), *VisitHousehold.Outcome.choices],
            required=False,
            initial="",
            widget=forms.RadioSelect,
        )
        return name

    def talk_rows(self) -> list[tuple[Any, Any]]:
        """(head-count field, form field) per group."""
        return [(self[f"people_{group}"], self[f"form_{group}"]) for group in self.groups]

    def household_rows(self) -> list[Any]:
        """One field per proposed or already noted household."""
        return [self[name] for name in self.household_names]

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

    def content(self) -> VisitContent:
        """The cleaned form as the service takes it."""
        data = self.cleaned_data
        households = {
            int(name.removeprefix("household_")): data[name]
            for name in self.household_names
            if data.get(name)
        }
        households |= {row.pk: VisitHousehold.Outcome.MET for row in data["others"]}
        return VisitContent(
            officer_id=data["officer"].pk,
            started_at=_moment(data["day"], data["start"]),
            ended_at=_moment(data["day"], data["end"]) if data.get("end") else None,
            **{name: name in data["together"] for name in ("ate", "lived", "worked")},
            topic_ids=frozenset(topic.pk for topic in data["topics"]),
            talks={
                (group.value, data[f"form_{group}"] or Talk.Form.GROUP_TALK.value): people
                for group in self.groups
                if (people := data.get(f"people_{group}"))
            },
            households=households,
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("start") and data.get("end") and data["end"] < data["start"]:
            self.add_error("end", _("A visit does not end before it begins."))
        return data


def _moment(day: date, clock_time: time) -> datetime:
    return datetime.combine(day, clock_time, tzinfo=clock.SHANGHAI)


def _from_line(line: PlanLine | None, contact_point: ContactPoint, actor: User) -> dict[str, Any]:
    own = getattr(actor, "officer", None)
    going = (line and line.substitute_id) or contact_point.officer_id
    initial: dict[str, Any] = {
        "id": uuid4(),
        "day": clock.today(),
        "start": time(9, 0),
        "officer": own.pk if own else going,
    }
    if line:
        initial["topics"] = [topic.pk for topic in line.topics.all()]
    return initial


def _from_visit(visit: Visit) -> dict[str, Any]:
    content = content_of(visit)
    initial: dict[str, Any] = {
        "id": visit.pk,
        "version": visit.version,
        "day": visit.day,
        "start": content.started_at.astimezone(clock.SHANGHAI).time(),
        "end": content.ended_at and content.ended_at.astimezone(clock.SHANGHAI).time(),
        "officer": content.officer_id,
        "together": [name for name in ("ate", "lived", "worked") if getattr(content, name)],
        "topics": list(content.topic_ids),
    }
    for (group, form), people in content.talks.items():
        initial |= {f"people_{group}": people, f"form_{group}": form}
    for pk, outcome in content.households.items():
        initial[f"household_{pk}"] = outcome
    return initial
