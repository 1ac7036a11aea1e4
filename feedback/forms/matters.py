"""Forms of matters: raising one, and one form for each thing that can be done with one."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contact_points.models import Unit, Village
from feedback.forms.evidence import FilesField
from feedback.matter_states import Action, Outcome, Word
from feedback.models import Matter, MatterCategory
from feedback.permissions import actions_of, can_ever
from feedback.services import joining, matters, time_limits, transfers
from feedback.services.call_backs import plain_telephone
from feedback.services.matter_steps import what_happened
from feedback.services.routes import proposed_unit
from outreach.forms import CrispyMixin
from outreach.models import User

TEXT = {"max_length": 1000, "widget": forms.Textarea(attrs={"rows": 2})}
A = Action


class RaiseForm(CrispyMixin, forms.Form):
    """A matter raised at a desk; the county office names the unit that receives it."""

    village = forms.ModelChoiceField(Village.objects.none(), label=gettext_lazy("Village"))
    text = forms.CharField(
        label=gettext_lazy("Problem"),
        max_length=300,
        help_text=gettext_lazy("No names, no telephone or identity numbers."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    source = forms.ChoiceField(
        label=gettext_lazy("Where it was raised"),
        choices=[choice for choice in Matter.Source.choices if choice[0] != Matter.Source.VISIT],
        initial=Matter.Source.DESK,
        widget=forms.RadioSelect,
    )
    category = forms.ModelChoiceField(
        MatterCategory.objects.none(), label=gettext_lazy("Category"), required=False
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("Urgency"),
        choices=Matter.Urgency.choices,
        initial=Matter.Urgency.NORMAL,
        widget=forms.RadioSelect,
    )
    leader = forms.ModelChoiceField(
        Unit.objects.none(),
        label=gettext_lazy("Unit that receives it"),
        required=False,
        help_text=gettext_lazy("Empty: the one that the county's table proposes."),
    )
    call_back = forms.CharField(
        label=gettext_lazy("Number to call back, if the villager wants it"),
        required=False,
        max_length=30,
        help_text=gettext_lazy(
            "Kept encrypted, shown only to whoever is to call, erased 90 days after closing."
        ),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    files = FilesField()

    def __init__(self, *args: Any, actor: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        villages = Village.objects.visible_to(actor).filter(merged_into=None)
        self.fields["village"].queryset = villages.select_related("township")
        self.fields["village"].label_from_instance = lambda row: f"{row.township} {row}"
        self.fields["category"].queryset = categories_for(actor)
        if actor.unit_id:
            del self.fields["leader"]
        else:
            self.fields["leader"].queryset = Unit.objects.visible_to(actor)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        try:
            plain_telephone(data.get("call_back", ""))
        except forms.ValidationError as error:
            self.add_error(None, error)
        if "leader" in self.fields and not data.get("leader") and data.get("village"):
            data["leader"] = proposed_unit(data.get("category"), data["village"])
            if data["leader"] is None:
                self.add_error("leader", _("The table proposes nobody here: name the unit."))
        return data


def categories_for(user: User) -> Any:
    return MatterCategory.objects.visible_to(user).for_choice()


class Deed(CrispyMixin, forms.Form):
    """Something that can be done with a matter, as a form on its page."""

    actions: tuple[Action, ...] = ()
    title: Any = ""
    # What stands on a button that ends or refuses something.
    look = "primary"
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, matter: Matter, actor: User, **kwargs: Any):
        kwargs.setdefault("auto_id", f"{self.name()}_%s")
        super().__init__(*args, **kwargs)
        self.matter, self.actor = matter, actor
        self.initial["version"] = matter.version

    @classmethod
    def name(cls) -> str:
        """What the address calls it: its first action."""
        return cls.actions[0].value

    @property
    def asks(self) -> bool:
        """Whether there is anything to fill in; else it is a button."""
        return len(self.fields) > 1

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("version") not in (None, self.matter.version):
            raise forms.ValidationError(what_happened(self.matter))
        return data

    def values(self) -> dict[str, Any]:
        """What the service takes beside the matter and its actor."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def do(self) -> Matter:
        """Call the service."""
        return self.service(matter=self.matter, actor=self.actor, **self.values())

    @staticmethod
    def service(**values: Any) -> Matter:
        raise NotImplementedError


class AcceptDeed(Deed):
    actions = (A.ACCEPT,)
    title = gettext_lazy("Accept: we take it in hand")
    service = staticmethod(matters.accept_matter)


class AcceptTransferDeed(Deed):
    actions = (A.ACCEPT_TRANSFER,)
    title = gettext_lazy("Take it over")
    service = staticmethod(transfers.accept_transfer)


class RefuseTransferDeed(Deed):
    actions = (A.REFUSE_TRANSFER,)
    title = gettext_lazy("Refuse to take it over")
    look = "outline-danger"
    text = forms.CharField(label=gettext_lazy("Reason"), **TEXT)
    service = staticmethod(transfers.refuse_transfer)


