"""What villagers answered, on dashboards, in the indicators and in the monthly report."""

import io
import json
from datetime import date, datetime
from io import StringIO
from random import Random

import openpyxl
import pytest
from django.core.management import call_command
from django.urls import reverse

from feedback import results
from feedback.crosscheck import check
from feedback.estimates import Estimate
from feedback.models import RoundVillage, SampledHousehold
from feedback.services.clarifications import open_clarifications
from outreach import clock
from reports import indicators, snapshots, sql
from reports.asking import run, span
from reports.dashboards import board
from reports.dashboards.scope import Scope
from reports.documents import workbook
from reports.documents.wording import compose, generated
from reports.figures import Rate
from reports.models import Report
from tests import evaluation
from tests import factories as make
from tests.conftest import MONTH, Place
from tests.reports.frozen import snapshot
from visits.models import Visit

APRIL = MONTH.replace(month=4)


@pytest.fixture
def asked(world):
    """May is answered: the own village knows and confirms, the other does not, a third is few."""
    round = evaluation.evaluation_round(world.home.county, state="closed", month=MONTH)
    evaluation.topic_question(round, world.home.topic, right=2)
    few = Place(world.home, make.township(world.home.county))
    evaluation.counts(round, world.own.village, 10, visited={1: 9, 2: 1}, topic1={2: 8, 5: 2})
    evaluation.counts(round, world.other.village, 10, visited={1: 1, 2: 9}, topic1={2: 2, 1: 8})
    evaluation.counts(round, few.village, 6, visited={1: 2, 2: 2, 3: 2}, topic1={2: 4})
    for place in (world.own, world.other, few):
        place.line.topics.add(world.home.topic)
    world.few = few
    return round


def known(read):
    (topic,) = read.topics
    return topic.known


def test_each_part_is_told_who_knows_and_what_is_confirmed(world, asked):
    """The third village's four answers stand nowhere: they could be told apart."""
    county = world.home.county.pk
    whole = board.read(Scope(county, MONTH))
    assert (known(whole), whole.verified) == (Estimate.exact(10, 20), Rate(1, 2))
    (told,) = results.read([asked])
    assert told.total("topic1") == known(whole)
    township = board.read(Scope(county, MONTH, township=world.home.township.pk))
    assert (known(township), township.verified) == (Estimate.exact(10, 20), Rate(1, 2))
    elsewhere = board.read(Scope(county, MONTH, township=world.few.village.township_id))
    assert (known(elsewhere), elsewhere.verified) == (None, Rate(0, 0))
    unit = board.read(Scope(county, MONTH, unit=world.own.unit.pk))
    assert (known(unit), unit.verified) == (Estimate(10, 8, 10), Rate(1, 1))
    officer = Scope(county, MONTH, unit=world.own.unit.pk, officer=world.own.officer.pk)
    assert known(board.read(officer)) == Estimate(10, 8, 10)
    reader = Scope(county, MONTH, township=world.home.township.pk, opens=False)
    assert known(board.read(reader)) == Estimate(20, 8, 12)


def test_an_officers_rate_goes_by_their_obligations(world, asked):
    """Whoever went in their place, and whoever holds the village since."""
    stood_in = make.officer(world.own.unit)
    Visit.objects.filter(pk=world.own.visit.pk).update(officer=stood_in)
    found = [
        board.read(
            Scope(world.home.county.pk, MONTH, unit=world.own.unit.pk, officer=officer.pk)
        ).verified
        for officer in (world.own.officer, stood_in)
    ]
    assert found == [Rate(1, 1), Rate(0, 0)]


DAYS = [date(2026, month, day) for month in (2, 3, 4) for day in (1, 2, 15, 27, 28)]


