"""A person answers what a list asks and corrects its cells; the registry stays untouched."""

import pytest
from django.core.exceptions import PermissionDenied

from contact_points.models import Alias, ContactPoint, Officer
from contact_points.services.answers import answer_question, correct_cell
from contact_points.services.imports import NotPossible
from outreach.models import AuditEntry
from outreach.roles import Role
from tests import factories
from tests.contact_points.lists import apply, outcomes, row, upload, xlsx
from tests.contact_points.test_matching import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


@pytest.fixture
def town():
    return Town()


def answer(run, actor, text=None, *, key=None):
    """Answer the first question, with its first candidate unless told otherwise."""
    question = run.questions[0] if run.questions else {}
    text = question["candidates"][0][0] if text is None else text
    return answer_question(run=run, key=key or question["key"], answer=text, actor=actor)


def test_one_answer_settles_all_its_rows_and_is_remembered(town):
    rows = [
        row(village=name, township="苏营镇", unit="县民政局", officer="王建国")
        for name in ("刘家庄", "苏家营")
    ]
    run = answer(town.read(*rows), town.admin)
    assert outcomes(run) == ["new", "new"]
    assert (run.questions, run.counts["asks"]) == ([], 0)
    assert not ContactPoint.objects.exists()
    assert Alias.objects.get().target.name == "苏家营镇"
    entry = AuditEntry.objects.get(action="Question of a list answered")
    assert entry.after == {"column": "township", "value": "苏营镇", "answer": "苏家营镇"}
    assert outcomes(town.read(*rows)) == ["new", "new"]


def test_an_alias_of_a_village_holds_in_its_township_only(town):
    run = answer(town.one(village="大屯头1村"), town.admin)
    assert outcomes(run) == ["new"]
    apply(run, town.admin)
    assert ContactPoint.objects.get().village.name == "大屯头一村村委会"
    assert outcomes(town.one(village="大屯头1村")) == ["unchanged"]
    assert outcomes(town.one(village="大屯头1村", township="苏家营镇")) == ["asks"]


def test_namesakes_are_answered_row_by_row_and_never_remembered(town):
    cells = {"village": "赵家庄", "unit": "县民政局", "officer": "王建国"}
    run = town.read(row(**cells), row(**cells))
    assert len(run.questions) == 2
    first, second = run.questions
    run = answer(run, town.admin, first["candidates"][0][0], key=first["key"])
    assert outcomes(run) == ["new", "asks"]
    run = answer(run, town.admin, second["candidates"][1][0], key=second["key"])
    apply(run, town.admin)
    assert {p.village.township.name for p in ContactPoint.objects.all()} == {"官亭镇", "张王疃乡"}
    assert not Alias.objects.exists()


def test_anything_of_the_county_may_be_meant_and_nothing_else(town):
    other = town.units["县发展和改革局"]
    run = town.one(unit="计经委")
    stranger = factories.unit(factories.county())
    for wrong in (str(stranger.pk), "new", "-1", "9" * 30, "x"):
        with pytest.raises(NotPossible):
            answer(run, town.admin, wrong)
    run = answer(run, town.admin, str(other.pk))
    assert outcomes(run) == ["new"]


def test_what_is_skipped_stays_out_and_can_be_asked_again(town):
    run = answer(town.one(unit="无此单位"), town.admin, "skip")
    assert outcomes(run) == ["rejected"]
    assert run.questions == []
    (key,) = run.answers
    run = answer(run, town.admin, "", key=key)
    assert outcomes(run) == ["asks"]
    assert run.answers == {}


def test_an_answer_taken_back_takes_its_alias_back(town):
    run = answer(town.one(township="官亭乡"), town.admin)
    assert Alias.objects.exists()
    run = answer(run, town.admin, "", key=next(iter(run.answers)))
    assert outcomes(run) == ["asks"]
    assert not Alias.objects.exists()


def test_a_namesake_officer_is_chosen_or_new(town):
    for post in ("科员", "局长"):
        factories.officer(town.units["县民政局"], name="王建国", post=post)
    run = answer(town.one(post="局长"), town.admin)
    assert outcomes(run) == ["new"]
    run = answer(town.one(), town.admin, "new")
    apply(run, town.admin)
    assert Officer.objects.filter(name="王建国").count() == 3


def test_a_corrected_cell_is_checked_again_and_the_original_kept(town):
    run = town.one(telephone="不详", first="某日")
    assert outcomes(run) == ["rejected"]
    run = correct_cell(
        run=run, number=2, column="telephone", text=" 138 0000 1111", actor=town.admin
    )
    assert outcomes(run) == ["rejected"]
    run = correct_cell(run=run, number=2, column="first_day", text="2026.3.5", actor=town.admin)
    assert outcomes(run) == ["new"]
    kept = run.rows.get()
    assert kept.values["first_day"] == "2026-03-05"
    assert (kept.original["telephone"], kept.original["first_day"]) == ("不详", "某日")
    assert AuditEntry.objects.filter(action="Cell of a list corrected").count() == 2
    assert not ContactPoint.objects.exists()
    apply(run, town.admin)
    assert ContactPoint.objects.get().first_day.isoformat() == "2026-03-05"


def test_a_problem_of_the_reader_goes_with_its_cell(town):
    run = town.one()
    run.rows.update(
        problems=[{"column": "note", "text": "“%(text)s” is an error.", "params": {"text": "#N/A"}}]
    )
    run = correct_cell(run=run, number=2, column="post", text="局长", actor=town.admin)
    assert outcomes(run) == ["rejected"]
    assert run.rows.get().remarks[0][1] == "“#N/A” is an error."
    run = correct_cell(run=run, number=2, column="note", text="", actor=town.admin)
    assert outcomes(run) == ["new"]


def test_nothing_is_changed_by_strangers_or_after_applying(town):
    run = town.one(unit="无此单位")
    stranger = factories.user(Role.ADMIN, county=factories.county())
    with pytest.raises(PermissionDenied):
        answer(run, stranger, "skip")
    with pytest.raises(PermissionDenied):
        correct_cell(run=run, number=2, column="unit", text="县民政局", actor=stranger)
    for number, column in ((9, "unit"), (2, "nothing")):
        with pytest.raises(NotPossible):
            correct_cell(run=run, number=number, column=column, text="", actor=town.admin)
    with pytest.raises(NotPossible):
        answer(run, town.admin, "skip", key="unit||another")
    done = apply(town.one(), town.admin)
    with pytest.raises(NotPossible):
        correct_cell(run=done, number=2, column="note", text="x", actor=town.admin)


def test_an_answer_makes_an_older_preview_unconfirmable(town):
    run = upload(
        town.admin,
        xlsx(
            row(village="后辛庄", township="官亭镇", unit="县民政局", officer="王建国"),
            row(village="西街村", township="张王疃乡", unit="无此单位", officer="王建国"),
        ),
    )
    shown = run.plan_sha256
    assert answer(run, town.admin, "skip").plan_sha256 != shown
