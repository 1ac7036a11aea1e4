"""What was previewed is applied without deciding it again, and never when the registry moved."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from contact_points import tasks
from contact_points.models import (
    Alias,
    ContactPoint,
    ImportRun,
    ImportTrail,
    Officer,
    Township,
    Unit,
    Village,
)
from contact_points.services import imports
from contact_points.services.answers import answer_question, correct_cell
from contact_points.services.kinds import plan_again
from contact_points.services.lookup import Registry
from contact_points.services.planning import Planner
from contact_points.services.registry import close_contact_point
from outreach.models import AuditEntry
from tests import factories
from tests.contact_points.lists import apply, confirm, row
from tests.contact_points.test_matching import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]
NEW_YEAR = date(2026, 1, 1)


@pytest.fixture
def town():
    """县民政局 holds two villages since last year, one of them with two people."""
    town = Town()
    town.unit = town.units["县民政局"]
    town.officer = factories.officer(town.unit, name="张老", post="科员")
    town.second = factories.officer(town.unit, name="赵敏")
    town.old = [
        factories.contact_point(
            town.unit, town.villages["官亭镇", name], town.officer, first=NEW_YEAR - timedelta(365)
        )
        for name in ("后辛庄村委会", "赵家庄村委会")
    ]
    town.old[1].co_officers.add(town.second)
    return town


def everything(town):
    """A list that opens, hands over, changes and leaves out, with new people and several."""
    return town.read(
        row(township="官亭镇", village="后辛庄", unit="民政局", officer="王建国", first=NEW_YEAR),
        row(
            township="官亭镇",
            village="大屯头一村",
            unit="民政局",
            officer="王建国、李爱民",
            post="局长、科员",
            telephone="13800001111、13800002222",
            note="“甲”\\乙",
        ),
        row(
            township="官亭镇",
            village="大屯头二村",
            unit="民政局",
            officer="李爱民",
            telephone="13800002222",
            last=date(2026, 6, 30),
        ),
        row(township="张王疃乡", village="西街村委会", unit="县委宣传部", officer="孙红"),
        row(township="苏营镇", village="刘家庄", unit="民政局", officer="张老", post="局长"),
        row(township="官亭镇", village="赵家庄", unit="无此单位", officer="孙红"),
    )


def written():
    """What applying leaves: registry and audit, without ids that differ between two runs."""
    points = [
        (p.unit.name, p.village.code, p.people, p.period, p.note)
        for p in ContactPoint.objects.order_by("unit", "village", "period")
    ]
    people = sorted(Officer.objects.values_list("unit", "name", "sort_key", "post", "telephone"))
    entries = AuditEntry.objects.exclude(bulk_id=None).exclude(action="List applied")
    told = sorted(
        str(entry) for entry in entries.values_list("action", "object_label", "before", "after")
    )
    return points, people, told


def test_what_was_kept_writes_what_deciding_again_would(town, monkeypatch):
    run = everything(town)
    key, candidates = run.questions[0]["key"], run.questions[0]["candidates"]
    run = answer_question(run=run, key=key, answer=candidates[0][0], actor=town.admin)
    run = correct_cell(run=run, number=7, column="unit", text="县委宣传部", actor=town.admin)
    assert [run.counts[kind] for kind in ("new", "changed", "left")] == [5, 1, 1]
    run = confirm(run, town.admin)
    run.closes = run.left
    run.save(update_fields=["closes"])
    decided, found = [], []
    plan = Planner.plan
    monkeypatch.setattr(Planner, "plan", lambda self, row: decided.append(row) or plan(self, row))
    for known in (run.registry_sha256, "another"):
        with transaction.atomic():
            ImportRun.objects.filter(pk=run.pk).update(registry_sha256=known)
            assert imports.apply_import(run=run, plan_sha256=run.plan_sha256, actor=town.admin)
            trail = ImportTrail.objects.get(run=run).content
            found.append((len(decided), written(), {name: len(trail[name]) for name in trail}))
            transaction.set_rollback(True)
    (none, kept, kept_trail), (all_rows, again, again_trail) = found
    assert (none, all_rows) == (0, 6)
    assert (kept, kept_trail) == (again, again_trail)
    points, people, told = kept
    assert [(p[2], p[4]) for p in points if p[4]] == [("王建国、李爱民", "“甲”\\乙")]
    assert {person[1:] for person in people} >= {
        ("张老", "", "局长", ""),
        ("李爱民", "li ai min", "科员", "13800002222"),
        ("王建国", "wang jian guo", "局长", "13800001111"),
        ("孙红", "sun hong", "", ""),
    }
    assert (len(points), len(told)) == (8, 12)


def rename(model, old, new):
    return lambda town: model.objects.filter(county=town.county, name=old).update(name=new)


def apply_another(town):
    apply(town.one(village="大屯头一村", officer="孙红"), town.admin)


CHANGES = {
    "an officer renamed": rename(Officer, "张老", "张大老"),
    "an officer's post": lambda town: Officer.objects.filter(name="张老").update(post="局长"),
    "an officer left": lambda town: Officer.objects.filter(name="张老").update(
        left_on=date(2025, 6, 1)
    ),
    "a namesake": lambda town: factories.officer(town.unit, name="张老"),
    "a newcomer by hand": lambda town: factories.officer(town.unit, name="王建国"),
    "a unit renamed": rename(Unit, "县民政局", "县社会工作部"),
    "a unit added": lambda town: factories.unit(town.county, name="民政局"),
    "a village renamed": rename(Village, "大屯头一村村委会", "大屯头东村村委会"),
    "a village added": lambda town: factories.village(
        town.villages["官亭镇", "赵家庄村委会"].township, name="大屯头一村居委会"
    ),
    "a village merged": lambda town: Village.objects.filter(name="大屯头一村村委会").update(
        merged_into=town.villages["官亭镇", "赵家庄村委会"]
    ),
    "two villages of swapped names": lambda town: [
        Village.objects.filter(code=town.villages["官亭镇", a].code).update(name=b)
        for a, b in (
            ("大屯头一村村委会", "大屯头二村村委会"),
            ("大屯头二村村委会", "大屯头一村村委会"),
        )
    ],
    "a township renamed": rename(Township, "官亭镇", "官厅镇"),
    "an alias": lambda town: Alias.objects.create(
        county=town.county,
        kind="village",
        context=town.villages["官亭镇", "赵家庄村委会"].township,
        text="大屯头一",
        village=town.villages["官亭镇", "赵家庄村委会"],
    ),
    "an alias of a unit": lambda town: Alias.objects.create(
        county=town.county, kind="unit", text="民政局", unit=town.units["县委宣传部"]
    ),
    "a contact point closed": lambda town: close_contact_point(
        contact_point=town.old[0], last_day=date(2025, 6, 30), actor=town.admin
    ),
    "a contact point opened": lambda town: factories.contact_point(
        town.unit, town.villages["官亭镇", "大屯头一村村委会"], town.officer
    ),
    "a contact point noted": lambda town: ContactPoint.objects.update(note="手工"),
    "a contact point removed": lambda town: town.old[0].delete(),
    "another officer holds it": lambda town: ContactPoint.objects.update(officer=town.second),
    "nobody beside": lambda town: town.old[1].co_officers.clear(),
    "another list": apply_another,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_registry_that_moved_is_never_written_by_an_old_preview(town, change):
    run = town.read(
        row(township="官亭镇", village="后辛庄", unit="民政局", officer="张老", note="甲"),
        row(township="官亭镇", village="赵家庄", unit="民政局", officer="张老、赵敏", note="乙"),
        row(township="官亭镇", village="大屯头一村", unit="民政局", officer="张老", post="主任"),
        row(township="官亭镇", village="大屯头二村", unit="民政局", officer="王建国"),
    )
    assert run.rows_to_apply == 4
    run = confirm(run, town.admin)
    change(town)
    before = written()
    assert Registry(town.county.pk).sha256 != run.registry_sha256
    tasks.apply_list(str(run.job_id))
    run = ImportRun.objects.get(pk=run.pk)
    assert (run.state, written()) == (ImportRun.State.READY, before)
    assert "changed since the preview" in run.message
    # The new preview is the one that would be made now, and it can be applied.
    fresh = plan_again(run)
    assert (run.plan_sha256, run.counts) == (fresh.sha256, fresh.counts)
    assert list(run.rows.values_list("outcome", "writes")) == [
        (p.outcome, writes) for p, writes in zip(fresh.rows, fresh.writes, strict=True)
    ]
    if run.rows_to_apply:
        assert apply(run, town.admin).state == ImportRun.State.APPLIED


def test_a_change_that_no_row_means_is_looked_at_and_does_no_harm(town):
    run = confirm(everything(town), town.admin)
    factories.unit(town.county, name="县气象局")
    Officer.objects.filter(name="张老").update(telephone="13900001111")
    assert Registry(town.county.pk).sha256 != run.registry_sha256
    assert imports.apply_import(run=run, plan_sha256=run.plan_sha256, actor=town.admin)


def test_what_happens_elsewhere_leaves_the_registry_the_same(town):
    known = Registry(town.county.pk).sha256
    abroad = factories.county()
    unit = factories.unit(abroad)
    factories.contact_point(unit, factories.village(factories.township(abroad)))
    Alias.objects.create(county=abroad, kind="unit", text="甲", unit=unit)
    Alias.objects.create(county=town.county, kind="header", text="甲", column="unit")
    assert Registry(town.county.pk).sha256 == known


def test_a_preview_kept_before_there_were_decisions_is_compared_again(town):
    run = confirm(everything(town), town.admin)
    run.rows.update(writes="")
    ImportRun.objects.filter(pk=run.pk).update(registry_sha256="")
    assert imports.apply_import(run=run, plan_sha256=run.plan_sha256, actor=town.admin)
    assert ContactPoint.objects.count() > 2