@pytest.mark.parametrize("seed", range(3))
def test_who_held_and_claimed_a_village_is_one_rule(world, seed):
    """The dashboards' statement, the results and the list of villages, on villages handed over."""
    random, county = Random(seed), world.home.county
    units = [make.unit(county) for _n in range(3)]
    cadres = {unit.pk: make.cadre(unit) for unit in units}
    villages = [make.village(world.home.township) for _n in range(6)]
    for village in villages:
        first, until, last = sorted(random.sample(DAYS, 3))
        periods = [(first, until - clock.ONE_DAY), (until, random.choice([last, None]))]
        for unit, (begin, end) in zip(random.sample(units, 2), periods, strict=True):
            actor = cadres[unit.pk]
            point = make.contact_point(unit, village, actor.officer, first=begin, last=end)
            days = [day for day in DAYS if begin <= day and (end is None or day <= end)]
            for day in days[: random.randint(0, 1)]:
                with clock.at(make.moment(day, 20)):
                    make.visit(point, actor, started_at=make.moment(day))
    spans = [(date(2026, 3, 1), date(2026, 3, 1)), (date(2026, 4, 1), date(2026, 4, 1))]
    for first, last in spans:
        round = evaluation.evaluation_round(county, state="closed", month=first, last_month=last)
        for village in villages:
            evaluation.counts(round, village, 6, visited={1: 3, 2: 3})
            evaluation.round_village(round, village)
        for unit in units:
            asked = span(county.pk, first, last, unit=unit.pk)
            rows = run(sql.EVALUATED, asked)
            held = {row["village"] for row in rows if row["inside"]}
            assert held == results.holdings(round, unit=unit.pk).get(unit.pk, set())
            seen = RoundVillage.objects.visible_to(cadres[unit.pk]).filter(round=round)
            assert held == set(seen.values_list("village", flat=True))
            claimed = {row["village"] for row in rows if row["claimed"]}
            assert claimed == {row.village for row in check([round], unit=unit.pk)}


def test_other_months_and_open_rounds_tell_nothing(world, asked):
    assert board.read(Scope(world.home.county.pk, APRIL)).verified == Rate(0, 0)
    asked.state, asked.closed_at = "open", None
    asked.save()
    read = board.read(Scope(world.home.county.pk, MONTH))
    assert (known(read), read.verified) == (None, Rate(0, 0))


def test_the_indicators_say_what_the_dashboards_say(world, asked):
    county = world.home.county
    assert indicators.verified(county.pk, MONTH) == {None: Rate(1, 2)}
    by_unit = indicators.verified(county.pk, MONTH, by="unit")
    assert by_unit[world.own.unit.pk] == Rate(1, 1)
    assert by_unit[world.few.unit.pk] == Rate(0, 0)
    by_township = indicators.verified(county.pk, APRIL, MONTH, by="township")
    assert by_township[world.home.township.pk] == Rate(1, 2)
    out = StringIO()
    asked = ("--county", county.code, "--month", "2026-05", "--json")
    call_command("indicators", *asked, stdout=out)
    (said,) = json.loads(out.getvalue())
    assert said["rates"]["verified"] == {"numerator": 1, "denominator": 2, "value": 0.5}
    assert said["topics"][0]["known"] == {"n": 20, "least": 10, "most": 10}


def test_the_pages_show_it(world, asked, sign_in):
    page = sign_in(world.home.office).get(reverse("county_month")).content.decode()
    assert "50%" in page
    page = sign_in(world.own.coordinator).get(reverse("unit_month")).content.decode()
    assert "80–100%" in page


# The monthly report ------------------------------------------------------------------------------


def taken(world, month=MONTH):
    made = snapshots.take(Report(county=world.home.county, month=month, revision=1))
    return json.loads(json.dumps(made))


def test_the_report_freezes_counts_and_no_answer(world, asked):
    place = evaluation.round_village(asked, world.own.village)
    with evaluation.by_hand():
        for n, outcome in enumerate(["", "refused", "absent", "absent"]):
            SampledHousehold.objects.create(
                round_village=place, position=n, number=f"1组-{n:03}", outcome=outcome
            )
    open_clarifications(round=asked, actor=world.home.office)
    (row,) = taken(world)["evaluation"]
    assert (row["villages"], row["asked"], row["refused"], row["absent"]) == (1, 4, 1, 2)
    assert (row["answered"], row["verified"]) == (26, [1, 2])
    assert row["clarifications"] == {"opened": 1, "decided": 0}
    told = [{"n": 20, "least": 10, "most": 10}] * 2
    assert [each["answers"] for each in row["said"]] == told
    assert str(world.own.village) not in json.dumps(row)


def test_of_one_village_the_report_tells_what_the_village_is_told(world):
    """Report, frozen topics and the unit's own page say the same range."""
    round = evaluation.evaluation_round(world.home.county, state="closed", month=MONTH)
    evaluation.topic_question(round, world.home.topic, right=2)
    evaluation.counts(round, world.own.village, 6, visited={1: 2, 2: 4}, topic1={2: 2, 1: 4})
    world.own.line.topics.add(world.home.topic)
    frozen, range_ = taken(world), {"n": 6, "least": 0, "most": 2}
    said = {each["question"]: each["answers"] for each in frozen["evaluation"][0]["said"]}
    assert said == {"visited": range_, "topic1": range_}
    assert [row["known"] for row in frozen["topics"]] == [range_]
    assert known(board.read(Scope(world.home.county.pk, MONTH, unit=world.own.unit.pk))) == (
        Estimate(**range_)
    )


