"""Many matters assigned at once: said before it is done, each by the rule of one, told once."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from feedback.models import Matter, MatterRoute
from feedback.services.assigning import assign_many, proposals
from feedback.services.matters import accept_matter
from feedback.services.routes import proposed_unit, proposed_units
from feedback.services.transfers import pass_up
from outreach.models import AuditEntry, Notification
from tests import factories as make
from tests.conftest import Place


@pytest.fixture
def third(world):
    return Place(world.home)


def seen(*rows):
    return {row.pk: row.version for row in rows}


def assign(world, rows, unit, versions=None):
    return assign_many(
        matters=rows,
        units={row.pk: unit for row in rows},
        actor=world.home.office,
        seen=versions or seen(*rows),
    )


def test_each_is_asked_under_one_bulk_id(world):
    rows = [make.matter(world.own), make.matter_in_work(world.own)]
    told = assign(world, rows, world.other.unit)
    assert len(told.done) == 2
    for row in Matter.objects.all():
        assert (row.state, row.asked_unit, row.leader) == (
            "transfer_asked",
            world.other.unit,
            world.own.unit,
        )
    entries = AuditEntry.objects.filter(action="Matter moved on").exclude(bulk_id=None)
    assert entries.count() == 2
    assert entries.values("bulk_id").distinct().count() == 1


def test_each_unit_is_told_once_of_all_its_matters(world, third):
    rows = [make.matter(world.own), make.matter(world.own), make.matter(third)]
    Notification.objects.all().delete()
    assign(world, rows, world.other.unit)
    told = {row.user: row.params for row in Notification.objects.all()}
    assert Notification.objects.count() == len(told)
    assert told[world.other.coordinator] == {"asked": 3}
    assert told[world.own.coordinator] == {"led": 2}
    assert told[third.coordinator] == {"led": 1}
    assert world.home.office not in told


def test_a_unit_that_gives_and_takes_hears_both_in_one(world):
    mine, theirs = make.matter(world.own), make.matter(world.other)
    Notification.objects.all().delete()
    assign_many(
        matters=[mine, theirs],
        units={mine.pk: world.other.unit, theirs.pk: world.own.unit},
        actor=world.home.office,
        seen=seen(mine, theirs),
    )
    (told,) = Notification.objects.filter(user=world.own.coordinator)
    assert told.params == {"asked": 1, "led": 1}


def test_whoever_has_it_in_hand_is_told_too(world):
    row = accept_matter(matter=make.matter(world.own), actor=world.own.cadre)
    Notification.objects.all().delete()
    assign(world, [row], world.other.unit)
    assert Notification.objects.get(user=world.own.cadre).params == {"led": 1}


def test_one_that_moved_on_is_said_and_left_and_the_others_are_done(world):
    first, second = make.matter(world.own), make.matter(world.own)
    versions = seen(first, second)
    moved = accept_matter(matter=first, actor=world.own.cadre)
    told = assign(world, [moved, second], world.other.unit, versions)
    assert [row.pk for row in told.done] == [second.pk]
    ((row, why),) = told.refused
    assert row.pk == first.pk
    assert world.own.cadre.name in why
    assert Matter.objects.get(pk=first.pk).asked_unit is None


def test_one_that_a_colleague_takes_in_the_middle_is_not_half_applied(world):
    row = make.matter(world.own)
    stale = Matter.objects.for_page().get(pk=row.pk)
    accept_matter(matter=row, actor=world.own.cadre)
    told = assign(world, [stale], world.other.unit)  # read before, written after
    assert not told.done
    assert Matter.objects.get().state == "in_work"


def test_only_the_county_office_assigns_many(world):
    row = make.matter(world.own)
    for person in (world.own.coordinator, world.home.admin):
        with pytest.raises(PermissionDenied):
            assign_many(
                matters=[row], units={row.pk: world.other.unit}, actor=person, seen=seen(row)
            )


def test_the_preview_says_what_would_happen_to_each_and_writes_nothing(world):
    category = make.matter_category(world.home.county)
    MatterRoute.objects.create(county=world.home.county, category=category, unit=world.other.unit)
    routed, plain = make.matter(world.own, category=category), make.matter(world.own)
    led = make.matter(world.other, category=category)
    up = pass_up(
        matter=make.matter(world.own, category=category),
        actor=world.own.coordinator,
        text="需县里定",
    )
    rows = list(Matter.objects.for_page().order_by("pk"))
    found = {row.matter.pk: row for row in proposals(rows, world.home.office, seen(*rows), None)}
    assert (found[routed.pk].unit, found[routed.pk].why_not) == (world.other.unit, "")
    for row in (plain, led, up):
        assert found[row.pk].why_not
    assert "理由" in found[up.pk].why_not
    assert not Matter.objects.filter(state="transfer_asked").exists()


def test_the_table_says_the_same_of_many_as_of_one(world):
    county, township = world.home.county, world.home.township
    unit = make.unit(county, kind="township", township=township)
    parent = make.matter_category(county)
    child, alone = make.matter_category(county, parent=parent), make.matter_category(county)
    MatterRoute.objects.create(county=county, category=parent, unit=world.other.unit)
    MatterRoute.objects.create(county=county, category=child, township=township, unit=None)
    rows = [make.matter(world.own, category=row) for row in (parent, child, alone, None)]
    many = proposed_units(rows)
    assert [many[row.pk] for row in rows] == [world.other.unit, unit, None, None]
    assert [proposed_unit(row.category, row.village) for row in rows] == [
        many[row.pk] for row in rows
    ]


def test_the_office_chooses_looks_and_assigns(world, sign_in):
    browser = sign_in(world.home.office)
    mine, theirs = make.matter(world.own), make.matter(world.other)
    page = browser.get(reverse("matter_list")).content.decode()
    assert f'value="{mine.pick}" form="picked"' in page
    back = reverse("matter_list") + "?state=open"
    asked = {"pick": [mine.pick, theirs.pick, "x", "9@9"], "unit": world.other.unit.name}
    page = browser.post(reverse("matter_assign_preview"), asked | {"next": back}).content.decode()
    assert not Matter.objects.filter(state="transfer_asked").exists()
    picks = re.findall(r'name="pick" value="([^"]+)"', page)
    assert picks == [f"{mine.pick}@{world.other.unit.pk}"]
    done = browser.post(reverse("matter_assign_many"), {"pick": picks, "next": back})
    assert done["Location"] == back
    assert Matter.objects.get(state="transfer_asked").pk == mine.pk
    again = browser.post(reverse("matter_assign_many"), {"pick": picks}, follow=True)
    assert world.home.office.name in again.content.decode()


@pytest.mark.parametrize("unit", ["没有这个单位", "测"])
def test_a_name_that_fits_none_or_several_assigns_nothing(world, sign_in, unit):
    browser = sign_in(world.home.office)
    row = make.matter(world.own)
    asked = {"pick": row.pick, "unit": unit}
    page = browser.post(reverse("matter_assign_preview"), asked, follow=True)
    assert [str(message) for message in page.context["messages"]] or unit in page.content.decode()
    assert Matter.objects.get().asked_unit is None


def test_people_of_a_unit_choose_no_rows(world, sign_in):
    make.matter(world.own)
    page = sign_in(world.own.coordinator).get(reverse("matter_list")).content.decode()
    assert 'name="pick"' not in page


# Which matters a list shows ---------------------------------------------------------------------


def found(browser, **asked):
    page = browser.get(reverse("matter_list"), asked)
    return {row.record.pk for row in page.context["table"].rows}


def test_a_village_and_a_unit_are_found_by_name_part_and_id(world, sign_in):
    browser = sign_in(world.home.office)
    mine, theirs = make.matter(world.own), make.matter(world.other)
    village, unit = world.own.village, world.own.unit
    for text in (village.label, village.name, str(village.pk), village.code):
        assert found(browser, village=text) == {mine.pk}, text
    assert found(browser, village=village.township.name) == {mine.pk, theirs.pk}
    assert found(browser, village="没有的村") == set()
    for text in (unit.name, str(unit.pk)):
        assert found(browser, unit=text) == {mine.pk}, text
    page = browser.get(reverse("matter_list"), {"village": village.pk}).content.decode()
    assert f'value="{village.label}"' in page


def test_the_id_of_a_village_one_may_not_see_says_nothing(world, sign_in):
    browser, village = sign_in(world.own.coordinator), world.other.village
    make.matter(world.other)
    page = browser.get(reverse("matter_list"), {"village": village.pk}).content.decode()
    assert village.label not in page
    make.matter(world.own, village=village)
    page = browser.get(reverse("matter_list"), {"village": village.pk}).content.decode()
    assert f'value="{village.label}"' in page


def test_a_village_is_not_found_by_the_name_of_a_longer_one(world, sign_in):
    browser = sign_in(world.home.office)
    own, longer = world.own.village, world.other.village
    longer.name = f"小{own.name}"
    longer.save()
    mine = make.matter(world.own)
    make.matter(world.other)
    assert found(browser, village=own.label) == {mine.pk}


def test_the_box_is_offered_what_fits_and_is_seen(world, sign_in):
    url = reverse("village_options")
    browser = sign_in(world.own.coordinator)
    for text, there in ((world.own.village.name, True), (world.other.village.name, False)):
        asked = {"village": text}
        page = browser.get(url, asked, headers={"HX-Trigger-Name": "village"}).content.decode()
        assert (f'value="{world.own.village.label}"' in page) is there
    page = sign_in(world.home.office).get(reverse("unit_options"), {"q": world.other.unit.name})
    assert page.content.decode().count("<option") == 1


# Where a unit has no coordinator ----------------------------------------------------------------


def without_coordinator(place):
    place.coordinator.is_active = False
    place.coordinator.save()


def test_a_unit_without_coordinator_is_told_too(world):
    row = make.matter(world.own)
    Notification.objects.all().delete()
    without_coordinator(world.other)
    without_coordinator(world.own)
    assign(world, [row], world.other.unit)
    assert Notification.objects.get(user=world.other.cadre).params == {"asked": 1}
    assert Notification.objects.get(user=world.own.cadre).params == {"led": 1}


def test_what_its_people_are_asked_to_take_waits_for_them(world):
    row = make.matter(world.own)
    assign(world, [row], world.other.unit)
    waits = Matter.objects.waiting_for
    assert not waits(world.other.cadre).exists()
    without_coordinator(world.other)
    assert waits(world.other.cadre).get() == row


# What a broken or forged form sends ---------------------------------------------------------------


@pytest.mark.parametrize("text", ["前\0后", "\0"])
def test_a_remark_with_what_is_no_character_assigns_all_the_same(world, sign_in, text):
    row = make.matter(world.own)
    sent = {"pick": f"{row.pick}@{world.other.unit.pk}", "text": text}
    assert sign_in(world.home.office).post(reverse("matter_assign_many"), sent).status_code == 302
    assert Matter.objects.get().asked_unit == world.other.unit


@pytest.mark.parametrize(
    "back", ["matter_list_of_old", "https://elsewhere.example/", "javascript:1"]
)
def test_the_way_back_is_a_page_of_ours(world, sign_in, back):
    browser = sign_in(world.home.office)
    row = make.matter(world.own)
    asked = {"pick": row.pick, "unit": world.other.unit.name, "next": back}
    page = browser.post(reverse("matter_assign_preview"), asked).content.decode()
    assert f'href="{back}"' not in page or back == "matter_list_of_old"
    sent = browser.post(reverse("matter_assign_many"), {"next": back})
    assert sent.status_code == 302
    assert "elsewhere" not in sent["Location"] and "javascript" not in sent["Location"]


def test_the_longest_names_are_chosen_too(world, sign_in):
    browser = sign_in(world.home.office)
    unit, village = world.own.unit, world.own.village
    unit.name, village.name, village.township.name = "单" * 80, "村" * 80, "乡" * 50
    for row in (unit, village, village.township):
        row.save()
    mine = make.matter(world.own)
    make.matter(world.other)
    assert found(browser, unit=unit.name) == {mine.pk}
    assert found(browser, village=village.label) == {mine.pk}
