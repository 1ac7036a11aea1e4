"""The draw of a round's sample, once, and what became of the households that were drawn."""

import secrets
from collections.abc import Iterable
from datetime import date
from itertools import count

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint, Household, Village
from feedback.draws import Recomputed, recomputed
from feedback.models import EvaluationRound, RoundVillage, SampledHousehold
from feedback.sampling import (
    by_number,
    draw_households,
    draw_villages,
    frame_digest,
    frame_text,
    replacement,
)
from feedback.services.rounds import State, locked_round
from outreach import audit, clock
from outreach.models import User
from visits.models import Visit, VisitHousehold
from visits.services.errors import NotPossible

Outcome = SampledHousehold.Outcome
_NOTED = {
    Outcome.REFUSED: gettext_noop("A household of the sample does not want to answer"),
    Outcome.ABSENT: gettext_noop("A household of the sample was not there"),
    Outcome.GONE: gettext_noop("A household of the sample does not exist"),
}


def frame_villages(county_id: int, first: date, last: date) -> QuerySet[Village]:
    """Villages of the county that were contact points in these months and are still themselves."""
    points = ContactPoint.objects.filter(
        county=county_id, period__overlap=(first, clock.add_months(last, 1))
    )
    return Village.objects.filter(
        # A merger without its month holds from the next one on (the registry's rule).
        Q(merged_into=None) | Q(merged_from=None) | Q(merged_from__gt=last),
        pk__in=points.values("village"),
    ).order_by("code")


@transaction.atomic
def draw_round(*, round: EvaluationRound, actor: User) -> EvaluationRound:
    """Fix the frame, make the seed and draw: all in one transaction, once and for ever.

    Raises PermissionDenied, NotPossible (drawn already, no village whose households are known).
    """
    round = locked_round(round, actor, State.DRAFT)
    rows = _frame(round)
    seed = secrets.token_hex(16)
    places = [row.place for row in rows]
    chosen = draw_villages(seed, places, round.villages_to_draw)
    if not chosen:
        raise NotPossible(_("No village of these months has households that are known."))
    for row in rows:
        row.is_drawn = row.village.code in chosen
    RoundVillage.objects.bulk_create(rows)
    drawn = _sample(round, seed, rows)
    text = frame_text(
        round.first_month,
        round.last_month,
        round.villages_to_draw,
        round.households_per_village,
        places,
    )
    round.seed, round.frame_sha256 = seed, frame_digest(text)
    round.state, round.drawn_at = State.DRAWN, clock.now()
    round.save(update_fields=["seed", "frame_sha256", "state", "drawn_at"])
    _compute_again(round)
    # Without the seed: with it the trail's readers could work out who is asked.
    audit.record(
        gettext_noop("Sample drawn"),
        actor=actor,
        obj=round,
        after=audit.facts(round, "frame_sha256") | {"villages": len(chosen), "households": drawn},
    )
    return round


@transaction.atomic
def check_draw(*, round: EvaluationRound, actor: User) -> Recomputed:
    """Compute the draw again from what is stored, and keep when, and whether it was the same.

    Raises PermissionDenied, NotPossible (not drawn).
    """
    round = locked_round(round, actor, *State)
    if not round.is_drawn:
        raise NotPossible(_("Nothing was drawn yet."))
    found = _compute_again(round)
    audit.record(
        gettext_noop("Draw computed again"), actor=actor, obj=round, after={"same": found.is_same}
    )
    return found


def _compute_again(round: EvaluationRound) -> Recomputed:
    found = recomputed(round)
    round.checked_at, round.check_passed = clock.now(), found.is_same
    round.save(update_fields=["checked_at", "check_passed"])
    return found