def test_a_round_is_told_in_its_months_and_in_the_one_it_ended_in(world):
    asked = evaluation.evaluation_round(
        world.home.county,
        state="closed",
        month=APRIL,
        closed_at=datetime(2026, 5, 1, 0, 30, tzinfo=clock.SHANGHAI),
    )
    found = [bool(taken(world, clock.add_months(MONTH, n))["evaluation"]) for n in (-1, 0)]
    assert found == [True, True]
    asked.closed_at = datetime(2026, 4, 30, 23, 30, tzinfo=clock.SHANGHAI)
    asked.save()
    assert taken(world)["evaluation"] == []


ROUND = {
    "first_month": "2026-10-01",
    "last_month": "2026-10-01",
    "villages": 20,
    "asked": 240,
    "answered": 212,
    "refused": 9,
    "absent": 19,
    "verified": [17, 20],
    "said": [
        {"question": "visited", "topic": "", "answers": [160, 190]},
        {"question": "topic1", "topic": "医保缴费", "answers": [150, 200]},
        {"question": "visits", "topic": "", "answers": [180, 200]},
    ],
    "clarifications": {"opened": 2, "decided": 1},
}


def test_the_chapter_says_it_in_official_chinese():
    said = generated(snapshot(evaluation=[ROUND]))
    assert said["evaluation"] == (
        "关于2026年10月的群众测评，在20个村随机抽取240户，收回答卷212份，"
        "不愿回答9户、多次上门未遇19户。有走访记录且答卷不少于5份的20个村中，"
        "群众印证有人来过的17个，印证率85.0%（17/20，95%置信区间64.0%至94.8%）。"
    )
    assert said["evaluation_said"] == (
        "群众对宣传内容的知晓率：“医保缴费”75.0%（150/200，95%置信区间68.6%至80.5%）。"
        "对走访的满意率90.0%（180/200，95%置信区间85.1%至93.4%）。"
    )
    assert said["evaluation_gaps"] == (
        "群众回答与走访记录不一致、请单位说明情况2件，已有处理意见1件。"
    )


def test_the_workbook_has_each_rate_with_its_interval():
    ranged = {"question": "visits", "topic": "", "answers": {"n": 8, "least": 6, "most": 8}}
    said = snapshot(evaluation=[ROUND, ROUND | {"verified": None, "said": [ranged]}])
    book = openpyxl.load_workbook(io.BytesIO(workbook.render(said, compose(said))))
    _note, _head, *rows = ([cell.value for cell in row] for row in book["群众测评"].iter_rows())
    assert [row[1:5] for row in rows] == [
        ["印证率", "个村", 17, 20],
        ["知晓率：医保缴费", "份答卷", 150, 200],
        ["对走访的满意率", "份答卷", 180, 200],
        ["对走访的满意率", "份答卷", "6至8", 8],
    ]
    assert rows[3][5] == "75%至100%"
    assert rows[0][5:] == pytest.approx([0.85, 0.640, 0.948], abs=5e-4)
    assert {cell.number_format for cell in book["群众测评"][3][5:]} == {"0.0%"}


def test_the_chapter_tells_a_range_as_one():
    ranged = {"question": "visits", "topic": "", "answers": {"n": 8, "least": 6, "most": 8}}
    said = generated(snapshot(evaluation=[ROUND | {"said": [ranged]}]))["evaluation_said"]
    assert said == (
        "对走访的满意率75%至100%（8份答卷，为保护答卷人只列范围，95%置信区间40.9%至100.0%）。"
    )


def test_what_is_not_known_is_left_out():
    bare = ROUND | {"answered": 0, "refused": 0, "absent": 0, "verified": None, "said": []}
    said = generated(snapshot(evaluation=[bare | {"clarifications": {"opened": 0}}]))
    assert said["evaluation"].endswith("随机抽取240户，收回的答卷不足以公布结果。")
    assert not said.get("evaluation_said")


@pytest.mark.parametrize("frozen", [{}, {"evaluation": []}])
def test_without_a_round_there_is_no_chapter(frozen):
    assert "群众测评" not in "".join(row.text for row in compose(snapshot(**frozen)).paragraphs)
