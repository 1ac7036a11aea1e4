"""The county office at its desk: reports joined, a topic made of them, a suggestion replied to."""

import pytest

from feedback.agenda import next_month
from feedback.models import Matter, SuggestionAnswer
from feedback.services.matters import raise_matter
from outreach.models import Notification
from tests import factories as make
from tests.e2e.conftest import DESK
from visits.models import Topic

pytestmark = pytest.mark.slow


def test_from_two_reports_to_a_topic_and_from_a_wish_to_its_reply(visitor, town):
    month = next_month()
    if month.year != town.year.year:
        make.programme_year(town.county, month.year)
    lamps = make.matter_category(town.county, name="供电照明")
    first, second = (
        raise_matter(
            actor=town.coordinator,
            village=village,
            text="村口路灯不亮，晚上看不见路",
            category=lamps,
        )
        for village in (town.village, town.other_village)
    )
    visit = make.visit(town.points[0], town.cadre)
    wish = make.feedback(visit, town.cadre, suggestions="建议由县里统一招标维修路灯。")
    office = visitor(town.office, DESK)
    page = office.page

    office.go(second.get_absolute_url())
    page.click("form[action$='/join/'] button.btn-sm")
    page.get_by_role("heading", name="随先前反映的诉求办理").wait_for()
    office.check()
    assert Matter.objects.get(pk=second.pk).main == first

    office.go("matters/agenda")
    page.click("table a.btn")
    page.locator("#id_title").wait_for()
    office.check()
    page.click("main form.card button.btn-primary")
    page.wait_for_url("**/topics/**")
    assert Topic.objects.get(agenda__category=lamps).first_month == month

    office.go(f"suggestions/{wish.pk}")
    page.check("[name=decision][value=adopted]")
    page.fill("[name=text]", "同意统一招标维修，已列入下季度采购。")
    office.check()
    page.click("main form.card button.btn-primary")
    page.wait_for_url("**/suggestions/")
    assert SuggestionAnswer.objects.get().feedback == wish
    assert Notification.objects.filter(user=town.cadre, params__decision="adopted").count() == 1
