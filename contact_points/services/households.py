"""A list of households: numbers of a village, and never anybody's name (domain: section 5)."""

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop

from contact_points.models import Household, ImportRun, Township, Village
from contact_points.reading.lists import ListRow
from contact_points.services.questions import Problem
from contact_points.services.records import (
    Check,
    Outcome,
    Planned,
    RecordPlanner,
    check_length,
)

HELD_BACK = gettext_noop(
    "The cell held other words than a number, and they were not kept: households have no names. "
    "Write the number like 3组-017."
)
# What a number is written with; anything else could be somebody's name.
_NUMBER_LIKE = re.compile(r"[\d〇零一二两三四五六七八九十百第组户号村民小社队#.\-—–－_/\s]*")


class HouseholdPlanner(RecordPlanner):
    twice = gettext_noop("Row %(row)s names this household already.")
    key = "household"

    def __init__(self, run: ImportRun, rows: Sequence[ListRow]):
        super().__init__(run, rows)
        known = Household.objects.filter(village__county=run.county_id)
        self._known = set(known.values_list("village_id", "number"))
        self._villages = Village.objects.filter(county=run.county_id).in_bulk()

    def decide(self, row: ListRow, check: Check) -> Planned | None:
        number = check.take("household", _number, row)
        check.take("village", check_length, row, "village", Village, "name")
        check.take("township", check_length, row, "township", Township, "name")
        village = check.take(
            "village village_code township",
            self.registry.village,
            row.number,
            row.values,
            self.answers,
        )
        if not check.clear:
            return None
        self.claim((village.pk, number), row)
        if (village.pk, number) in self._known:
            return Planned(row, Outcome.UNCHANGED, notes=check.notes)
        if village.merged_into:
            raise Problem(
                "village",
                gettext_noop("%(village)s was merged into %(other)s."),
                village=village.name,
                other=village.merged_into,
            )
        return self.add(row, check, Household(village=self._villages[village.pk], number=number))


def _number(row: ListRow) -> str:
    number = re.sub(r"\s", "", row.get("household")).replace("—", "-").replace("–", "-")
    if not number:
        raise Problem("household", gettext_noop("The number of the household is missing."))
    try:
        Household._meta.get_field("number").run_validators(number)
    except ValidationError:
        raise Problem("household", gettext_noop("Write the number like 3组-017.")) from None
    return number


def without_names(rows: Sequence[ListRow]) -> list[ListRow]:
    """The rows without whatever stands in place of a number: it is never kept."""
    return [
        row if _NUMBER_LIKE.fullmatch(row.get("household")) else _held_back(row) for row in rows
    ]


def _held_back(row: ListRow) -> ListRow:
    problem: tuple[str, str, dict[str, Any]] = ("household", HELD_BACK, {})
    others = [known for known in row.problems if known[0] != "household"]
    return row._replace(values=row.values | {"household": ""}, problems=(*others, problem))
