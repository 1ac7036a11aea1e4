"""This year's list over last year's: who joined, left, changed hands; nothing closes by itself."""

from datetime import date, timedelta

import pytest

from contact_points.models import ContactPoint
from contact_points.services import imports
from outreach.models import AuditEntry
from tests import factories
from tests.contact_points.lists import apply, confirm, outcomes, row
from tests.contact_points.test_matching import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]
NEW_YEAR = date(2026, 1, 1)


@pytest.fixture
def town():
    """Last year 县民政局 held two villages and 县委宣传部 one."""
    town = Town()
    town.old = [
        factories.contact_point(
            town.units[unit], town.villages[place], first=NEW_YEAR - timedelta(365)
        )
        for unit, place in (
            ("县民政局", ("官亭镇", "后辛庄村委会")),
            ("县民政局", ("官亭镇", "赵家庄村委会")),
            ("县委宣传部", ("张王疃乡", "西街村委会")),
        )
    ]
    return town


def here(**cells):
    return row(**{"township": "官亭镇", "village": "后辛庄", "unit": "县民政局"} | cells)


def test_what_the_list_does_not_name_is_shown_and_stays(town):
    known = town.old[0].officer.name
    run = town.read(here(officer=known), here(village="大屯头一村", officer="王建国"))
    assert outcomes(run) == ["unchanged", "new"]
    # Those of a unit that the list speaks of stand first.
    assert run.left == [town.old[1].pk, town.old[2].pk]
    assert run.counts["left"] == 2
    run = apply(run, town.admin)
    assert run.counts["closed"] == 0
    assert not ContactPoint.objects.filter(period__endswith__isnull=False).exists()


def test_a_person_closes_those_that_ended(town):
    run = town.read(here(officer=town.old[0].officer.name))
    run = imports.confirm_import(
        run=run,
        sha256=run.sha256,
        plan_sha256=run.plan_sha256,
        actor=town.admin,
        close={town.old[1].pk, town.old[0].pk},
    )
    assert run.closes == [town.old[1].pk]
    imports.apply_import(run=run, plan_sha256=run.plan_sha256, actor=town.admin)
    town.old[1].refresh_from_db()
    assert town.old[1].last_day == date(2025, 12, 31)
    assert ContactPoint.objects.get(pk=town.old[2].pk).last_day is None
    entry = AuditEntry.objects.get(action="Contact point closed")
    assert entry.bulk_id == run.bulk_id


def test_all_may_be_closed_at_once_but_for_what_began_that_day(town):
    young = factories.contact_point(
        town.units["县委办公室"], town.villages["苏家营镇", "刘家庄村委会"], first=NEW_YEAR
    )
    run = town.read(here(officer=town.old[0].officer.name))
    assert young.pk in run.left
    imports.apply_import(run=run, plan_sha256=run.plan_sha256, actor=None, close=True)
    run.refresh_from_db()
    assert run.counts["closed"] == 2
    assert ContactPoint.objects.get(pk=young.pk).last_day is None


def test_a_row_that_asks_keeps_the_contact_points_it_may_mean(town):
    run = town.read(here(village="新庄", officer="王建国"))
    assert outcomes(run) == ["asks"]
    assert run.left == [town.old[2].pk]


def test_a_change_of_hands_and_a_later_end_are_no_leaving(town):
    run = town.read(
        here(officer="王建国", first=NEW_YEAR),
        here(village="赵家庄", officer=town.old[1].officer.name, last=date(2026, 6, 30)),
    )
    assert outcomes(run) == ["changed", "changed"]
    assert run.left == [town.old[2].pk]


def test_the_registry_moving_on_makes_a_new_preview(town):
    run = town.read(
        here(officer=town.old[0].officer.name), here(village="大屯头一村", officer="甲乙")
    )
    run = confirm(run, town.admin)
    factories.contact_point(
        town.units["县委宣传部"], town.villages["官亭镇", "后辛庄村委会"], first=NEW_YEAR
    )
    assert not imports.apply_import(run=run, plan_sha256=run.plan_sha256, actor=town.admin)
    run.refresh_from_db()
    assert run.state == "ready"
    assert run.counts["left"] == 3
