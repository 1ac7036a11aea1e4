"""Where answers and a recorded visit do not fit: who is asked, who explains, who decides."""

from collections import defaultdict

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from feedback import patterns
from feedback.crosscheck import Check, check, verified
from feedback.estimates import Estimate
from feedback.models import Clarification
from feedback.patterns import Often
from feedback.services.clarifications import decide_gap, explain_gap, open_clarifications
from outreach.models import AuditEntry, Notification
from outreach.navigation import links_of
from outreach.roles import Role
from tests import evaluation
from tests import factories as make
from tests.conftest import MONTH, Place
from visits.services.errors import NotPossible
from visits.services.recording import void_visit


@pytest.fixture
def round(world):
    return evaluation.evaluation_round(world.home.county, state="closed", month=MONTH)


def opened(world, round):
    """The own village: nobody of ten says that somebody came."""
    evaluation.counts(round, world.own.village, 10, visited={2: 10})
    (row,) = open_clarifications(round=round, actor=world.home.office)
    return row


@pytest.mark.parametrize(
    ("yes", "no", "is_verified", "is_gap"),
    [
        (5, 5, True, False),
        (4, 6, False, False),
        (1, 9, False, True),
        (0, 8, False, True),
        (0, 7, False, False),
    ],
)
def test_half_of_those_who_say_yes_or_no_verify(world, round, yes, no, is_verified, is_gap):
    evaluation.counts(round, world.own.village, 20, visited={1: yes, 2: no, 3: 5})
    found = {row.village: row for row in check([round])}
    row = found[world.own.village.pk]
    assert (row.is_verified, row.is_gap) == (is_verified, is_gap)
    assert row.claimed == {world.own.unit.pk: 1}
    assert not found[world.other.village.pk].counts
    assert verified(found.values()) == Estimate.exact(int(is_verified), 1)


def test_what_a_unit_learns_never_says_that_all_said_the_same():
    """The range, whether it is asked, whether the visit is verified: all of it together."""
    for n in range(5, 60):
        told = defaultdict(set)
        for yes in range(n + 1):
            row = Check(None, 1, 1, Estimate.exact(yes, n), {1: 1})
            told[row.answers.veiled(), row.is_gap, row.is_verified].add(yes)
        assert not [said for said in told.values() if said in ({0}, {n})]


def test_without_a_recorded_visit_nothing_is_claimed(world, round):
    evaluation.counts(round, world.own.village, 10, visited={2: 10})
    void_visit(visit=world.own.visit, actor=world.own.cadre, reason="重复")
    found = {row.village: row for row in check([round])}
    assert not found[world.own.village.pk].claimed
    assert verified(found.values()) is None
    assert open_clarifications(round=round, actor=world.home.office) == []
    assert check([round], unit=world.own.unit) == []


def test_each_unit_that_claims_is_asked_once_and_calmly(world, round):
    second = Place(world.home)
    point = make.contact_point(second.unit, world.own.village, second.officer)
    make.visit(point, second.cadre)
    evaluation.counts(round, world.own.village, 10, visited={1: 1, 2: 9})
    evaluation.counts(round, world.other.village, 10, visited={1: 6, 2: 4})
    rows = open_clarifications(round=round, actor=world.home.office)
    assert {row.unit for row in rows} == {world.own.unit, second.unit}
    assert {(row.claimed, row.asked, row.yes) for row in rows} == {(1, 10, 1)}
    told = Notification.objects.filter(url__contains="clarification")
    assert {row.user for row in told} == {world.own.coordinator, second.coordinator}
    assert open_clarifications(round=round, actor=world.home.office) == []
    assert AuditEntry.objects.filter(action="Clarifications asked for").count() == 1


def test_only_the_county_asks_and_only_of_a_closed_round(world, round):
    for actor in (world.own.coordinator, world.abroad.office, world.home.admin):
        with pytest.raises(PermissionDenied):
            open_clarifications(round=round, actor=actor)
    round.state = "open"
    with pytest.raises(NotPossible):
        open_clarifications(round=round, actor=world.home.office)


def test_the_unit_explains_and_the_county_decides(world, round):
    row = opened(world, round)
    with pytest.raises(PermissionDenied):
        decide_gap(clarification=row, actor=world.home.office, text="知道了")
    for stranger in (world.own.cadre, world.other.coordinator, world.home.office):
        with pytest.raises(PermissionDenied):
            explain_gap(clarification=row, actor=stranger, text="去了")
    for wrong in (" ", "电话13812345678", "长" * 501):
        with pytest.raises(ValidationError):
            explain_gap(clarification=row, actor=world.own.coordinator, text=wrong)
    stale = Clarification.objects.get(pk=row.pk)
    explain_gap(clarification=row, actor=world.own.coordinator, text="去了北头自然村。")
    with pytest.raises(NotPossible):
        explain_gap(clarification=stale, actor=world.own.coordinator, text="再说一次")
    decide_gap(clarification=row, actor=world.home.office, text="下月请先到村委会打招呼。")
    row.refresh_from_db()
    assert (row.state, row.explained_by, row.decided_by) == (
        "decided",
        world.own.coordinator,
        world.home.office,
    )


