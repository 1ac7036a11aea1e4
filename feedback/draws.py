"""A draw computed again from its seed and the stored frame, beside what is stored."""

from dataclasses import dataclass

from feedback.models import EvaluationRound, RoundVillage, SampledHousehold
from feedback.sampling import draw_households, draw_villages, frame_digest, frame_text


@dataclass(frozen=True)
class Recomputed:
    """Whether the frame has its checksum, and villages whose sample is not what was drawn."""

    frame_is_same: bool
    differing: list[RoundVillage]

    @property
    def is_same(self) -> bool:
        return self.frame_is_same and not self.differing


def text_of_frame(round: EvaluationRound, villages: list[RoundVillage]) -> str:
    """The stored frame as the text that the checksum is made of."""
    return frame_text(
        round.first_month,
        round.last_month,
        round.villages_to_draw,
        round.households_per_village,
        [row.place for row in villages],
    )


def stored_frame(round: EvaluationRound) -> list[RoundVillage]:
    """The villages of the frame, by code."""
    return list(round.villages.select_related("village__township").order_by("village__code"))


def samples_of(round: EvaluationRound) -> dict[int, list[str]]:
    """Village of the round -> the households first drawn there, without replacements."""
    rows = SampledHousehold.objects.filter(round_village__round=round, replaces=None)
    found: dict[int, list[str]] = {}
    for village, number in rows.order_by("position").values_list("round_village", "number"):
        found.setdefault(village, []).append(number)
    return found


def recomputed(round: EvaluationRound) -> Recomputed:
    """Draw once more with the stored seed. Two queries."""
    villages, stored = stored_frame(round), samples_of(round)
    chosen = draw_villages(round.seed, [row.place for row in villages], round.villages_to_draw)
    differing = []
    for row in villages:
        drawn: tuple[str, ...] = ()
        if row.village.code in chosen:
            drawn = draw_households(round.seed, row.place, round.households_per_village).sample
        if row.is_drawn != bool(drawn) or sorted(drawn) != sorted(stored.get(row.pk, [])):
            differing.append(row)
    digest = frame_digest(text_of_frame(round, villages))
    return Recomputed(digest == round.frame_sha256, differing)
