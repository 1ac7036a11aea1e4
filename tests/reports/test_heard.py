"""What the county heard: the words that rise, from its records to its page."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from feedback.services import review_feedback
from outreach.roles import Role
from reports import heard, tasks
from reports.models import HeardMonth, HeardWord
from tests import factories as make
from tests.conftest import MONTH
from visits.services.recording import void_visit

APRIL = date(2026, 4, 1)
USUAL, HAIL = "村民反映村东道路损坏，希望硬化路面。", "村民反映冰雹打坏了大棚，盼着保险来定损。"


def told(place, text, day, **texts):
    visit = make.visit(place.contact_point, place.cadre, started_at=make.moment(day))
    return make.feedback(visit, place.cadre, findings=text, **texts)


@pytest.fixture
def hail(world):
    """In April and May the same, and in May of two villages hail as well: ten visits, a matter."""
    places = (world.own, world.other)
    for n in range(20):
        told(places[n % 2], USUAL, date(2026, 4, 20 + n // 2))
    for n in range(10):
        told(places[n % 2], USUAL, date(2026, 5, 2 + n))
    world.told = [told(places[n % 2], HAIL, date(2026, 5, 2 + n)) for n in range(10)]
    make.matter(world.own, text="冰雹砸坏了核桃树。")
    return world


def words_of(world):
    return {
        row.word: row
        for row in HeardWord.objects.filter(heard__county=world.home.county, heard__month=MONTH)
    }


def test_the_task_keeps_the_rising_words_of_the_month(hail):
    tasks.listen()
    row = words_of(hail)["冰雹"]
    assert (row.visits, row.matters, row.villages, row.before) == (10, 1, 2, 0)
    assert (row.heard.records, row.heard.records_before) == (21, 20)
    assert not {"道路", "硬化", "路面"} & set(words_of(hail))


def test_nothing_is_read_again_before_a_text_changes(hail):
    county = hail.home.county.pk
    assert heard.listen(county, MONTH)
    assert not heard.listen(county, MONTH)
    make.matter(hail.own, text="冰雹后补种缺种子。")
    assert heard.listen(county, MONTH)
    assert words_of(hail)["冰雹"].matters == 2
    assert HeardMonth.objects.filter(county=county).count() == 1


def test_what_is_void_or_returned_says_nothing(hail):
    office = hail.home.office
    void_visit(visit=hail.told[0].visit, actor=office, reason="重复录入")
    review_feedback(feedback=hail.told[1], actor=office, reason="请写具体事例")
    draft = make.visit(hail.own.contact_point, hail.own.cadre)
    make.feedback(draft, hail.own.cadre, findings=HAIL, send=False)
    tasks.listen()
    assert words_of(hail)["冰雹"].visits == 8


def test_names_of_the_county_are_no_words(hail):
    for row, name in ((hail.own.village, "大棚村"), (hail.own.unit, "县保险局")):
        type(row).objects.filter(pk=row.pk).update(name=name)
    tasks.listen()
    assert {"冰雹", "保险"} <= set(words_of(hail))
    assert "大棚" not in words_of(hail)


def test_another_countys_records_are_not_heard(hail):
    other = make.county()
    tasks.listen()
    assert not HeardWord.objects.filter(heard__county=other).exists()


def test_a_county_that_fails_stops_no_other(hail, monkeypatch):
    broken, listen = make.county(), heard.listen

    def failing(county_id, month):
        if county_id == broken.pk:
            raise ValueError("broken")
        return listen(county_id, month)

    monkeypatch.setattr(heard, "listen", failing)
    tasks.listen()
    assert "冰雹" in words_of(hail)


def test_the_database_refuses_a_rare_word(hail):
    tasks.listen()
    row = words_of(hail)["冰雹"]
    for rare in ({"villages": 1}, {"visits": 2, "matters": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HeardWord.objects.filter(pk=row.pk).update(**rare)


def test_each_word_opens_the_records_that_hold_it(hail, sign_in):
    tasks.listen()
    office = sign_in(hail.home.office)
    shown = office.get(reverse("county_month")).context["said"]
    assert "冰雹" in [row.word.word for row in shown]
    for row in shown:
        for url, count in ((row.visits, row.word.visits), (row.matters, row.word.matters)):
            assert office.get(url).context["page"].count == count


def test_parts_and_other_counties_show_no_words(hail, sign_in):
    tasks.listen()
    office = sign_in(hail.home.office)
    township = {"township": hail.own.village.township_id}
    assert office.get(reverse("county_month"), township).context["said"] == []
    assert sign_in(hail.own.coordinator).get(reverse("unit_month")).context["said"] == []
    elsewhere = make.user(Role.COUNTY, county=make.county())
    assert sign_in(elsewhere).get(reverse("county_month")).context["said"] == []
