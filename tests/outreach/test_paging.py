"""Reading by pages is reading the whole list: nothing twice, nothing left out, in its order."""

import json
from datetime import timedelta

import pytest
from django.db.models import Case, F, When
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contact_points.models import Village
from outreach import clock
from outreach.models import Notification
from outreach.paging import Keyset
from tests import factories as make


def walk(rows, size):
    """Every page from the first to the last."""
    pages = [Keyset(rows).page(size)]
    while pages[-1].after:
        pages.append(Keyset(rows).page(size, after=pages[-1].after))
        assert len(pages) < 1000
    return pages


def walk_back(rows, size, page):
    """Every page from this one to the first."""
    pages = [page]
    while pages[-1].before:
        pages.append(Keyset(rows).page(size, before=pages[-1].before))
        assert len(pages) < 1000
    return pages[::-1]


def pks(rows):
    return [row.pk for row in rows]


ORDERS = [
    ["name"],
    ["-name"],
    ["population"],
    ["-population"],
    ["population", "-households_count", "name"],
    ["-merged_into__population", "name"],
    [F("population").desc(nulls_last=True), F("households_count").asc(nulls_first=True)],
    [Case(When(name="甲", then=0), default=1), "-population"],
    ["-pk"],
    [],
]
few = st.one_of(st.none(), st.integers(0, 2))


class WholeLists(TestCase):
    """Random rows with equal values and without values, in every kind of order."""

    @settings(
        max_examples=40, deadline=None, suppress_health_check=[HealthCheck.differing_executors]
    )
    @given(
        places=st.lists(st.tuples(st.sampled_from("甲乙丙"), few, few, st.booleans()), max_size=14),
        size=st.integers(1, 5),
        order=st.sampled_from(ORDERS),
    )
    def test_all_pages_are_the_whole_list_forward_and_backward(self, places, size, order):
        township = make.township(make.county())
        for name, population, households, merged in places:
            village = make.village(township)
            Village.objects.filter(pk=village.pk).update(
                name=name,
                population=population,
                households_count=households,
                merged_into=Village.objects.exclude(pk=village.pk).first() if merged else None,
            )
        rows = Village.objects.filter(township=township).order_by(*order)
        whole = pks(rows.order_by(*(order or ["code"]), "pk"))
        forward = walk(rows, size)
        assert [pk for page in forward for pk in pks(page.rows)] == whole
        assert {page.count for page in forward} == {len(whole)}
        backward = walk_back(rows, size, forward[-1])
        assert [pks(page.rows) for page in backward] == [pks(page.rows) for page in forward]


@pytest.fixture
def notices(world):
    """Thirty notices that came within one second."""
    now = clock.now()
    for n in range(30):
        made = now + timedelta(microseconds=n // 3)
        Notification.objects.create(user=world.own.cadre, text=f"{n}", created_at=made)
    return Notification.objects.visible_to(world.own.cadre).order_by("-created_at")


def test_moments_are_told_apart_by_their_microseconds(notices):
    read = [row.text for page in walk(notices, 4) for row in page.rows]
    assert sorted(read, key=int) == [str(n) for n in range(30)]
    assert len(read) == 30


def test_a_row_added_or_gone_between_two_pages_moves_no_other(notices, world):
    order = pks(notices.order_by("-created_at", "pk"))
    first = Keyset(notices).page(10)
    Notification.objects.create(user=world.own.cadre, text="new")
    Notification.objects.get(pk=order[9]).delete()
    assert pks(Keyset(notices).page(10, after=first.after).rows) == order[10:20]
    Notification.objects.get(pk=order[3]).delete()
    second = Keyset(notices).page(5, after=first.after)
    assert pks(Keyset(notices).page(5, before=second.before).rows) == order[4:9]


def test_beyond_the_end_and_before_the_beginning_the_list_begins_anew(notices):
    first, *_between, last = walk(notices, 10)
    notices.filter(pk__in=pks(last.rows)).delete()
    second = Keyset(notices).page(10, after=first.after)
    notices.filter(pk__in=pks(second.rows)).delete()
    assert pks(Keyset(notices).page(10, after=first.after).rows) == pks(first.rows)
    edge = json.dumps([*json.loads(first.after)[:1], 0])
    assert pks(Keyset(notices).page(10, before=edge).rows) == pks(first.rows)


NONSENSE = [
    "",
    "x",
    "[]",
    "[1]",
    "null",
    "{}",
    "[null,1]",
    "[1e999,1]",
    '["x",1]',
    '["2026-13-45",1]',
    '[["2026-01-01"],1]',
    '["2026-01-01\\u0000",1]',
    '["2026-01-01 00:00:00+00:00","1e400"]',
    '["2026-01-01 00:00:00+00:00",99999999999999999999]',
]


@pytest.mark.parametrize("edge", NONSENSE)
def test_an_edge_that_is_none_opens_the_first_page(notices, edge):
    first = pks(Keyset(notices).page(10).rows)
    for name in ("after", "before"):
        assert pks(Keyset(notices).page(10, **{name: edge}).rows) == first


def test_counting_stops_where_it_costs(notices, django_assert_num_queries):
    with django_assert_num_queries(2) as seen:
        page = Keyset(notices, most=20).page(10)
    assert (page.count, page.counted) == (21, False)
    assert "LIMIT 21" in seen[1]["sql"]
    assert all("OFFSET" not in query["sql"] for query in seen)
    page = Keyset(notices, most=30).page(10)
    assert (page.count, page.counted) == (30, True)


def test_a_list_on_one_page_is_counted_by_itself(notices, django_assert_num_queries):
    with django_assert_num_queries(1):
        page = Keyset(notices).page(30)
    assert (page.count, page.is_all) == (30, True)


@pytest.mark.parametrize("edge", ["[" * 2000, '["\\ud800",1]', '["a\\u0000",1]', "[NaN,1]"])
def test_a_forged_edge_begins_anew(world, edge):
    rows = Village.objects.order_by("name")
    page = Keyset(rows).page(2, after=edge)
    assert pks(page.rows) == pks(Keyset(rows).page(2).rows)
