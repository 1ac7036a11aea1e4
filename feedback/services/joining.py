"""Several reports of one problem: the later ones follow the earliest, each with its own receipt.

A joined matter keeps its row, code, leader and story; what is answered, closed or opened again on
the main one holds for it, and its people are told (`telling.tell_joined`). The rates count the
report that came first and none that is joined to it: one problem is one problem however many
report it, and whoever waited longest is answered in time or not. The villager's word on a joined
report stays on its own row; "not solved" takes it apart (`matters.note_villager`).
"""

from datetime import date
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from feedback.matter_states import Action, State
from feedback.models import Matter, MatterEvent
from feedback.services.matter_steps import Step, facts_in_words, what_happened
from feedback.services.matters import due_values
from feedback.services.telling import source_of
from outreach import audit, clock
from outreach.models import User
from outreach.workdays import workdays_between
from visits.services.errors import NotPossible


@transaction.atomic
def join_matter(*, matter: Matter, actor: User, main: Matter) -> Matter:
    """Join a matter to an earlier one that is open; those joined to it go along.

    A `main` that is joined itself stands for the one it is joined to. The clock of the joined one
    stands still. Raises PermissionDenied, NotPossible, ValidationError.
    """
    step = Step(matter, Action.JOIN, actor)
    if main.county_id != matter.county_id:
        raise PermissionDenied
    main = main.main or main
    # Locked in one order: two that are joined to each other at once make no chain.
    pair = Matter.objects.filter(pk__in=[matter.pk, main.pk])
    list(pair.select_for_update(of=["self"]).order_by("pk"))
    if not Matter.objects.joinable(matter, actor).filter(pk=main.pk).exists():
        raise _not_joinable(matter, actor, main)
    followers = list(matter.joined.all())
    step.bulk_id = uuid4() if followers else None
    done = step.take(
        main=main,
        # An office dealt with it, and what was asked of its clock is asked of it no more.
        accepted_at=matter.accepted_at or clock.now(),
        extension_days=None,
        extension_asked_by=None,
    )
    for follower in followers:
        _go_along(follower, actor, main, step.bulk_id)
    return done


def _not_joinable(matter: Matter, actor: User, main: Matter) -> NotPossible | ValidationError:
    """Why, in the words of the rule that forbids it."""
    main.refresh_from_db()
    if (main.raised_at, main.pk) >= (matter.raised_at, matter.pk):
        return ValidationError(
            {"code": _("The earlier report keeps the clock: join the later one to it.")}
        )
    if actor.unit_id and main.leader_id != actor.unit_id:
        return ValidationError(
            {"code": _("Another unit leads that one: ask the county office to join them.")}
        )
    if not main.is_open and main.state != State.JOINED:
        return ValidationError(
            {"code": _("That one has its answer: open it again, or answer this one by itself.")}
        )
    return NotPossible(what_happened(main))


def _go_along(follower: Matter, actor: User, main: Matter, bulk: UUID | None) -> None:
    before = facts_in_words(follower, ["main"])
    follower.main = main
    follower.version += 1
    follower.save(update_fields=["main", "version"])
    MatterEvent.objects.create(
        matter=follower, kind=Action.JOIN, state=State.JOINED, by=actor, at=clock.now()
    )
    audit.record(
        gettext_noop("Matter moved on"),
        actor=actor,
        obj=follower,
        before=before,
        after=facts_in_words(follower, ["main"]) | {"step": source_of(Action.JOIN.label)},
        bulk_id=bulk,
    )


@transaction.atomic
def take_apart(*, matter: Matter, actor: User, text: str) -> Matter:
    """A joined matter goes its own way again, to its leader.

    Its clock stood still while it followed another: nobody could answer it then.

    Raises PermissionDenied, NotPossible, ValidationError (no reason).
    """
    step = Step(matter, Action.TAKE_APART, actor, text)
    after = State.IN_WORK if matter.taken_at else State.RECEIVED
    followed = workdays_between(_joined_on(matter), clock.today())
    values = due_values(matter, more_days=matter.more_days + followed)
    return step.take(after=after, main=None, **values)


def _joined_on(matter: Matter) -> date:
    """The day since which it follows another, whichever that is now."""
    alone = matter.events.exclude(state=State.JOINED).latest("pk")
    joined = matter.events.filter(pk__gt=alone.pk).earliest("pk")
    return joined.at.astimezone(clock.SHANGHAI).date()
