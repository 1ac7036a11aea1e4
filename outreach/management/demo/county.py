"""The demonstration county: its story written in memory, then played, all of it or nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from random import Random
from typing import Any

from django.db import connection, transaction

from contact_points.models import County
from contact_points.services.registry import VillageRow
from outreach import copying
from outreach.management.demo.cast import add_people, add_points, add_sizes
from outreach.management.demo.changes import add_changes
from outreach.management.demo.evaluation import add_evaluation
from outreach.management.demo.matters import add_matters
from outreach.management.demo.opinions import add_opinions
from outreach.management.demo.plans import add_exemptions, add_plans
from outreach.management.demo.player import Player, Say
from outreach.management.demo.registry import UnitRow, read_units, read_villages
from outreach.management.demo.story import Story, moment, months_until
from outreach.management.demo.together import add_together
from outreach.management.demo.visits import add_visits


def write_story(
    *, villages: list[VillageRow], units: list[UnitRow], months: int, seed: int, until: date
) -> Story:
    """The whole story in memory; it ends with the eve of `until`."""
    story = Story(months_until(until, months), moment(until, 0))
    add_people(story, units, Random(f"{seed} people"))
    add_points(story, units, villages, Random(f"{seed} points"))
    add_sizes(story, villages, Random(f"{seed} sizes"))
    lines = add_plans(story, Random(f"{seed} plans"))
    exempt = add_exemptions(story)
    add_visits(story, lines, exempt, Random(f"{seed} visits"))
    add_changes(story, lines, exempt)
    first_free = add_matters(story, Random(f"{seed} matters"))
    add_together(story, Random(f"{seed} together"), first_free)
    add_evaluation(story, Random(f"{seed} evaluation"))
    add_opinions(story)
    story.close()
    return story


def build(*, months: int, seed: int, until: date, registry_only: bool, say: Say) -> None:
    """Load the demonstration county, all of it or nothing."""
    villages, units = read_villages(), read_units()
    story = write_story(villages=villages, units=units, months=months, seed=seed, until=until)
    with transaction.atomic(), all_or_nothing(), copying.no_collecting():
        player = Player(story, say)
        player.load_registry(villages, units, registry_only)
        if not registry_only:
            player.play()


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """No savepoint for each step: where one fails the whole story does.

    Savepoints were a fifth of all statements, and PostgreSQL looks for each row's among them.
    """
    features: Any = connection.features
    uses, features.uses_savepoints = features.uses_savepoints, False
    try:
        yield
    finally:
        features.uses_savepoints = uses


def exists(code: str) -> bool:
    """Whether the county is in the database already."""
    return County.objects.filter(code=code).exists()


def timed(write: Say) -> Say:
    """A `say` that puts the elapsed seconds before each line."""
    begun = time.monotonic()
    return lambda text: write(f"{time.monotonic() - begun:6.1f} s  {text}")