def test_where_there_is_no_coordinator_the_cadre_explains(world, round):
    row = opened(world, round)
    waiting = Clarification.objects.waiting_for
    assert not waiting(world.own.cadre).exists()
    world.own.coordinator.is_active = False
    world.own.coordinator.save()
    assert waiting(world.own.cadre).get() == row
    explain_gap(clarification=row, actor=world.own.cadre, text="去了北头自然村。")
    assert waiting(world.home.office).get() == row
    (entry,) = [e for e in links_of(world.home.office) if e.url_name == "clarification_list"]
    assert entry.waiting == 1


def test_the_page_tells_the_unit_a_range_and_the_county_the_share(world, round, sign_in):
    url = opened(world, round).get_absolute_url()
    unit = sign_in(world.own.coordinator)
    assert "0–20%" in unit.get(url).content.decode()
    assert unit.post(url, {"text": "13812345678"}).status_code == 200
    assert unit.post(url, {"text": "去了北头自然村。"}).status_code == 302
    assert unit.post(url, {"text": "再说一次"}).status_code == 403
    office = sign_in(world.home.office)
    assert "去了北头自然村。" in office.get(url).content.decode()
    assert office.post(url, {"text": "知道了。"}).status_code == 302
    assert "知道了。" in unit.get(url).content.decode()
    assert sign_in(world.other.coordinator).get(url).status_code == 404


# Patterns ----------------------------------------------------------------------------------------


def test_only_what_chance_does_not_explain_is_named():
    usual = [Often(unit, 20, 100) for unit in range(1, 20)]
    named, expected = patterns.striking([*usual, Often(20, 60, 100), Often(21, 3, 4)], usual=0.2)
    assert [row.unit for row in named] == [20]
    assert 0.2 < expected < 0.25
    assert patterns.striking([]) == ([], 0.0)


def test_the_tail_is_the_binomials():
    assert patterns.chance(9, 10, 0.5) == pytest.approx(11 / 1024)
    assert patterns.chance(0, 10, 0.5) == 1.0
    assert patterns.chance(1900, 2000, 0.5) < 1e-100


def test_twelve_months_on_one_page(world, sign_in):
    april = MONTH.replace(month=4)
    for month in (april, MONTH):
        round = evaluation.evaluation_round(world.home.county, state="closed", month=month)
        evaluation.counts(round, world.own.village, 10, visited={1: 4, 2: 6})
    make.visit(
        world.own.contact_point, world.own.cadre, started_at=make.moment(april.replace(day=25))
    )
    for _ in range(6):
        row = make.visit(world.own.contact_point, world.own.cadre)
        row.talks.update(people=30)
        row = make.feedback(row, world.own.cadre)
        type(row).objects.filter(pk=row.pk).update(marks=[{"code": "same_text", "field": "x"}])
    span = april, MONTH
    (own, other) = patterns.round_counts(world.home.county.pk, *span)
    assert (own.often, own.of, other.often) == (6, 8, 0)
    (alike,) = patterns.alike(world.home.county.pk, *span)
    assert (alike.often, alike.of) == (6, 6)
    page = sign_in(world.home.office).get(reverse("evaluation_patterns"))
    ((village, checks),) = page.context["villages"]
    assert (village, len(checks)) == (world.own.village, 2)
    assert sign_in(world.own.coordinator).get(reverse("evaluation_patterns")).status_code == 404


def test_where_no_record_was_sent_no_share_is_told(db, sign_in):
    office = sign_in(make.user(Role.COUNTY, county=make.county()))
    page = office.get(reverse("evaluation_patterns"))
    assert page.context["alike_usual"] is None
    assert "这几个月还没有提交过记录" in page.content.decode()


# Pages of results --------------------------------------------------------------------------------


def test_the_county_sees_places_and_a_unit_its_own_village(world, round, sign_in):
    evaluation.counts(round, world.own.village, 10, visited={1: 10})
    evaluation.counts(round, world.other.village, 10, visited={1: 5, 2: 5})
    office = sign_in(world.home.office)
    url = reverse("evaluation_results", args=[round.pk])
    for by, rows in (("township", 1), ("village", 2), ("unit", 2)):
        page = office.get(url, {"by": by})
        assert len(page.context["rows"]) == rows
    assert "75%" in page.content.decode()
    assert office.get(url, {"by": "officer"}).status_code == 404
    page = sign_in(world.own.cadre).get(reverse("evaluation_newest"))
    (row,) = page.context["rows"]
    assert row.name == world.own.village.name
    assert row.cells[0][1] == Estimate(10, 8, 10)
    assert world.other.village.name not in page.content.decode()


@pytest.mark.parametrize("state", ["draft", "drawn", "open", "cancelled"])
def test_no_page_of_a_round_that_is_not_closed(world, sign_in, state):
    reason = {"reason": "印错了"} if state == "cancelled" else {}
    row = evaluation.evaluation_round(world.home.county, state=state, month=MONTH, **reason)
    for name in ("evaluation_results", "evaluation_texts", "evaluation_crosscheck"):
        for role in Role:
            page = sign_in(world.person(role)).get(reverse(name, args=[row.pk]))
            assert page.status_code == 404, (name, role)
    assert sign_in(world.home.office).get(reverse("evaluation_newest")).status_code == 200
