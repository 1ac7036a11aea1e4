"""What follows a changed registry is asked for by every transaction that changed it."""

from datetime import date

import pytest
from django.db import transaction

from contact_points.services.registry import announce_change, open_contact_point
from outreach import clock, jobs
from outreach.models import Job
from tests import factories as make
from tests.conftest import TODAY
from visits import tasks
from visits.models import PlanLine
from visits.services import obligations

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today():
    with clock.at(make.moment(TODAY)):
        yield


def test_all_changes_of_one_transaction_are_followed_once():
    county = make.county()
    with transaction.atomic():
        announce_change(county.pk)
        announce_change(county.pk)
    assert Job.objects.count() == 1


def test_a_change_made_while_an_earlier_one_is_followed_is_followed_too(monkeypatch):
    county = make.county()
    year = make.programme_year(county)
    unit, village = make.unit(county), make.village(make.township(county))
    officer = make.officer(unit)
    ensure_lines = obligations.ensure_lines
    points = []

    def changes_meanwhile(row, act):
        lines = ensure_lines(row, act)
        if not points:
            points.append(
                open_contact_point(
                    unit=unit,
                    village=village,
                    officer=officer,
                    first_day=date(year.year, 6, 1),
                    actor=None,
                )
            )
        return lines

    with transaction.atomic():
        announce_change(county.pk)
    monkeypatch.setattr(obligations, "ensure_lines", changes_meanwhile)
    first = Job.objects.get()
    assert jobs.claim(str(first.pk))
    obligations.follow_registry(county_id=county.pk)
    Job.objects.filter(pk=first.pk).update(state=Job.State.DONE)
    assert not PlanLine.objects.exists()
    (waiting,) = Job.objects.filter(state=Job.State.WAITING)
    tasks.ensure_plan_lines(str(waiting.pk))
    assert PlanLine.objects.filter(contact_point=points[0]).count() == 7
