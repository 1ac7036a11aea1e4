"""The opinion book: villagers write, the county office decides."""

from typing import TYPE_CHECKING

from feedback.services.opinion_calls import open_call
from feedback.services.opinions import (
    hold_back_opinion,
    publish_opinion,
    raise_from_opinion,
    write_opinion,
)
from outreach import clock
from outreach.management.demo import story as told
from outreach.management.demo.verbs.dispatch import do

if TYPE_CHECKING:
    from outreach.management.demo.player import Player


@do.register(told.OpenCall)
def _(step: told.OpenCall, player: "Player") -> None:
    player.call = open_call(
        actor=player.users["xianban"],
        question=step.question,
        opens_on=clock.today(),
        closes_on=step.closes_on,
    )


@do.register(told.WriteOpinion)
def _(step: told.WriteOpinion, player: "Player") -> None:
    opinion = write_opinion(
        village=player.villages[step.village],
        grade=step.grade,
        text=step.text,
        call=player.call if step.of_call else None,
        once=str(step.key),
    )
    assert opinion
    player.opinions[step.key] = opinion


@do.register(told.PublishOpinion)
def _(step: told.PublishOpinion, player: "Player") -> None:
    opinion = player.opinions[step.key]
    player.opinions[step.key] = publish_opinion(
        opinion=opinion,
        actor=player.users["xianban"],
        version=opinion.version,
        text=step.text,
        reply=step.reply,
    )


@do.register(told.HoldBackOpinion)
def _(step: told.HoldBackOpinion, player: "Player") -> None:
    opinion = player.opinions[step.key]
    player.opinions[step.key] = hold_back_opinion(
        opinion=opinion,
        actor=player.users["xianban"],
        version=opinion.version,
        reason=step.reason,
    )


@do.register(told.RaiseFromOpinion)
def _(step: told.RaiseFromOpinion, player: "Player") -> None:
    opinion = player.opinions[step.key]
    raise_from_opinion(
        opinion=opinion,
        actor=player.users["xianban"],
        version=opinion.version,
        text=opinion.text,
        leader=player.units[step.unit],
        category=player.categories[step.category],
    )
    opinion.refresh_from_db()
