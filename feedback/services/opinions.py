"""The opinion book: a villager writes, the county office reads, publishes and replies."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import Unit, Village
from feedback.models import Matter, MatterCategory, Opinion, OpinionCall
from feedback.permissions import can_decide_opinion, can_raise_from_opinion
from feedback.services.matters import raise_matter
from feedback.services.tries import TooOften, count_in_day, count_in_hour, part_of_network
from outreach import audit, clock
from outreach.models import AuditEntry, User
from outreach.privacy import check_private_numbers
from outreach.roles import Capability
from visits.services.errors import NotPossible

FROM_NET = 30  # an hour; thousands of telephones stand behind one such part of the network
FROM_VILLAGE = 60  # a day
KEPT_FOR = timedelta(days=730)  # the words (assurance: P-08)


def count_opinion(*, village: Village, address: str) -> None:
    """Count before anything is written, apart from it: no row joins a text with a network.

    Raises TooOften.
    """
    count_in_hour(f"opinion:net:{part_of_network(address)}", FROM_NET)
    count_in_day(f"opinion:village:{village.code}", FROM_VILLAGE)


@transaction.atomic
def write_opinion(
    *,
    village: Village,
    grade: int | None,
    text: str,
    call: OpinionCall | None = None,
    once: str = "",
) -> Opinion | None:
    """What somebody says, without a name, an address or a time of day; nothing if it came already.

    `once` is the number of the page it was written on: a second tap is no second opinion. Raises
    ValidationError (nothing said, a private number, a call that is over).
    """
    text = text.strip()
    if grade is None and not text:
        raise ValidationError(_("Choose a grade, or write something."))
    check_private_numbers({"text": text})
    if call and (call.county_id != village.county_id or not call.is_open):
        raise ValidationError({"call": _("This question is not asked any more.")})
    try:
        count_in_day(f"opinion:once:{once}:{grade}:{text}", 1)
    except TooOften:
        return None
    opinion = Opinion(
        county_id=village.county_id,
        village=village,
        call=call,
        grade=grade,
        text=text,
        state=Opinion.State.WAITING if text else Opinion.State.GRADE,
    )
    opinion.clean_fields(exclude=[f.name for f in Opinion._meta.fields if f.null])
    opinion.save(force_insert=True)
    return opinion


@transaction.atomic
def publish_opinion(
    *, opinion: Opinion, actor: User, version: int, text: str, reply: str = ""
) -> Opinion:
    """Let everybody read it, in words that point to nobody, with the county's reply beside it.

    Raises PermissionDenied, NotPossible (somebody was first), ValidationError.
    """
    if not text.strip():
        raise ValidationError({"text": _("Leave at least a sentence of it, or do not publish it.")})
    check_private_numbers({"text": text, "reply": reply})
    return _decide(
        opinion,
        actor,
        version,
        gettext_noop("Opinion published"),
        state=Opinion.State.PUBLISHED,
        published_text=text.strip(),
        reply=reply.strip(),
        reason="",
    )


@transaction.atomic
def hold_back_opinion(*, opinion: Opinion, actor: User, version: int, reason: str) -> Opinion:
    """Do not publish it, or not any more; the reason is kept with it.

    Raises PermissionDenied, NotPossible (somebody was first), ValidationError.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is not published.")})
    check_private_numbers({"reason": reason})
    return _decide(
        opinion,
        actor,
        version,
        gettext_noop("Opinion not published"),
        state=Opinion.State.HELD_BACK,
        published_text="",
        reply="",
        reason=reason.strip(),
    )


def _decide(opinion: Opinion, actor: User, version: int, action: str, **values: Any) -> Opinion:
    held = _held(opinion, actor, version)
    if not can_decide_opinion(actor, held):
        raise NotPossible(_("There are no words of it left to publish."))
    old = held.state
    values |= {"read_by": actor, "read_at": clock.now(), "version": version + 1}
    for name, value in values.items():
        setattr(held, name, value)
    held.full_clean(exclude=[f.name for f in Opinion._meta.fields if f.name not in values])
    held.save(update_fields=list(values))
    # Without the words: they are erased after two years, the trail is not.
    edited = {"edited": held.published_text != held.text} if held.published_text else {}
    audit.record(
        action, actor=actor, obj=held, before={"state": old}, after={"state": held.state} | edited
    )
    return held


def _held(opinion: Opinion, actor: User, version: int) -> Opinion:
    """The row, locked, as the actor saw it."""
    if not actor.can(Capability.RUN_EVALUATION) or actor.county_id != opinion.county_id:
        raise PermissionDenied
    rows = Opinion.objects.select_related("village", "read_by")
    held = rows.select_for_update(of=["self"]).get(pk=opinion.pk)
    if held.version != version:
        raise NotPossible(
            _("%(name)s was first: %(happened)s.")
            % {"name": held.read_by, "happened": held.get_state_display()}
        )
    return held


@transaction.atomic
def raise_from_opinion(
    *,
    opinion: Opinion,
    actor: User,
    version: int,
    text: str,
    leader: Unit | None,
    category: MatterCategory | None = None,
    urgency: str = Matter.Urgency.NORMAL,
) -> Matter:
    """Make a matter of it, once; whether it is published is another question.

    Raises PermissionDenied, NotPossible, ValidationError.
    """
    held = _held(opinion, actor, version)
    if not can_raise_from_opinion(actor, held):
        raise NotPossible(_("It became a matter already, or its words are erased."))
    matter = raise_matter(
        actor=actor,
        village=held.village,
        text=text,
        source=Matter.Source.OPINION,
        leader=leader,
        category=category,
        urgency=urgency,
    )
    Opinion.objects.filter(pk=held.pk).update(
        matter=matter, version=version + 1, read_by=held.read_by or actor
    )
    return matter


@transaction.atomic
def erase_opinions() -> int:
    """Erase the words of opinions after two years; how many. Village, day and grade stay."""
    over = clock.today() - KEPT_FOR
    rows = Opinion.objects.filter(received_on__lte=over, erased_on=None).exclude(text="")
    opinions = list(rows.select_related("village").select_for_update(of=["self"]))
    AuditEntry.objects.bulk_create(
        audit.entry(gettext_noop("Words of an opinion erased"), actor=None, obj=opinion)
        for opinion in opinions
    )
    Opinion.objects.filter(pk__in=[opinion.pk for opinion in opinions]).update(
        text="", published_text="", reason="", reply="", erased_on=clock.today()
    )
    return len(opinions)
