"""Whoever reads the whole database cannot tell which card gave which answer (assurance: P-06).

Real transactions. The attacker sees every column, the system's own among them, and even knows in
which order the cards were used. Of each village's spent cards and answers, both put in an order by
whatever there is, no more than chance may match. Storing them as one would do without thinking is
found out by the same attack.
"""

import logging
import random
from dataclasses import dataclass
from itertools import product
from operator import itemgetter

import pytest
from django.db import connection, transaction
from django.urls import reverse

from feedback.models import EvaluationCard, EvaluationText, WaitingAnswer
from feedback.services.answering import keep_answer
from feedback.services.cards import card_of, make_cards, mark_of
from feedback.services.counting import count_waiting
from feedback.services.mixing import forget_traces, mix_cards
from tests import evaluation
from tests import factories as make

HOUSEHOLDS = 22  # and three spare: 25 cards a village
# Two shuffled rows match in one place on average. That ten or more do, happens once in ten million
# times; some hundred attempts are made.
CHANCE = 10
# xmin and its like are kept as texts of numbers.
SYSTEM = ("ctid", "xmin", "xmax", "cmin", "cmax")


@dataclass
class Poll:
    """A round in two villages, the code of every card, and what each of them answered."""

    round: object
    codes: dict
    said: dict

    def use(self, store, codes):
        """Each card says a text of its own; the attacker is told the order of the cards."""
        for code in codes:
            self.said[mark_of(code)] = "".join(random.choices("风调雨顺五谷丰登", k=20))
            store(code, {"visited": random.randint(1, 3), "text": self.said[mark_of(code)]})


@pytest.fixture
def poll(transactional_db):
    county = make.county()
    township = make.township(county)
    round = evaluation.evaluation_round(county, asks_text=True)
    villages = [make.village(township) for _ in range(2)]
    for village in villages:
        evaluation.sampled_village(round, village, HOUSEHOLDS)
    codes = make_cards(round=round, villages=villages, actor=round.created_by)
    return Poll(round, codes, {})


def shuffled(codes):
    every = [code for own in codes.values() for code in own]
    return random.sample(every, len(every))


def rows_of(model, village_id=None):
    """All that can be read of the table's rows: columns and the system's own, as sortable texts."""
    where = f"WHERE village_id = {village_id}" if village_id else ""
    columns = ", ".join(f"{name}::text AS {name}" for name in SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}, t.* FROM {model._meta.db_table} t {where}")
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        page, place = row["ctid"].strip("()").split(",")
        row["ctid"] = (int(page), int(place))
        row |= {name: int(row[name]) for name in SYSTEM[1:]}
    return rows


def best_match(cards, answers, said):
    """(pairs found, by what) of the best of all ways to lay the two beside each other."""
    order = {mark: n for n, mark in enumerate(said)}
    cards = [card | {"order of use": order[card["mark"]]} for card in cards]
    by_card = ("order of use", "mark", *SYSTEM)
    by_answer = ("id", *SYSTEM)
    best = (0, "")
    for left, right, back in product(by_card, by_answer, (False, True)):
        # Of equal ones the attacker knows nothing.
        ones = sorted(random.sample(cards, len(cards)), key=itemgetter(left))
        others = sorted(random.sample(answers, len(answers)), key=itemgetter(right), reverse=back)
        pairs = zip(ones, others, strict=True)
        found = sum(said[one["mark"]] == other["text"] for one, other in pairs)
        best = max(best, (found, f"{left} beside {right}{', backwards' if back else ''}"))
    return best


def attack(poll):
    """The best match in either village."""
    return max(
        best_match(
            [card for card in rows_of(EvaluationCard, village.pk) if card["spent"]],
            rows_of(WaitingAnswer, village.pk),
            poll.said,
        )
        for village in poll.codes
    )


def by_the_page(client):
    """As a villager's telephone sends it."""

    def store(code, answers):
        data = {"code": code, "send": "1"} | answers
        assert client.post(reverse("answer_code"), data).url == reverse("answer_done")

    return store