class SayDoneDeed(Deed):
    actions = (A.SAY_SOLVED, A.SAY_EXPLAINED, A.SAY_NOT_POSSIBLE, A.SAY_OUT_OF_REMIT)
    title = gettext_lazy("Answer it")
    outcome = forms.ChoiceField(
        label=gettext_lazy("The unit's word"),
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Not possible and out of remit wait for the county office."),
    )
    text = forms.CharField(label=gettext_lazy("What was done, or why not"), **TEXT)
    files = FilesField()
    service = staticmethod(matters.say_done)


class ConfirmDeed(Deed):
    actions = (A.CONFIRM,)
    title = gettext_lazy("Confirm the unit's word")
    service = staticmethod(matters.confirm_second)

    def values(self) -> dict[str, Any]:
        return {"agree": True}


class DisagreeDeed(Deed):
    actions = (A.DISAGREE,)
    title = gettext_lazy("Do not confirm, work goes on")
    look = "outline-danger"
    text = forms.CharField(label=gettext_lazy("Reason"), **TEXT)
    service = staticmethod(matters.confirm_second)

    def values(self) -> dict[str, Any]:
        return super().values() | {"agree": False}


class VillagerDeed(Deed):
    actions = (A.NOTE_WORD, A.NOTE_NOT_SOLVED)
    title = gettext_lazy("Note what the villager says")
    word = forms.ChoiceField(
        label=gettext_lazy("Is it solved?"), choices=Word.choices, widget=forms.RadioSelect
    )
    satisfied = forms.TypedChoiceField(
        label=gettext_lazy("Satisfied with how it was handled?"),
        choices=[
            ("1", gettext_lazy("yes")),
            ("0", gettext_lazy("no")),
            ("", gettext_lazy("not said")),
        ],
        coerce=lambda value: value == "1",
        empty_value=None,
        required=False,
        initial="",
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("What is missing"),
        help_text=gettext_lazy("Not solved opens it again, and its unit reads this."),
        required=False,
        **TEXT,
    )
    service = staticmethod(matters.note_villager)


class CloseDeed(Deed):
    actions = (A.CLOSE,)
    title = gettext_lazy("Close it")
    text = forms.CharField(
        label=gettext_lazy("Remark"),
        help_text=gettext_lazy("Needed only when the villager was not asked."),
        required=False,
        **TEXT,
    )
    service = staticmethod(matters.close_matter)


class ReopenDeed(Deed):
    actions = (A.REOPEN,)
    title = gettext_lazy("Open it again")
    look = "outline-danger"
    text = forms.CharField(label=gettext_lazy("Reason"), **TEXT)
    service = staticmethod(matters.reopen_matter)


