"""Small rows of villagers' evaluation for tests, written as they stand in the database."""

from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.utils.crypto import get_random_string

from feedback.models import (
    Clarification,
    EvaluationCount,
    EvaluationRound,
    Opinion,
    OpinionCall,
    RoundVillage,
    SampledHousehold,
    TopicQuestion,
)
from outreach import clock
from outreach.roles import Role
from tests import factories as make

OPTIONS = ["每年四百元", "每年三百八十元", "不用交", "村里代交"]


@contextmanager
def by_hand():
    """Write into what is drawn, past the triggers that keep it (migrations 0014 and 0016)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def evaluation_round(county, *, state="open", month=None, actor=None, **fields):
    """A round about one month; drawn ones have a seed, but no village until one is added."""
    month = month or clock.add_months(clock.this_month(), -1)
    drawn = state not in ("draft", "cancelled")
    values = {
        "county": county,
        "first_month": month,
        "last_month": month,
        "closes_on": clock.today() + timedelta(days=14),
        "state": state,
        "created_by": actor or make.user(Role.COUNTY, county=county),
        "seed": get_random_string(32, "0123456789abcdef") if drawn else "",
        "frame_sha256": "0" * 64 if drawn else "",
        "drawn_at": clock.now() if drawn else None,
        "opened_at": clock.now() if state in ("open", "closed") else None,
        "closed_at": clock.now() if state == "closed" else None,
    }
    return EvaluationRound.objects.create(**values | fields)


def topic_question(round, topic, *, right=2, **fields):
    values = {
        "round": round,
        "topic": topic,
        "position": round.topic_questions.count() + 1,
        "text": "今年的医保每人交多少？",
        "options": OPTIONS,
        "right": right,
    }
    with by_hand():
        return TopicQuestion.objects.create(**values | fields)


def round_village(round, village, *, households=20, is_drawn=True, **fields):
    """A village in the round's frame, its households numbered through three natural groups."""
    numbers = [f"{n % 3 + 1}组-{n:03}" for n in range(1, households + 1)]
    values = {
        "round": round,
        "village": village,
        "visited": True,
        "households": sorted(numbers),
        "met": [],
        "is_drawn": is_drawn,
    }
    with by_hand():
        return RoundVillage.objects.create(**values | fields)


def counts(round, village, answers, **of_questions):
    """Counts of a village: how many answered, and of a question how many chose what.

    `counts(round, village, 8, visited={1: 5, 2: 3})`
    """
    rows = [("", 0, answers)]
    rows += [
        (question, choice, count)
        for question, chosen in of_questions.items()
        for choice, count in chosen.items()
    ]
    return EvaluationCount.objects.bulk_create(
        EvaluationCount(
            round=round,
            township_id=village.township_id,
            village=village,
            question=question,
            choice=choice,
            count=count,
        )
        for question, choice, count in rows
    )


def opinion(village, text="路灯坏了没人修。", **fields):
    """An opinion that waits, or what it became by `fields`."""
    values = {"county_id": village.county_id, "village": village, "text": text}
    if fields.get("state") == "published":
        values["published_text"] = text
    return Opinion.objects.create(**values | fields)


def opinion_call(county, **fields):
    """A call that is open now."""
    values = {
        "county": county,
        "question": "村里最该先修哪条路？",
        "opens_on": clock.today(),
        "closes_on": clock.today() + timedelta(days=14),
        "created_by": fields.pop("actor", None) or make.user(Role.COUNTY, county=county),
    }
    return OpinionCall.objects.create(**values | fields)


def sampled_village(round, village, households=12):
    """A drawn village with so many of its households in the sample."""
    row = round_village(round, village, households=max(households, 20))
    with by_hand():
        SampledHousehold.objects.bulk_create(
            SampledHousehold(round_village=row, position=n, number=number)
            for n, number in enumerate(row.households[:households], 1)
        )
    return row


def clarification(round, place, **fields):
    """The place's unit is asked about its village; a second call changes the row of the first."""
    values = {"county": round.county, "claimed": 1, "asked": 10, "yes": 0, "state": "asked"}
    return Clarification.objects.update_or_create(
        round=round, village=place.village, unit=place.unit, defaults=values | fields
    )[0]
