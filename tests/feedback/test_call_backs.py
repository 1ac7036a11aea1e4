"""The number to call back: sealed, shown to few and on the record, erased in time."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from feedback.models import CallBack, Matter
from feedback.services.call_backs import KEPT_FOR, show_call_back
from feedback.services.matters import close_matter
from feedback.tasks import erase_call_backs
from outreach import audit, clock
from outreach.models import AuditEntry
from tests import factories as make
from visits.services.errors import NotPossible

TYPED, NUMBER = "138 1234-5678", "13812345678"


@pytest.fixture
def matter(world):
    return make.matter(world.own, call_back=TYPED)


@pytest.fixture
def answered(world):
    return make.matter_answered(world.own, call_back=TYPED)


def test_it_is_sealed_in_the_database(matter):
    kept = CallBack.objects.get()
    assert NUMBER not in kept.sealed
    assert NUMBER not in str(Matter.objects.filter(pk=matter.pk).values().get())
    assert NUMBER not in str(kept)


def test_the_leading_unit_sees_it_and_that_it_did_is_in_the_trail(world, matter):
    assert show_call_back(matter=matter, actor=world.own.cadre) == NUMBER
    entry = audit.history(matter)[0]
    assert (entry.action, entry.actor) == ("Call-back number shown", world.own.cadre)


def test_who_may_ask_the_villager_sees_it_from_the_answer_on_only(world, matter, answered):
    with pytest.raises(PermissionDenied):
        show_call_back(matter=matter, actor=world.home.office)
    assert show_call_back(matter=answered, actor=world.home.office) == NUMBER
    for stranger in (world.other.coordinator, world.home.admin, world.abroad.office):
        with pytest.raises(PermissionDenied):
            show_call_back(matter=answered, actor=stranger)


def test_the_first_receiver_of_a_matter_that_moved_on_sees_it_to_call_back_only(world, answered):
    Matter.objects.filter(pk=answered.pk).update(leader=world.other.unit)
    answered.refresh_from_db()
    assert show_call_back(matter=answered, actor=world.own.cadre) == NUMBER
    answered.state = "in_work"
    with pytest.raises(PermissionDenied):
        show_call_back(matter=answered, actor=world.own.cadre)
    assert show_call_back(matter=answered, actor=world.other.cadre) == NUMBER


def test_no_page_list_ledger_or_entry_holds_it_unasked(world, sign_in, matter):
    browser = sign_in(world.own.coordinator)
    show = reverse("call_back_show", args=[matter.pk])
    assert NUMBER in browser.post(show).content.decode()
    pages = [matter.get_absolute_url(), reverse("matter_list"), reverse("matter_board")]
    pages += [f"{reverse('matter_list')}?export={kind}" for kind in ("csv", "xlsx")]
    for url in pages:
        response = browser.get(url)
        body = b"".join(response) if response.streaming else response.content
        assert NUMBER.encode() not in body, url
    entries = AuditEntry.objects.values_list("object_label", "before", "after")
    assert NUMBER not in str(list(entries))


def test_it_is_asked_for_with_a_button_that_is_there_only_where_there_is_a_number(
    world, sign_in, matter
):
    browser = sign_in(world.own.cadre)
    show = reverse("call_back_show", args=[matter.pk])
    assert show in browser.get(matter.get_absolute_url()).content.decode()
    bare = make.matter(world.own)
    show = reverse("call_back_show", args=[bare.pk])
    assert show not in browser.get(bare.get_absolute_url()).content.decode()
    assert browser.post(show).status_code == 302
    with pytest.raises(NotPossible):
        show_call_back(matter=bare, actor=world.own.cadre)


def test_it_outlives_a_change_of_the_sites_key_while_the_former_one_is_named(
    world, matter, settings
):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key"
    assert show_call_back(matter=matter, actor=world.own.cadre) == NUMBER
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(NotPossible):
        show_call_back(matter=matter, actor=world.own.cadre)


@pytest.mark.parametrize("typed", ["打我电话", "123", "1" * 16, "138123 ext 4"])
def test_what_is_no_number_is_refused_and_nothing_is_lost(world, sign_in, typed):
    with pytest.raises(ValidationError):
        make.matter(world.own, call_back=typed)
    data = {
        "village": world.own.village.pk,
        "text": "村口路灯不亮",
        "source": "desk",
        "urgency": "normal",
        "call_back": typed,
    }
    page = sign_in(world.own.cadre).post(reverse("matter_create"), data).content.decode()
    assert "请填写电话号码" in page
    assert typed in page
    assert not Matter.objects.taken_up().exists()
    assert (
        sign_in(world.own.cadre)
        .post(reverse("matter_create"), data | {"call_back": TYPED})
        .status_code
        == 302
    )
    assert show_call_back(matter=Matter.objects.get(), actor=world.own.cadre) == NUMBER


def test_it_is_erased_ninety_days_after_closing_and_not_before(world, answered, matter):
    close_matter(matter=answered, actor=world.home.office, text="电话无人接听。")
    with clock.at(clock.now() + KEPT_FOR - timedelta(seconds=1)):
        erase_call_backs()
        assert CallBack.objects.count() == 2
    with clock.at(clock.now() + KEPT_FOR):
        erase_call_backs()
        assert [kept.matter for kept in CallBack.objects.all()] == [matter]
        entry = audit.history(answered)[0]
        assert (entry.action, entry.actor) == ("Call-back number erased", None)
        entries = AuditEntry.objects.count()
        erase_call_backs()
        assert AuditEntry.objects.count() == entries