class _UnitDeed(Deed):
    """Names another unit; the county's table proposes one."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label=gettext_lazy("Unit"))
    text = forms.CharField(label=gettext_lazy("Reason"), **TEXT)

    def __init__(self, *args: Any, matter: Matter, actor: User, **kwargs: Any):
        super().__init__(*args, matter=matter, actor=actor, **kwargs)
        units = Unit.objects.filter(county=matter.county_id)
        self.fields["unit"].queryset = units
        proposed = proposed_unit(matter.category, matter.village)
        if proposed:
            self.initial["unit"] = proposed.pk
            self.fields["unit"].help_text = _("The county's table proposes: %(unit)s.") % {
                "unit": proposed
            }


class AssignDeed(_UnitDeed):
    actions = (A.ASSIGN,)
    title = gettext_lazy("Ask a unit to take it over")
    text = forms.CharField(label=gettext_lazy("Remark"), required=False, **TEXT)
    service = staticmethod(transfers.assign_matter)


class AskTransferDeed(_UnitDeed):
    actions = (A.ASK_TRANSFER,)
    title = gettext_lazy("Ask another unit to take it over")
    service = staticmethod(transfers.ask_transfer)


class DecideTransferDeed(_UnitDeed):
    actions = (A.DECIDE_TRANSFER,)
    title = gettext_lazy("Decide who leads")
    service = staticmethod(transfers.decide_transfer)


class WithdrawTransferDeed(Deed):
    actions = (A.WITHDRAW_TRANSFER,)
    title = gettext_lazy("Ask no longer")
    look = "outline-primary"
    service = staticmethod(transfers.withdraw_transfer)


class PassUpDeed(Deed):
    actions = (A.PASS_UP,)
    title = gettext_lazy("Pass it up to the county")
    text = forms.CharField(label=gettext_lazy("Reason"), **TEXT)
    service = staticmethod(transfers.pass_up)


class PassDownDeed(Deed):
    actions = (A.PASS_DOWN,)
    title = gettext_lazy("Pass it down to the township")
    text = forms.CharField(label=gettext_lazy("Reason"), **TEXT)
    service = staticmethod(transfers.pass_down)


class AskExtensionDeed(Deed):
    actions = (A.ASK_EXTENSION,)
    title = gettext_lazy("Ask for more time")
    days = forms.IntegerField(
        label=gettext_lazy("Working days more"), min_value=1, max_value=time_limits.MOST_DAYS
    )
    text = forms.CharField(label=gettext_lazy("Reason"), **TEXT)
    service = staticmethod(time_limits.ask_extension)


class GrantExtensionDeed(Deed):
    actions = (A.GRANT_EXTENSION,)
    title = gettext_lazy("Grant the time asked for")
    service = staticmethod(time_limits.decide_extension)

    def values(self) -> dict[str, Any]:
        return {"grant": True}


class RefuseExtensionDeed(Deed):
    actions = (A.REFUSE_EXTENSION,)
    title = gettext_lazy("Refuse more time")
    look = "outline-danger"
    text = forms.CharField(label=gettext_lazy("Reason"), **TEXT)
    service = staticmethod(time_limits.decide_extension)

    def values(self) -> dict[str, Any]:
        return super().values() | {"grant": False}


class WaitForDeed(Deed):
    actions = (A.WAIT_FOR,)
    title = gettext_lazy("Wait for somebody")
    text = forms.CharField(
        label=gettext_lazy("For whom and what"),
        help_text=gettext_lazy("An office or a post, no villager's name. The clock stands still."),
        **TEXT,
    )
    service = staticmethod(time_limits.wait_for)


class ResumeDeed(Deed):
    actions = (A.RESUME,)
    title = gettext_lazy("Go on with the work")
    service = staticmethod(time_limits.resume)


class SortDeed(Deed):
    actions = (A.SORT,)
    title = gettext_lazy("Set category and urgency")
    category = forms.ModelChoiceField(
        MatterCategory.objects.none(), label=gettext_lazy("Category"), required=False
    )
    urgency = forms.ChoiceField(label=gettext_lazy("Urgency"), choices=Matter.Urgency.choices)
    service = staticmethod(matters.sort_matter)

    def __init__(self, *args: Any, matter: Matter, actor: User, **kwargs: Any):
        super().__init__(*args, matter=matter, actor=actor, **kwargs)
        self.fields["category"].queryset = categories_for(actor)
        self.initial |= {"category": matter.category_id, "urgency": matter.urgency}


class JoinDeed(Deed):
    actions = (A.JOIN,)
    title = gettext_lazy("Join it to an earlier matter")
    look = "outline-primary"
    code = forms.CharField(
        label=gettext_lazy("Receipt code of the earlier matter"),
        max_length=12,
        help_text=gettext_lazy(
            "For a second report of one problem. It keeps its receipt and follows the earlier one."
        ),
    )
    service = staticmethod(joining.join_matter)

    def clean_code(self) -> Matter:
        """The matter itself, of those that the person sees."""
        code = self.cleaned_data["code"].replace(" ", "").upper()
        rows = Matter.objects.visible_to(self.actor).exclude(pk=self.matter.pk)
        main = rows.select_related("main").filter(code=code).first()
        if main is None:
            raise forms.ValidationError(_("No other matter that you see has this code."))
        return main

    def values(self) -> dict[str, Any]:
        return {"main": self.cleaned_data["code"]}


class TakeApartDeed(Deed):
    actions = (A.TAKE_APART,)
    title = gettext_lazy("Take it apart again")
    look = "outline-primary"
    text = forms.CharField(label=gettext_lazy("Reason"), **TEXT)
    service = staticmethod(joining.take_apart)


# In the order of the page: what is most often the next step comes first.
DEEDS: tuple[type[Deed], ...] = (
    AcceptDeed,
    AcceptTransferDeed,
    RefuseTransferDeed,
    GrantExtensionDeed,
    RefuseExtensionDeed,
    DecideTransferDeed,
    PassDownDeed,
    ConfirmDeed,
    DisagreeDeed,
    ResumeDeed,
    SayDoneDeed,
    VillagerDeed,
    CloseDeed,
    AskTransferDeed,
    AssignDeed,
    PassUpDeed,
    AskExtensionDeed,
    WaitForDeed,
    WithdrawTransferDeed,
    ReopenDeed,
    SortDeed,
    JoinDeed,
    TakeApartDeed,
)
BY_NAME = {deed.name(): deed for deed in DEEDS}


def deeds_of(user: User, matter: Matter) -> list[Deed]:
    """A form for each thing the person may do with the matter now."""
    may = set(actions_of(user, matter))
    return [deed(matter=matter, actor=user) for deed in DEEDS if may & set(deed.actions)]


def may_ever(user: User, matter: Matter, deed: type[Deed]) -> bool:
    """Whether the person's role or unit lets them do it, in whatever state."""
    return any(can_ever(user, matter, action) for action in deed.actions)
