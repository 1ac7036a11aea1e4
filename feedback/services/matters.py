"""Raise, accept, answer and close matters; the villager's word."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import Unit, Village
from feedback.matter_states import Action, Outcome, State, Word
from feedback.models import Matter, MatterCategory, MatterEvent
from feedback.models.matters import DEFAULT_LIMIT, RESPOND_WITHIN
from feedback.services.call_backs import keep_call_back, plain_telephone
from feedback.services.evidence import file_facts, keep_files
from feedback.services.matter_steps import Step, check_text, facts_in_words, new_code
from feedback.services.telling import source_of, tell
from outreach import audit, clock
from outreach.models import User
from outreach.roles import Capability
from outreach.workdays import add_workdays
from visits.models import Visit
from visits.services.errors import NotPossible

SAYS = {
    Outcome.SOLVED: Action.SAY_SOLVED,
    Outcome.EXPLAINED: Action.SAY_EXPLAINED,
    Outcome.NOT_POSSIBLE: Action.SAY_NOT_POSSIBLE,
    Outcome.OUT_OF_REMIT: Action.SAY_OUT_OF_REMIT,
}


def _begun(category: MatterCategory | None) -> dict[str, Any]:
    """What a matter has from the moment it is raised: its code and its dates."""
    now, today = clock.now(), clock.today()
    limit = category.limit_days if category else DEFAULT_LIMIT
    due = add_workdays(today, limit)
    return {
        "code": new_code(),
        "raised_at": now,
        "respond_by": add_workdays(today, RESPOND_WITHIN),
        "limit_days": limit,
        "counted_from": today,
        "due_on": due,
        "first_due_on": due,
        "state": State.RECEIVED,
    }


def _told(matter: Matter, actor: User, files: Sequence[UploadedFile] = ()) -> None:
    event = MatterEvent.objects.create(
        matter=matter,
        kind=Action.RAISE,
        state=State.RECEIVED,
        by=actor,
        at=clock.now(),
        to_unit=matter.leader,
        text=matter.text,
    )
    audit.record(
        gettext_noop("Matter raised"),
        actor=actor,
        obj=matter,
        after=facts_in_words(matter, ("state", "source", "leader", "category", "urgency", "due_on"))
        | file_facts(keep_files(matter, files, actor, event)),
    )
    tell(matter, Action.RAISE, actor, "")


@transaction.atomic
def raise_matter(
    *,
    actor: User,
    village: Village,
    text: str,
    source: str = Matter.Source.DESK,
    leader: Unit | None = None,
    category: MatterCategory | None = None,
    urgency: str = Matter.Urgency.NORMAL,
    call_back: str = "",
    files: Sequence[UploadedFile] = (),
    form_id: UUID | None = None,
) -> Matter:
    """Raise one at a desk, type it in for a villager, or take it from the opinion book.

    The first receiver leads: the actor's own unit, or the one that the county office names.
    The same words of the same form are the matter that it raised before.
    Raises PermissionDenied, ValidationError.
    """
    unit = actor.unit or leader
    if not actor.can(Capability.SEE_MATTERS) or village.county_id != actor.county_id:
        raise PermissionDenied
    if unit is None or unit.county_id != actor.county_id:
        raise ValidationError({"leader": _("Name the unit that receives it.")})
    if source not in _sources(actor):
        raise ValidationError({"source": _("Say where it was raised.")})
    check_text(text, needed=True)
    telephone = plain_telephone(call_back)
    matter = Matter(
        county_id=actor.county_id,
        village=village,
        source=source,
        category=category,
        urgency=urgency,
        text=text.strip(),
        leader=unit,
        origin=unit,
        raised_by=actor,
        form_id=form_id,
        **_begun(category),
    )
    # What the database checks by itself, and what Django calls empty although it may be.
    matter.clean_fields(exclude=[f.name for f in Matter._meta.fields if f.null])
    try:
        with transaction.atomic():
            matter.save(force_insert=True)
    except IntegrityError:
        if form_id is None:
            raise
        same = {"form_id": form_id, "raised_by": actor, "village": village, "text": matter.text}
        if earlier := Matter.objects.filter(**same).first():
            return earlier
        matter.form_id = None  # a form that was gone back to and filled in anew
        matter.save(force_insert=True)
    keep_call_back(matter, telephone)
    _told(matter, actor, files)
    return matter


def _sources(actor: User) -> list[str]:
    """Where a matter can come from that this person raises; of a visit it comes with its record."""
    read = [Matter.Source.OPINION] if actor.can(Capability.RUN_EVALUATION) else []
    return [Matter.Source.DESK, Matter.Source.TYPED, *read]


@transaction.atomic
def take_up_drafts(*, visit: Visit, actor: User) -> list[Matter]:
    """Make the drafts of a record that is being sent real matters of the visitors' unit.

    For whoever sends the record, in that transaction; one entry a matter.
    """
    drafts = list(Matter.objects.drafts().filter(visit=visit).select_related("village"))
    for matter in drafts:
        values = _begun(None) | {
            "leader_id": visit.unit_id,
            "origin_id": visit.unit_id,
            "raised_by": actor,
        }
        for name, value in values.items():
            setattr(matter, name, value)
        matter.save(update_fields=[name.removesuffix("_id") for name in values])
        _told(matter, actor)
    return drafts


@transaction.atomic
def accept_matter(*, matter: Matter, actor: User) -> Matter:
    """The leading unit takes it in hand. Raises PermissionDenied, NotPossible."""
    now = clock.now()
    return Step(matter, Action.ACCEPT, actor).take(
        taken_by=actor, taken_at=now, accepted_at=matter.accepted_at or now
    )


@transaction.atomic
def sort_matter(
    *, matter: Matter, actor: User, category: MatterCategory | None, urgency: str
) -> Matter:
    """Set category and urgency; the limit is the category's from the day it was counted from.

    Raises PermissionDenied, NotPossible.
    """
    step = Step(matter, Action.SORT, actor)
    if category and category.county_id != matter.county_id:
        raise PermissionDenied
    limit = category.limit_days if category else DEFAULT_LIMIT
    values = due_values(matter, limit_days=limit)
    return step.take(category=category, urgency=urgency, **values)


def due_values(matter: Matter, **changed: Any) -> Mapping[str, Any]:
    """The changed limit with the due days that follow from it.

    What a reopened matter is first due by stays: resolution is judged by it.
    """
    would_be = copy(matter)  # the trail still asks the matter itself what was before
    for name, value in changed.items():
        setattr(would_be, name, value)
    due = would_be.computed_due
    return {**changed, "due_on": due} | ({} if matter.reopened else {"first_due_on": due})


@transaction.atomic
def say_done(
    *,
    matter: Matter,
    actor: User,
    outcome: str,
    text: str,
    files: Sequence[UploadedFile] = (),
) -> Matter:
    """The unit's word with its answer. Not possible and out of remit wait for the county.

    Raises PermissionDenied, NotPossible, ValidationError (no text, or of a file).
    """
    step = Step(matter, SAYS[Outcome(outcome)], actor, text)
    return step.take(
        files=files,
        outcome=outcome,
        answer=step.text,
        answered_at=clock.now(),
        answered_by=actor,
        confirmed_by=None,
        # An answer ends what was asked of the clock.
        extension_days=None,
        extension_asked_by=None,
    )


@transaction.atomic
def confirm_second(*, matter: Matter, actor: User, agree: bool, text: str = "") -> Matter:
    """The county office as second person: out of remit or not possible, indeed, or work goes on.

    Raises PermissionDenied, NotPossible, ValidationError (disagrees without a reason).
    """
    step = Step(matter, Action.CONFIRM if agree else Action.DISAGREE, actor, text)
    return step.take(confirmed_by=actor) if agree else step.take(**_OPEN_AGAIN)


_OPEN_AGAIN: dict[str, Any] = {
    "outcome": "",
    "answer": "",
    "answered_at": None,
    "answered_by": None,
    "confirmed_by": None,
}


def _reopened(matter: Matter) -> Mapping[str, Any]:
    """To the same leader, with new time for the work and none for the rate."""
    today = clock.today()
    return {
        **_OPEN_AGAIN,
        "closed_at": None,
        "reopened": matter.reopened + 1,
        "counted_from": today,
        "more_days": 0,
        "due_on": add_workdays(today, matter.limit_days),
    }


@transaction.atomic
def note_villager(
    *,
    matter: Matter,
    actor: User | None,
    word: str,
    satisfied: bool | None = None,
    text: str = "",
) -> Matter:
    """The villager's word, asked by an office that does not handle it; "not solved" reopens it.

    Without an actor it is the villager who says it, by the receipt. A joined report goes its own
    way again when it is not solved; the one it was joined to stays answered.

    Raises PermissionDenied, NotPossible, ValidationError (not solved without what is missing).
    """
    asked: dict[str, Any] = {
        "villager_word": word,
        "villager_satisfied": satisfied,
        "villager_at": clock.now(),
    }
    if word == Word.NOT_SOLVED:
        step = Step(matter, Action.NOTE_NOT_SOLVED, actor, text)
        return step.take(**asked, **_reopened(matter), **_apart(matter))
    step = Step(matter, Action.NOTE_WORD, actor, text)
    return step.take(
        said=_SATISFIED[satisfied], params={"word": source_of(Word(word).label)}, **asked
    )


def _apart(matter: Matter) -> Mapping[str, Any]:
    """Of a joined report: its own leading unit has it in work from now on."""
    if matter.main is None:
        return {}
    return {"main": None, "taken_at": matter.taken_at or clock.now()}


_SATISFIED = {
    None: "%(word)s",
    True: gettext_noop("%(word)s, satisfied"),
    False: gettext_noop("%(word)s, not satisfied"),
}


@transaction.atomic
def reopen_matter(*, matter: Matter, actor: User, text: str) -> Matter:
    """Back to its leader with a reason. Raises PermissionDenied, NotPossible, ValidationError."""
    return Step(matter, Action.REOPEN, actor, text).take(**_reopened(matter))


@transaction.atomic
def close_matter(*, matter: Matter, actor: User, text: str = "") -> Matter:
    """Close an answered matter; without the villager's word only with a reason.

    While the villager's "not solved" stands nobody closes it. Raises PermissionDenied, NotPossible,
    ValidationError.
    """
    step = Step(matter, Action.CLOSE, actor, text)
    if matter.villager_word == Word.NOT_SOLVED:
        raise NotPossible(
            _("The villager said it is not solved. Ask again and note the answer first.")
        )
    if not matter.villager_word and not step.text:
        raise ValidationError({"text": _("Say why the villager was not asked.")})
    return step.take(closed_at=clock.now())
