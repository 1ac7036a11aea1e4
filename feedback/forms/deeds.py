"""What can be done with a matter, as a table: each line is a form on the matter's page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contact_points.models import Unit
from feedback.forms.deed_form import (
    Deed,
    DeedForm,
    JoinForm,
    NameForm,
    ReleaseForm,
    SortForm,
    UnitForm,
)
from feedback.forms.evidence import FilesField
from feedback.matter_states import Action, Outcome, Word
from feedback.models import Matter, MatterCategory
from feedback.permissions import actions_of, can_ever
from feedback.services import co_handling, joining, matters, time_limits, transfers
from outreach.models import User

A = Action


def _text(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        help_text=help_text,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


REASON = {"text": _text(_("Reason"))}
ENDS = "outline-danger"  # how the button looks of what refuses something or opens it again
BESIDE = "outline-primary"
_UNIT = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit"))
_OUTCOME = forms.ChoiceField(
    label=_("The unit's word"),
    choices=Outcome.choices,
    widget=forms.RadioSelect,
    help_text=_("Not possible and out of remit wait for the county office."),
)
_WORD = forms.ChoiceField(label=_("Is it solved?"), choices=Word.choices, widget=forms.RadioSelect)
_SATISFIED = forms.TypedChoiceField(
    label=_("Satisfied with how it was handled?"),
    choices=[("1", _("yes")), ("0", _("no")), ("", _("not said"))],
    coerce=lambda value: value == "1",
    empty_value=None,
    required=False,
    initial="",
    widget=forms.RadioSelect,
)
_MISSING = _text(
    _("What is missing"),
    required=False,
    help_text=_("Not solved opens it again, and its unit reads this."),
)
_NOT_ASKED = _text(
    _("Remark"), required=False, help_text=_("Needed only when the villager was not asked.")
)
_FOR_WHOM = _text(
    _("For whom and what"),
    help_text=_("An office or a post, no villager's name. The clock stands still."),
)
_DAYS = forms.IntegerField(
    label=_("Working days more"), min_value=1, max_value=time_limits.MOST_DAYS
)
_CATEGORY = forms.ModelChoiceField(
    MatterCategory.objects.none(), label=_("Category"), required=False
)
_URGENCY = forms.ChoiceField(label=_("Urgency"), choices=Matter.Urgency.choices)
_CODE = forms.CharField(
    label=_("Receipt code of the earlier matter"),
    max_length=12,
    help_text=_(
        "For a second report of one problem. It keeps its receipt and follows the earlier one."
    ),
)

# In the order of the page: what is most often the next step comes first.
DEEDS = (
    Deed((A.ACCEPT,), _("Accept: we take it in hand"), matters.accept_matter),
    Deed((A.ACCEPT_TRANSFER,), _("Take it over"), transfers.accept_transfer),
    Deed(
        (A.REFUSE_TRANSFER,),
        _("Refuse to take it over"),
        transfers.refuse_transfer,
        REASON,
        look=ENDS,
    ),
    Deed(
        (A.GRANT_EXTENSION,),
        _("Grant the time asked for"),
        time_limits.decide_extension,
        fixed={"grant": True},
    ),
    Deed(
        (A.REFUSE_EXTENSION,),
        _("Refuse more time"),
        time_limits.decide_extension,
        REASON,
        fixed={"grant": False},
        look=ENDS,
    ),
    Deed(
        (A.DECIDE_TRANSFER,),
        _("Decide who leads"),
        transfers.decide_transfer,
        {"unit": _UNIT, **REASON},
        form_class=UnitForm,
    ),
    Deed((A.PASS_DOWN,), _("Pass it down to the township"), transfers.pass_down, REASON),
    Deed((A.CONFIRM,), _("Confirm the unit's word"), matters.confirm_second, fixed={"agree": True}),
    Deed(
        (A.DISAGREE,),
        _("Do not confirm, work goes on"),
        matters.confirm_second,
        REASON,
        fixed={"agree": False},
        look=ENDS,
    ),
    Deed((A.RESUME,), _("Go on with the work"), time_limits.resume),
    Deed(
        (A.SAY_SOLVED, A.SAY_EXPLAINED, A.SAY_NOT_POSSIBLE, A.SAY_OUT_OF_REMIT),
        _("Answer it"),
        matters.say_done,
        {
            "outcome": _OUTCOME,
            "text": _text(_("What was done, or why not")),
            "files": FilesField(),
        },
    ),
    Deed(
        (A.NOTE_PROGRESS,),
        _("Note how far our part has come"),
        co_handling.note_progress,
        {"text": _text(_("How far it has come"))},
    ),
    Deed(
        (A.PART_DONE,),
        _("Hand in: our part is done"),
        co_handling.hand_in_part,
        {"text": _text(_("What our part was"), help_text=_("The leading unit answers."))},
    ),
    Deed(
        (A.NOTE_WORD, A.NOTE_NOT_SOLVED),
        _("Note what the villager says"),
        matters.note_villager,
        {"word": _WORD, "satisfied": _SATISFIED, "text": _MISSING},
    ),
    Deed((A.CLOSE,), _("Close it"), matters.close_matter, {"text": _NOT_ASKED}),
    Deed(
        (A.ASK_TRANSFER,),
        _("Ask another unit to take it over"),
        transfers.ask_transfer,
        {"unit": _UNIT, **REASON},
        form_class=UnitForm,
    ),
    Deed(
        (A.ASSIGN,),
        _("Ask a unit to take it over"),
        transfers.assign_matter,
        {"unit": _UNIT, "text": _text(_("Remark"), required=False)},
        form_class=UnitForm,
    ),
    Deed(
        (A.NAME_CO_HANDLER,),
        _("Name a unit that helps"),
        co_handling.name_co_handler,
        {"unit": _UNIT, "text": _text(_("What it is to do"))},
        form_class=NameForm,
    ),
    Deed((A.PASS_UP,), _("Pass it up to the county"), transfers.pass_up, REASON),
    Deed(
        (A.ASK_EXTENSION,),
        _("Ask for more time"),
        time_limits.ask_extension,
        {"days": _DAYS, **REASON},
    ),
    Deed((A.WAIT_FOR,), _("Wait for somebody"), time_limits.wait_for, {"text": _FOR_WHOM}),
    Deed((A.WITHDRAW_TRANSFER,), _("Ask no longer"), transfers.withdraw_transfer, look=BESIDE),
    Deed((A.REOPEN,), _("Open it again"), matters.reopen_matter, REASON, look=ENDS),
    Deed(
        (A.RELEASE_CO_HANDLER,),
        _("Release a unit that helps"),
        co_handling.release_co_handler,
        {"unit": _UNIT, **REASON},
        look=BESIDE,
        form_class=ReleaseForm,
    ),
    Deed(
        (A.SORT,),
        _("Set category and urgency"),
        matters.sort_matter,
        {"category": _CATEGORY, "urgency": _URGENCY},
        form_class=SortForm,
    ),
    Deed(
        (A.JOIN,),
        _("Join it to an earlier matter"),
        joining.join_matter,
        {"code": _CODE},
        look=BESIDE,
        form_class=JoinForm,
    ),
    Deed((A.TAKE_APART,), _("Take it apart again"), joining.take_apart, REASON, look=BESIDE),
)
BY_NAME = {deed.name: deed for deed in DEEDS}


def deeds_of(user: User, matter: Matter) -> list[DeedForm]:
    """A form for each thing the person may do with the matter now."""
    may = set(actions_of(user, matter))
    return [deed.form(matter=matter, actor=user) for deed in DEEDS if may & set(deed.actions)]


def may_ever(user: User, matter: Matter, deed: Deed) -> bool:
    """Whether the person's role or unit lets them do it, in whatever state."""
    return any(can_ever(user, matter, action) for action in deed.actions)