def _frame(round: EvaluationRound) -> list[RoundVillage]:
    """The round's villages as the records have them now, not saved."""
    villages = list(frame_villages(round.county_id, round.first_month, round.last_month))
    months = (round.first_month, round.last_month)
    visited = set(
        Visit.objects.counted()
        .filter(county=round.county_id, month__range=months)
        .values_list("contact_point__village", flat=True)
    )
    calls = VisitHousehold.objects.filter(
        visit__in=Visit.objects.counted().filter(county=round.county_id, month__range=months),
        outcome=VisitHousehold.Outcome.MET,
    )
    met = _by_village(calls.values_list("household__village", "household__number").distinct())
    listed = Household.objects.filter(village__in=villages)
    numbers = _by_village(listed.values_list("village", "number"))
    return [
        RoundVillage(
            round=round,
            village=village,
            visited=village.pk in visited,
            households=_households(village, numbers.get(village.pk, [])),
            met=by_number(met.get(village.pk, [])),
        )
        for village in villages
    ]


def _by_village(pairs: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for village, number in pairs:
        found.setdefault(village, []).append(number)
    return found


def _households(village: Village, listed: list[str]) -> list[str]:
    """The list of numbers; without one 001 and on, as many as the registry counts."""
    counted = range(1, (village.households_count or 0) + 1)
    return by_number(listed) or [f"{number:03}" for number in counted]


def _sample(round: EvaluationRound, seed: str, rows: list[RoundVillage]) -> int:
    """Write the households drawn in the drawn villages; how many."""
    sample = [
        SampledHousehold(round_village=row, position=position, number=number)
        for row in rows
        if row.is_drawn
        for position, number in zip(
            count(1), draw_households(seed, row.place, round.households_per_village).sample
        )
    ]
    SampledHousehold.objects.bulk_create(sample, batch_size=1000)
    return len(sample)


@transaction.atomic
def note_outcome(
    *, household: SampledHousehold, actor: User, outcome: str
) -> SampledHousehold | None:
    """Note that a household cannot be asked; the reserve that the rule names comes for it, if any.

    The entry names the village, never the household. Raises PermissionDenied, NotPossible.
    """
    round, village, held = _held(household, actor)
    if held.outcome or outcome not in _NOTED:
        raise NotPossible(_("What became of this household is noted already."))
    held.outcome = outcome
    held.save(update_fields=["outcome"])
    known = dict(village.sample.values_list("number", "position"))
    place = village.place
    drawn = draw_households(round.seed, place, round.households_per_village)
    free = [number for number in drawn.reserves if number not in known]
    comes = replacement(held.number, free, place.met)
    audit.record(
        _NOTED[Outcome(outcome)], actor=actor, obj=round, after={"village": village.village.name}
    )
    if comes is None:
        return None
    return SampledHousehold.objects.create(
        round_village=village,
        position=max(known.values()) + 1,
        number=comes,
        replaces=held,
    )


@transaction.atomic
def take_back_outcome(*, household: SampledHousehold, actor: User) -> SampledHousehold:
    """The household can be asked after all; who came for it goes, unless something became of it.

    Raises PermissionDenied, NotPossible.
    """
    round, village, held = _held(household, actor)
    if not held.outcome:
        raise NotPossible(_("It was taken back already."))
    came = SampledHousehold.objects.filter(replaces=held).first()
    if came and came.outcome:
        raise NotPossible(_("What became of its replacement is noted: take that back first."))
    if came:
        came.delete()
    held.outcome = Outcome.NONE
    held.save(update_fields=["outcome"])
    audit.record(
        gettext_noop("Outcome of a household taken back"),
        actor=actor,
        obj=round,
        after={"village": village.village.name},
    )
    return held


def _held(
    household: SampledHousehold, actor: User
) -> tuple[EvaluationRound, RoundVillage, SampledHousehold]:
    """The round and the village, locked, and the household as it is now."""
    asked = RoundVillage.objects.select_related("round", "village").get(
        pk=household.round_village_id
    )
    round = locked_round(asked.round, actor, State.DRAWN, State.OPEN)
    held = asked.sample.filter(pk=household.pk).first()
    if held is None:
        raise NotPossible(_("Its card went back to the household that it came for."))
    return round, asked, held
