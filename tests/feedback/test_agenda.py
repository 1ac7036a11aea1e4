"""What several villages raise, counted, and made a topic of next month."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from feedback.agenda import recurring
from feedback.models import AgendaTopic, Matter
from feedback.services.agenda import put_on_agenda
from feedback.services.joining import join_matter
from outreach import clock
from tests import factories as make
from tests.conftest import TODAY, Place
from visits.models import Topic
from visits.services.errors import NotPossible
from visits.services.topics import withdraw_topic

JUNE = date(2026, 6, 1)


@pytest.fixture
def water(world):
    return make.matter_category(world.home.county, name="饮水")


def raised(place, category, days=0):
    row = make.matter(place, category=category)
    Matter.objects.filter(pk=row.pk).update(raised_at=clock.now() - timedelta(days=days))
    return Matter.objects.get(pk=row.pk)


def counted(world):
    rows = recurring(world.home.office)
    return {row.name: (row.villages, row.matters, row.before, row.trend) for row in rows}


def put(world, category, actor=None, title="饮水安全怎么管"):
    return put_on_agenda(
        category=category, actor=actor or world.home.office, title=title, text="讲清收费标准。"
    )


def test_matters_and_villages_of_both_spans_are_counted(world, water):
    for days in (0, 90):
        raised(world.own, water, days)
    raised(world.other, water, 5)
    raised(world.other, water, 92)
    raised(world.own, water, 200)
    assert counted(world) == {"饮水": (2, 3, 1, 2)}


def test_what_one_village_raises_is_not_shown_however_often(world, water):
    for _n in range(5):
        raised(world.own, water)
    raised(world.other, water, 92)
    assert counted(world) == {}


def test_joined_reports_count_for_their_villages(world, water):
    first, second = raised(world.own, water, 3), raised(world.other, water)
    join_matter(matter=second, actor=world.home.office, main=first)
    assert counted(world) == {"饮水": (2, 2, 0, 2)}


def test_another_county_and_what_has_no_category_are_not_counted(world, water):
    abroad = make.matter_category(world.abroad.county)
    for place in (world.foreign, Place(world.abroad)):
        raised(place, abroad)
    for place in (world.own, world.other):
        raised(place, None)
    assert counted(world) == {}


def test_one_action_makes_it_a_topic_of_next_month_and_the_page_remembers(world, water, sign_in):
    raised(world.own, water)
    raised(world.other, water)
    browser = sign_in(world.home.office)
    page, form = reverse("matter_agenda"), reverse("matter_topic", args=[water.pk])
    assert form in browser.get(page).content.decode()
    proposed = browser.get(form).context["form"].initial
    assert "饮水" in proposed["title"]
    topic = Topic.objects.get(pk=browser.post(form, proposed).url.strip("/").split("/")[-1])
    assert (topic.first_month, topic.last_month) == (JUNE, JUNE)
    assert topic in Topic.objects.offered_to(world.own.unit, JUNE)
    shown = browser.get(page).content.decode()
    assert topic.get_absolute_url() in shown
    assert form not in shown


def test_it_is_one_topic_until_that_is_over_or_withdrawn(world, water):
    topic = put(world, water)
    with pytest.raises(NotPossible):
        put(world, water, title="再讲一次饮水")
    withdraw_topic(topic=topic, actor=world.home.office)
    assert not AgendaTopic.objects.exists()
    put(world, water)
    with clock.at(make.moment(date(2026, 7, 1))):
        put(world, water, title="再讲一次饮水")
    assert AgendaTopic.objects.count() == 2


def test_a_title_the_year_has_is_said_and_nothing_is_lost(world, water, sign_in):
    make.topic(world.home.year, title="饮水安全怎么管")
    with pytest.raises(ValidationError):
        put(world, water)
    form = reverse("matter_topic", args=[water.pk])
    page = sign_in(world.home.office).post(form, {"title": "饮水安全怎么管", "text": "写好的话"})
    assert page.status_code == 200
    assert "写好的话" in page.content.decode()
    assert not AgendaTopic.objects.exists()


def test_in_december_next_year_must_be_open(world, water):
    with (
        clock.at(make.moment(date(TODAY.year, 12, 5))),
        pytest.raises(ValidationError, match=str(TODAY.year + 1)),
    ):
        put(world, water)


def test_only_the_countys_own_office(world, water):
    for person in (world.own.coordinator, world.home.admin, world.abroad.office):
        with pytest.raises(PermissionDenied):
            put(world, water, actor=person)
