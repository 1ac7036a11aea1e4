"""Matters: raised, moved on, joined, answered by villagers, put on the agenda."""

from typing import TYPE_CHECKING

from feedback.models import Matter
from feedback.services import co_handling, time_limits, transfers
from feedback.services import matters as matter_services
from feedback.services.agenda import put_on_agenda
from feedback.services.joining import join_matter
from feedback.services.receipts import issue_receipt
from feedback.services.routes import route_category, write_category
from outreach.management.demo import photos
from outreach.management.demo import story as told
from outreach.management.demo.verbs.dispatch import do

if TYPE_CHECKING:
    from outreach.management.demo.player import Player


@do.register(told.AddCategory)
def _(step: told.AddCategory, player: "Player") -> None:
    office = player.users["xianban"]
    category = player.categories[step.name] = write_category(
        actor=office,
        name=step.name,
        parent=player.categories.get(step.parent),
        limit_days=step.limit_days,
    )
    if step.unit:
        unit = player.units[step.unit]
        route_category(actor=office, category=category, township=None, unit=unit)


@do.register(told.RaiseMatter)
def _(step: told.RaiseMatter, player: "Player") -> None:
    player.matters[step.key] = matter_services.raise_matter(
        actor=player.coordinator(step.unit),
        village=player.villages[step.village],
        text=step.text,
        source=step.source,
        category=player.categories[step.category],
        urgency=step.urgency,
        files=photos.shown(f"raised {step.key}", step.key % 3),
    )


@do.register(told.MoveMatter)
def _(step: told.MoveMatter, player: "Player") -> None:
    homes = (matter_services, transfers, time_limits, co_handling)
    verb = next(getattr(home, step.verb) for home in homes if hasattr(home, step.verb))
    values = dict(step.values)
    if step.to_unit:
        values["unit"] = player.units[step.to_unit]
    if "category" in values:
        values["category"] = player.categories[values["category"]]
    if step.verb == "say_done":
        values["files"] = photos.shown(f"done {step.key}", step.key % 2)
    actor = player.coordinator(step.unit) if step.unit else player.users["xianban"]
    player.matters[step.key] = verb(matter=player.matters[step.key], actor=actor, **values)


@do.register(told.JoinMatter)
def _(step: told.JoinMatter, player: "Player") -> None:
    player.matters[step.key] = join_matter(
        matter=player.matters[step.key],
        actor=player.users["xianban"],
        main=player.matters[step.main],
    )


@do.register(told.HandOutReceipt)
def _(step: told.HandOutReceipt, player: "Player") -> None:
    issue_receipt(matter=player.matters[step.key], actor=player.coordinator(step.unit))


@do.register(told.VillagerSays)
def _(step: told.VillagerSays, player: "Player") -> None:
    # As it stands now: of a joined report the one it follows was answered meanwhile.
    matter = Matter.objects.for_page().get(pk=player.matters[step.key].pk)
    player.matters[step.key] = matter_services.note_villager(
        matter=matter, actor=None, word=step.word, satisfied=step.satisfied, text=step.text
    )


@do.register(told.PutOnAgenda)
def _(step: told.PutOnAgenda, player: "Player") -> None:
    put_on_agenda(
        category=player.categories[step.category],
        actor=player.users["xianban"],
        title=step.title,
        text=step.text,
    )
