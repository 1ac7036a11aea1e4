"""A whole import is taken back exactly, or not at all and with what stands in the way."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from contact_points import tasks
from contact_points.models import ContactPoint, ImportRun, Officer
from contact_points.services import imports, undoing
from contact_points.services.applying import state_of
from contact_points.services.registry import close_contact_point
from outreach.models import AuditEntry
from outreach.roles import Role
from tests import factories
from tests.contact_points.lists import apply, confirm, row
from tests.contact_points.test_matching import Town
from visits.models import PlanLine
from visits.services.obligations import ensure_lines, follow_registry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]
NEW_YEAR = date(2026, 1, 1)


@pytest.fixture
def town():
    """县民政局 holds three villages since last year; the year 2026 is open."""
    town = Town()
    unit = town.units["县民政局"]
    town.officer = factories.officer(unit, name="张老", post="科员")
    town.old = [
        factories.contact_point(
            unit, town.villages[place], town.officer, first=NEW_YEAR - timedelta(365)
        )
        for place in (
            ("官亭镇", "后辛庄村委会"),
            ("官亭镇", "赵家庄村委会"),
            ("苏家营镇", "刘家庄村委会"),
        )
    ]
    town.year = factories.programme_year(town.county, 2026)
    ensure_lines(town.year)
    return town


def whole_registry():
    """Everything a list can change, to compare."""
    points = {
        point.pk: state_of(point, [officer.pk for officer in point.co_officers.all()])
        for point in ContactPoint.objects.all()
    }
    people = list(Officer.objects.order_by("pk").values_list("pk", "name", "post", "telephone"))
    lines = list(PlanLine.objects.order_by("pk").values_list("pk", "contact_point", "officer"))
    return points, people, lines


def load(town):
    """A list that opens, hands over, changes, and closes."""
    run = town.read(
        row(township="官亭镇", village="后辛庄", unit="民政局", officer="王建国", first=NEW_YEAR),
        row(
            township="官亭镇", village="赵家庄", unit="民政局", officer="张老、李爱民", post="局长"
        ),
        row(township="张王疃乡", village="西街村委会", unit="县委宣传部", officer="孙红"),
    )
    assert [run.counts[kind] for kind in ("new", "changed", "left")] == [1, 2, 1]
    run = confirm(run, town.admin)
    run.closes = run.left
    run.save(update_fields=["closes"])
    tasks.apply_list(str(run.job_id))
    follow_registry(county_id=town.county.pk)
    return ImportRun.objects.get(pk=run.pk)


def undo(run, actor):
    done = undoing.undo_import(run=run, actor=actor)
    run.refresh_from_db()
    return done


def test_everything_is_as_it_was(town):
    before = whole_registry()
    run = load(town)
    assert whole_registry() != before
    assert undo(run, town.admin), run.obstacles
    assert run.state == ImportRun.State.UNDONE
    assert whole_registry() == before
    entries = AuditEntry.objects.filter(action__in=["List undone", "Contact point removed"])
    assert len({entry.bulk_id for entry in entries}) == 1
    assert entries.count() == 3
    assert undo(run, town.admin)


def test_it_is_done_in_the_background_and_can_be_loaded_again(town):
    run = load(town)
    job = undoing.start_undo(run=run, actor=town.admin).job
    with pytest.raises(imports.NotPossible):
        undoing.start_undo(run=run, actor=town.admin)
    tasks.undo_list(str(job.pk))
    run.refresh_from_db()
    assert run.state == ImportRun.State.UNDONE
    assert load(town).state == ImportRun.State.APPLIED


def stands_in_the_way(run, town):
    before = whole_registry()
    assert not undo(run, town.admin)
    assert run.state == ImportRun.State.APPLIED
    assert whole_registry() == before
    return [obstacle["text"] for obstacle in run.obstacles]


def test_a_visit_or_a_written_plan_stands_in_the_way(town):
    run = load(town)
    opened = ContactPoint.objects.get(unit=town.units["县委宣传部"])
    line = opened.plan_lines.get(month=date(2026, 6, 1))
    line.planned_date = date(2026, 6, 3)
    line.save(update_fields=["planned_date"])
    assert stands_in_the_way(run, town) == ["%(point)s has plans that somebody wrote."]
    line.planned_date = None
    line.save(update_fields=["planned_date"])
    factories.visit(opened, factories.user(Role.COORDINATOR, unit=opened.unit))
    assert stands_in_the_way(run, town) == ["%(point)s has plans that somebody wrote."]


def test_a_later_change_or_successor_stands_in_the_way(town):
    run = load(town)
    handed = ContactPoint.objects.get(officer__name="王建国")
    close_contact_point(contact_point=handed, last_day=date(2026, 5, 31), actor=town.admin)
    assert stands_in_the_way(run, town) == ["%(point)s was changed since."]


def test_somebody_who_took_the_village_over_stands_in_the_way(town):
    run = load(town)
    closed = ContactPoint.objects.get(pk=town.old[2].pk)
    assert closed.last_day == date(2025, 12, 31)
    factories.contact_point(closed.unit, closed.village, first=date(2026, 2, 1))
    assert stands_in_the_way(run, town) == ["%(point)s was opened since, from %(day)s."]


def test_a_person_corrected_since_stands_in_the_way(town):
    run = load(town)
    Officer.objects.filter(pk=town.officer.pk).update(post="主任")
    assert stands_in_the_way(run, town) == ["%(officer)s was corrected since."]


def test_what_was_planned_before_a_handover_goes_back(town):
    line = town.old[0].plan_lines.get(month=date(2026, 6, 1))
    line.group = "capable"
    line.save(update_fields=["group"])
    run = load(town)
    line.refresh_from_db()
    assert line.contact_point_id != town.old[0].pk
    assert undo(run, town.admin), run.obstacles
    line.refresh_from_db()
    assert (line.contact_point_id, line.officer_id, line.group) == (
        town.old[0].pk,
        town.officer.pk,
        "capable",
    )


def test_a_new_officer_who_is_used_elsewhere_stays(town):
    run = load(town)
    newcomer = Officer.objects.get(name="李爱民")
    factories.contact_point(
        town.units["县民政局"], town.villages["官亭镇", "大屯头一村村委会"], newcomer
    )
    assert undo(run, town.admin), run.obstacles
    assert Officer.objects.filter(pk=newcomer.pk).exists()
    assert not Officer.objects.filter(name="王建国").exists()


def test_only_who_may_import_undoes_and_only_what_was_applied(town):
    stranger = factories.user(Role.ADMIN, county=factories.county())
    run = town.one(unit="县委宣传部", village="西街村委会", township="张王疃乡")
    with pytest.raises(imports.NotPossible):
        undoing.start_undo(run=run, actor=town.admin)
    run = apply(run, town.admin)
    for step in (undoing.start_undo, undoing.undo_import):
        with pytest.raises(PermissionDenied):
            step(run=run, actor=stranger)
    job = undoing.start_undo(run=run, actor=town.admin).job
    town.admin.is_active = False
    town.admin.save(update_fields=["is_active"])
    tasks.undo_list(str(job.pk))
    job.refresh_from_db()
    assert "nothing was undone" in job.message
    assert ContactPoint.objects.filter(unit__name="县委宣传部").exists()


def test_a_late_second_run_of_the_job_writes_nothing_after_the_undo(town):
    before = whole_registry()
    run = load(town)
    assert undo(run, town.admin)
    run.refresh_from_db()
    # The registry is to the letter what it was at the preview, so only the state can tell.
    imports.apply_import(run=run, plan_sha256=run.plan_sha256, actor=town.admin)
    assert whole_registry() == before
    assert ImportRun.objects.get(pk=run.pk).state == ImportRun.State.UNDONE