def written_since(transaction_id):
    """Tables with a row that a transaction since then wrote or locked."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f'SELECT count(*) FROM "{table}" '
                "WHERE greatest(xmin::text::bigint, xmax::text::bigint) > %s",
                [transaction_id],
            )
            if cursor.fetchone()[0]:
                found.add(table)
    return found


def asked(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"


def test_nothing_joins_a_card_to_its_answer(poll, client, caplog):
    caplog.set_level(logging.DEBUG)
    codes = shuffled(poll.codes)
    ((begun,),) = asked("SELECT pg_current_xact_id()::text::bigint")
    numbers = asked(SEQUENCES)
    store = by_the_page(client)
    done = 0
    for until in (1, 2, 7, 31, 50):  # at any moment
        poll.use(store, codes[done:until])
        done = until
        for model, village in product((EvaluationCard, WaitingAnswer), poll.codes):
            rows = rows_of(model, village.pk)
            for name in SYSTEM[1:]:
                assert len({row[name] for row in rows}) <= 1, (model, name)
        assert EvaluationCard.objects.filter(spent=True).count() == done
    found, way = attack(poll)
    assert found < CHANCE, way

    # And nothing else was written, counted or told.
    tables = {EvaluationCard._meta.db_table, WaitingAnswer._meta.db_table}
    assert written_since(begun) == tables
    assert asked(SEQUENCES) == numbers
    told = caplog.text + str(asked("SELECT query FROM pg_stat_activity"))
    for code in codes:
        assert code not in told
        assert mark_of(code) not in told
        assert poll.said[mark_of(code)] not in told
    assert not client.cookies


def test_counted_texts_are_joined_to_neither_card_nor_village(poll):
    poll.use(lambda code, answers: keep_answer(code=code, answers=answers), shuffled(poll.codes))
    assert count_waiting(round=poll.round) == 50
    assert not WaitingAnswer.objects.exists()
    texts = rows_of(EvaluationText)
    assert len({row["xmin"] for row in texts}) == 1
    cards = [row for row in rows_of(EvaluationCard) if row["spent"]]
    found, way = best_match(cards, texts, poll.said)
    assert found < CHANCE, way
    # Nor does the order of the texts show the one village before the other.
    first = {poll.said[mark_of(code)] for code in next(iter(poll.codes.values()))}
    for name in ("ctid", "id"):
        half = [row["text"] in first for row in sorted(texts, key=itemgetter(name))][:25]
        assert 3 <= sum(half) <= 22, name


def without_thinking(code, answers):
    """Both in one transaction, each where it comes to lie."""
    card = card_of(code)
    with transaction.atomic():
        assert EvaluationCard.objects.filter(pk=card.pk, spent=False).update(spent=True)
        WaitingAnswer.objects.create(round=card.round, village=card.village, **answers)


def without_mixing_answers(code, answers):
    card = card_of(code)
    with transaction.atomic():
        mix_cards(card.round_id, card.village_id, spend=card.mark)
        WaitingAnswer.objects.create(round=card.round, village=card.village, **answers)


@pytest.mark.parametrize("store", [without_thinking, without_mixing_answers])
def test_a_link_that_is_planted_is_found(poll, store):
    poll.use(store, shuffled(poll.codes))
    found, way = attack(poll)
    assert found == 25, way


def test_the_night_removes_the_dead_rows_and_nothing_else(poll):
    codes = shuffled(poll.codes)[:8]
    poll.use(lambda code, answers: keep_answer(code=code, answers=answers), codes)
    before = [sorted(model.objects.values_list()) for model in (EvaluationCard, WaitingAnswer)]
    size = f"SELECT pg_relation_size('{EvaluationCard._meta.db_table}')"
    ((full,),) = asked(size)
    forget_traces()
    after = [sorted(model.objects.values_list()) for model in (EvaluationCard, WaitingAnswer)]
    assert after == before
    assert asked(size)[0][0] <= full
    found, way = attack(poll)
    assert found < CHANCE, way
