"""A month postponed for many villages in one act, and taken back."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from contact_points.models import Unit
from outreach import audit, clock
from outreach.models import AuditEntry, Notification
from tests import factories as make
from visits.models import PlanLine
from visits.services.errors import NotPossible
from visits.services.exemptions import exempt_line
from visits.services.postponing import (
    POSTPONED,
    Scope,
    effect_of,
    postpone_visits,
    standing,
    take_back_postponement,
    villages_named,
)

JUNE = date(2026, 6, 1)


@pytest.fixture
def lines(world):
    """June of the own, the other and the foreign place."""
    return [
        make.plan_line(place.contact_point, JUNE)
        for place in (world.own, world.other, world.foreign)
    ]


def postpone(world, month=JUNE, scope=None, *, actor=None, reason="防汛抗旱"):
    return postpone_visits(
        county=world.home.county,
        month=month,
        scope=scope or Scope(),
        reason=reason,
        actor=actor or world.home.office,
    )


def take_back(world, bulk_id, *, actor=None):
    return take_back_postponement(
        county=world.home.county, bulk_id=bulk_id, actor=actor or world.home.office
    )


def test_the_month_is_lifted_under_one_id_and_each_unit_is_told_once(world, lines):
    second = make.contact_point(world.own.unit, make.village(world.home.township))
    make.plan_line(second, JUNE)
    bulk_id, lifted = postpone(world)
    assert len(lifted) == 3
    for line in PlanLine.objects.filter(month=JUNE, county=world.home.county):
        assert (line.exemption, line.exemption_reason, line.due) == ("postponed", "防汛抗旱", 0)
        assert (line.exempted_by, line.version) == (world.home.office, 2)
        (entry,) = audit.history(line)
        assert (entry.action, entry.bulk_id) == (POSTPONED, bulk_id)
    told = Notification.objects.filter(user=world.own.coordinator)
    assert [note.params["visits"] for note in told] == [2]
    assert Notification.objects.filter(user=world.other.coordinator).count() == 1
    assert PlanLine.objects.get(pk=lines[2].pk).due == 1  # another county


def test_what_units_asked_for_these_lines_is_granted_by_it(world, lines):
    asked = [
        make.exemption_request(lines[0], world.own.cadre),
        make.exemption_request(
            lines[1],
            world.other.coordinator,
            kind="leave",
            substitute=make.officer(world.other.unit),
        ),
    ]
    elsewhere = make.exemption_request(
        make.plan_line(world.own.contact_point, date(2026, 7, 1)), world.own.cadre
    )
    assert effect_of(county=world.home.county, month=JUNE, scope=Scope()).asked == 2
    bulk_id, _lifted = postpone(world)
    for request in asked:
        request.refresh_from_db()
        assert (request.state, request.answer) == ("granted", "防汛抗旱")
        assert (request.decided_by, request.decided_at) == (world.home.office, clock.now())
        entry = audit.history(request)[0]
        assert (entry.action, entry.bulk_id) == ("Request for an exemption granted", bulk_id)
        assert entry.actor == world.home.office
    assert PlanLine.objects.get(pk=lines[1].pk).substitute is None  # nobody need go
    elsewhere.refresh_from_db()
    assert elsewhere.is_open
    (told,) = Notification.objects.filter(user=world.own.cadre)
    assert told.url == asked[0].get_absolute_url()
    assert "防汛抗旱" in str(told)


def test_a_request_for_a_line_that_stays_as_it_is_stays_open(world, lines):
    asked = make.exemption_request(lines[0], world.own.cadre)
    postpone(world, scope=Scope(villages=[world.other.village.pk]))
    asked.refresh_from_db()
    assert asked.is_open


def test_one_visit_is_spoken_of_as_one(world, lines):
    PlanLine.objects.filter(pk=lines[0].pk).update(required_visits=2)
    bulk_id, _lifted = postpone(world)
    take_back(world, bulk_id)
    with translation.override("en"):
        own, other = (
            [str(told) for told in Notification.objects.filter(user=place.coordinator)]
            for place in (world.own, world.other)
        )
    assert own == [
        "2026-06: the county postponed 2 visits: 防汛抗旱",
        "2026-06: 2 postponed visits are owed again.",
    ]
    assert other == [
        "2026-06: the county postponed 1 visit: 防汛抗旱",
        "2026-06: 1 postponed visit is owed again.",
    ]


def test_done_stays_done_and_what_is_exempt_stays_as_it_is(world, lines):
    exempt_line(line=lines[1], actor=world.home.office, exemption="merged", reason="合村")
    effect = effect_of(county=world.home.county, month=date(2026, 5, 1), scope=Scope())
    assert (effect.lines, effect.visited, effect.visits) == ([], 2, 0)
    effect = effect_of(county=world.home.county, month=JUNE, scope=Scope())
    assert (effect.lines, effect.visited, effect.exempt) == ([lines[0]], 0, 1)
    postpone(world)
    assert PlanLine.objects.get(pk=lines[1].pk).exemption == "merged"
    with pytest.raises(NotPossible):
        postpone(world)


def test_only_the_named_villages_are_lifted(world, lines):
    township = make.township(world.home.county)
    body = make.unit(world.home.county, kind=Unit.Kind.LEADING_BODY)
    point = make.contact_point(body, make.village(township))
    line = make.plan_line(point, JUNE)
    for scope in (
        Scope(townships=[township.pk]),
        Scope(unit_kinds=["leading_body"]),
        Scope(villages=[point.village_id]),
    ):
        effect = effect_of(county=world.home.county, month=JUNE, scope=scope)
        assert effect.lines == [line]
    assert (
        effect_of(
            county=world.home.county, month=JUNE, scope=Scope(villages=[world.foreign.village.pk])
        ).lines
        == []
    )


def test_two_visits_owed_are_two_lifted(world, lines):
    PlanLine.objects.filter(pk=lines[0].pk).update(required_visits=2)
    PlanLine.objects.filter(pk=lines[1].pk).update(required_visits=0)
    effect = effect_of(county=world.home.county, month=JUNE, scope=Scope())
    assert (effect.lines, effect.visits) == ([lines[0]], 2)


def test_only_the_own_county_postpones_with_a_reason(world, lines):
    for actor in (world.own.coordinator, world.abroad.office, world.home.admin):
        with pytest.raises(PermissionDenied):
            postpone(world, actor=actor)
    with pytest.raises(NotPossible):
        postpone(world, reason="")
    with pytest.raises(ValidationError):
        postpone(world, reason="电话13812345678")
    with pytest.raises(NotPossible):
        postpone(world, date(2026, 3, 1))


def test_it_is_taken_back_while_nothing_else_changed_the_lines(world, lines):
    bulk_id, _lifted = postpone(world)
    exempt_line(line=lines[1], actor=world.home.office, exemption="merged", reason="合村")
    (row,) = standing(county=world.home.county)
    assert (row.bulk_id, row.lines, row.reason) == (bulk_id, [lines[0]], "防汛抗旱")
    assert take_back(world, bulk_id) == [lines[0]]
    own, other, _foreign = (PlanLine.objects.get(pk=line.pk) for line in lines)
    assert (own.due, own.exempted_by, own.exemption_reason, own.version) == (1, None, "", 3)
    assert other.exemption == "merged"
    assert standing(county=world.home.county) == []
    with pytest.raises(NotPossible):
        take_back(world, bulk_id)
    entry = audit.history(own)[0]
    assert entry.bulk_id not in (None, bulk_id)


def test_only_the_own_county_takes_back(world, lines):
    bulk_id, _lifted = postpone(world)
    for actor in (world.own.coordinator, world.abroad.office):
        with pytest.raises(PermissionDenied):
            take_back(world, bulk_id, actor=actor)
    with pytest.raises(NotPossible):
        take_back(world, uuid4())
    with pytest.raises(NotPossible):
        take_back_postponement(
            county=world.abroad.county, bulk_id=bulk_id, actor=world.abroad.office
        )


def test_more_villages_cost_no_more_statements(world):
    def cost(month):
        with CaptureQueriesContext(connection) as seen:
            postpone(world, month)
        return len(seen)

    for n in range(30):
        point = make.contact_point(world.own.unit, make.village(world.home.township))
        make.plan_line(point, date(2026, 7, 1))
        if n < 3:
            make.plan_line(point, JUNE)
    assert cost(JUNE) == cost(date(2026, 7, 1))


def test_villages_of_a_pasted_list(world):
    own, other = world.own.village, world.other.village
    text = f"{own.name}\n\n {world.home.township.name}{other.name} \n{own.code}"
    assert villages_named(world.home.county, text) == ([own.pk, other.pk, own.pk], [])
    found, wrong = villages_named(world.home.county, f"没有这村\n{world.foreign.village.code}")
    assert found == [] and len(wrong) == 2


def test_the_page_shows_what_it_lifts_before_it_lifts_it(world, sign_in, lines):
    office, url = sign_in(world.home.office), reverse("exemption_postpone")
    form = {"month": "2026-06-01", "reason": "防汛抗旱", "which": "all"}
    page = office.post(url, form)
    assert {line.pk for line in page.context["effect"].lines} == {lines[0].pk, lines[1].pk}
    assert not AuditEntry.objects.filter(action=POSTPONED).exists()
    seen = page.context["form"].data["seen"]
    # Somebody exempts one of them meanwhile: the page shows the rest before it does anything.
    exempt_line(line=lines[1], actor=world.home.office, exemption="merged", reason="合村")
    page = office.post(url, form | {"seen": seen})
    assert [line.pk for line in page.context["effect"].lines] == [lines[0].pk]
    done = office.post(url, form | {"seen": page.context["form"].data["seen"]})
    assert done.status_code == 302
    (row,) = office.get(url).context["standing"]
    office.post(reverse("exemption_postpone_undo"), {"bulk": str(row.bulk_id)})
    assert PlanLine.objects.get(pk=lines[0].pk).due == 1
    assert office.post(reverse("exemption_postpone_undo"), {"bulk": "x"}).status_code == 302


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"which": "townships"}, "townships"),
        ({"which": "kinds", "kinds": ["nobody"]}, "kinds"),
        ({"which": "villages", "villages": "没有这村"}, "villages"),
        ({"which": "all", "reason": ""}, "reason"),
        ({"which": "all", "month": "2031-01-01"}, "month"),
    ],
)
def test_what_is_missing_is_told_beside_its_field(world, sign_in, lines, sent, wrong):
    form = {"month": "2026-06-01", "reason": "防汛"} | sent
    page = sign_in(world.home.office).post(reverse("exemption_postpone"), form)
    assert page.context["form"].errors[wrong]
    assert page.context["effect"] is None
