"""The opinion book: what villagers write, what is kept of it, what the county makes of it."""

import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from feedback.matter_states import State
from feedback.models import Matter, Opinion, Tries
from feedback.services import opinions
from feedback.services.opinion_calls import change_call, close_call, open_call
from feedback.services.opinions import (
    FROM_NET,
    FROM_VILLAGE,
    KEPT_FOR,
    erase_opinions,
    hold_back_opinion,
    publish_opinion,
    raise_from_opinion,
    write_opinion,
)
from feedback.services.tries import TooOften
from outreach import audit, clock
from outreach.logs import without_secrets
from outreach.models import AuditEntry, Notification
from outreach.roles import Role
from tests import evaluation
from tests import factories as make
from tests.conftest import TODAY
from visits.services.errors import NotPossible

WORDS = "村东头的路灯坏了，晚上看不见。"


def page(village):
    return reverse("village_page", args=[village.code])


def write(browser, village, **said):
    return browser.post(page(village), {"text": WORDS} | said)


# A villager writes ------------------------------------------------------------------------------


def test_an_opinion_has_a_day_and_a_village_and_nothing_of_its_writer(world, client):
    before = AuditEntry.objects.count()
    response = write(client, world.own.village, grade="2")
    assert "谢谢" in response.content.decode()
    row = Opinion.objects.get()
    assert (row.village, row.grade, row.text) == (world.own.village, 2, WORDS)
    assert (row.received_on, row.state, row.read_at) == (TODAY, "waiting", None)
    assert AuditEntry.objects.count() == before
    assert not Notification.objects.filter(url__contains="opinion").exists()
    moments = [f.name for f in Opinion._meta.fields if f.get_internal_type() == "DateTimeField"]
    assert moments == ["read_at"]


def test_the_page_keeps_no_session_and_tells_nobody_where_it_came_from(world, client):
    for response in (client.get(page(world.own.village)), write(client, world.own.village)):
        assert not response.cookies
        assert response["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        assert "csrfmiddlewaretoken" not in response.content.decode()
    assert without_secrets(f"POST {page(world.own.village)} 200") == "POST /v/-/ 200"


def test_the_page_costs_three_queries_and_few_bytes(world, client, django_assert_num_queries):
    evaluation.opinion_call(world.home.county)
    for _n in range(25):
        evaluation.opinion(world.own.village, "路" * 500, state="published", reply="修" * 500)
    with django_assert_num_queries(3):
        html = client.get(page(world.own.village)).content
    assert html.count(b'class="said"') == 20
    empty = client.get(page(world.other.village)).content
    assert len(empty) < 6_000


def test_a_grade_alone_waits_for_nobody(world, client):
    write(client, world.own.village, grade="5", text=" ")
    row = Opinion.objects.get()
    assert (row.grade, row.text, row.state) == (5, "", "grade")
    assert not Opinion.objects.waiting().exists()
    with pytest.raises(NotPossible):
        publish_opinion(opinion=row, actor=world.home.office, version=0, text="好")


@pytest.mark.parametrize(
    "said, words",
    [
        ({"text": ""}, "请选一项，或者写几句话"),
        ({"text": "打我电话13812345678"}, "13812345678"),
        ({"text": "多" * 501}, "多" * 501),
        ({"grade": "9"}, WORDS),
        ({"call": "zzz"}, WORDS),
    ],
)
def test_what_cannot_be_taken_says_why_and_loses_nothing(world, client, said, words):
    html = write(client, world.own.village, **said).content.decode()
    assert words in html
    assert 'role="alert"' in html
    assert not Opinion.objects.exists()


def test_the_second_tap_on_one_page_is_no_second_opinion(world, client):
    html = client.get(page(world.own.village)).content.decode()
    once = re.search(r'name="once" value="([\w-]+)"', html).group(1)
    for _n in range(2):
        assert "谢谢" in write(client, world.own.village, once=once).content.decode()
    assert Opinion.objects.count() == 1
    # The page that a browser kept, with other words on it, and another telephone.
    write(client, world.own.village, once=once, text="井水发黄。")
    write(client, world.own.village, once="")
    assert Opinion.objects.count() == 3


def test_an_opinion_about_a_call_while_it_is_open(world, client):
    call = evaluation.opinion_call(world.home.county)
    foreign = evaluation.opinion_call(world.abroad.county)
    html = client.get(page(world.own.village)).content.decode()
    assert html.count('name="call"') == 2 and call.question in html
    write(client, world.own.village, call=str(call.pk))
    assert Opinion.objects.get().call == call
    write(client, world.own.village, call=str(foreign.pk))
    close_call(call=call, actor=world.home.office)
    write(client, world.own.village, call=str(call.pk))
    assert Opinion.objects.count() == 1
    call.refresh_from_db()
    with pytest.raises(ValidationError):
        write_opinion(village=world.own.village, grade=3, text="", call=call)


def test_the_page_of_a_merged_village_leads_to_the_one_it_is_in(world, client):
    village = world.own.village
    village.merged_into, village.merged_from = world.other.village, date(2026, 6, 1)
    village.save()
    assert client.get(page(village)).status_code == 200
    with clock.at(make.moment(date(2026, 6, 1))):
        assert client.get(page(village))["Location"] == page(world.other.village)


# Limits -----------------------------------------------------------------------------------------


def test_one_part_of_the_network_waits_an_hour_and_nobody_else(world, client):
    for n in range(FROM_NET):
        assert write(client, world.own.village, text=f"第{n}条").status_code == 200
    refused = write(client, world.other.village)
    assert refused.status_code == 429
    assert WORDS in refused.content.decode()
    elsewhere = client.post(page(world.own.village), {"text": WORDS}, REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 200
    assert client.get(page(world.own.village)).status_code == 200
    with clock.at(clock.now() + timedelta(hours=1)):
        assert write(client, world.other.village).status_code == 200


def test_a_village_is_not_flooded_from_many_networks(world):
    for n in range(FROM_VILLAGE):
        opinions.count_opinion(village=world.own.village, address=f"10.0.{n}.1")
    with pytest.raises(TooOften):
        opinions.count_opinion(village=world.own.village, address="10.9.9.9")
    opinions.count_opinion(village=world.other.village, address="10.9.9.9")
    with clock.at(clock.now() + timedelta(days=1)):
        opinions.count_opinion(village=world.own.village, address="10.9.9.9")
    assert not Tries.objects.filter(name__contains="10.").exists()


@pytest.mark.django_db(transaction=True)
def test_no_transaction_joins_an_opinion_with_the_network_it_came_from(client, fixed_clock):
    """The counts are written apart; what the opinion's own transaction left names no network."""
    village = make.village(make.township(make.county()))
    write(client, village, REMOTE_ADDR="203.0.113.7")
    with transaction.atomic():
        (written,) = Opinion.objects.extra(select={"x": "xmin::text"}).values_list("x", flat=True)
        rows = Tries.objects.extra(select={"x": "xmin::text"}).values_list("x", flat=True)
        assert len(rows) == 3
        assert list(rows).count(written) == 1  # that this page was sent already


# The county office reads ------------------------------------------------------------------------


def test_published_words_stand_on_the_village_page_with_the_reply(world, client):
    row = evaluation.opinion(world.own.village, "三组老王家门口路灯坏了。", grade=1)
    publish_opinion(
        opinion=row, actor=world.home.office, version=0, text="路灯坏了。", reply="已报修。"
    )
    html = client.get(page(world.own.village)).content.decode()
    assert "路灯坏了。" in html and "已报修。" in html
    assert "老王" not in html
    assert "路灯坏了。" not in client.get(page(world.other.village)).content.decode()
    entry = audit.history(row)[0]
    assert (entry.action, entry.after) == (
        "Opinion published",
        {"state": "published", "edited": True},
    )
    assert "路灯" not in f"{entry.before}{entry.after}{entry.object_label}"


def test_held_back_with_a_reason_it_disappears_and_can_be_published_again(world, client):
    row = evaluation.opinion(world.own.village, state="published")
    with pytest.raises(ValidationError):
        hold_back_opinion(opinion=row, actor=world.home.office, version=0, reason=" ")
    row = hold_back_opinion(opinion=row, actor=world.home.office, version=0, reason="指名道姓")
    assert row.text not in client.get(page(world.own.village)).content.decode()
    row = publish_opinion(opinion=row, actor=world.home.office, version=1, text=row.text)
    assert (row.state, row.reason, row.version) == ("published", "", 2)


@pytest.mark.parametrize(
    "said", [{"text": " "}, {"text": "找13812345678"}, {"text": "好", "reply": "打13812345678"}]
)
def test_nothing_private_is_published(world, said):
    row = evaluation.opinion(world.own.village)
    with pytest.raises(ValidationError):
        publish_opinion(opinion=row, actor=world.home.office, version=0, **said)


def test_of_two_readers_the_second_is_told(world, sign_in):
    row = evaluation.opinion(world.own.village)
    publish_opinion(opinion=row, actor=world.home.office, version=0, text="路灯坏了。")
    with pytest.raises(NotPossible, match=world.home.office.name):
        hold_back_opinion(opinion=row, actor=world.home.office, version=0, reason="骂人")
    browser = sign_in(world.home.office)
    said = {"decision": "hold_back", "version": 0, "reason": "骂人"}
    html = browser.post(row.get_absolute_url(), said).content.decode()
    assert world.home.office.name in html and "骂人" in html


def test_who_has_no_part_in_it_decides_nothing(world):
    row = evaluation.opinion(world.own.village)
    for person in (world.own.coordinator, world.home.admin, world.abroad.office):
        with pytest.raises(PermissionDenied):
            publish_opinion(opinion=row, actor=person, version=0, text="好")
        with pytest.raises(PermissionDenied):
            raise_from_opinion(
                opinion=row, actor=person, version=0, text="好", leader=world.own.unit
            )


def test_the_queue_goes_on_to_the_next_that_waits(world, sign_in):
    first, second = (evaluation.opinion(world.own.village, f"第{n}条") for n in range(2))
    browser = sign_in(world.home.office)
    assert browser.get(reverse("opinion_next"))["Location"] == first.get_absolute_url()
    said = {"decision": "publish", "version": 0, "text": "第一条", "reply": "", "reason": ""}
    done = browser.post(first.get_absolute_url(), said, follow=True)
    assert done.redirect_chain[-1][0] == second.get_absolute_url()
    said |= {"decision": "hold_back", "reason": "看不懂"}
    done = browser.post(second.get_absolute_url(), said, follow=True)
    assert done.redirect_chain[-1][0] == reverse("opinion_list")
    assert not Opinion.objects.waiting().exists()


def test_what_is_changed_is_shown_before_it_is_published(world, sign_in):
    row = evaluation.opinion(world.own.village, "三组老王家路灯坏了。")
    said = {"decision": "compare", "version": 0, "text": "路灯坏了。", "reply": "", "reason": ""}
    html = sign_in(world.home.office).post(row.get_absolute_url(), said).content.decode()
    assert "<del>三组老王家</del>路灯坏了。" in html
    assert Opinion.objects.get().state == "waiting"


def test_units_read_what_is_published_of_their_own_villages_without_the_grade(world, sign_in):
    mine = evaluation.opinion(world.own.village, "路灯坏了。", state="published", grade=1)
    evaluation.opinion(world.own.village, "还没人看。")
    other = evaluation.opinion(world.other.village, "井水发黄。", state="published")
    seen = Opinion.objects.visible_to(world.own.cadre)
    assert list(seen) == [mine] and other not in seen
    browser = sign_in(world.own.cadre)
    html = browser.get(reverse("village_opinions", args=[world.own.village.pk])).content.decode()
    assert "路灯坏了。" in html and "还没人看" not in html
    assert str(mine.get_grade_display()) not in html
    assert "village-opinions" not in html or reverse("opinion_list") not in html
    page_ = browser.get(world.own.village.get_absolute_url()).content.decode()
    assert reverse("village_opinions", args=[world.own.village.pk]) in page_


# It becomes a matter ----------------------------------------------------------------------------


def test_an_opinion_becomes_a_matter_once_and_both_know_it(world, sign_in, client):
    row = evaluation.opinion(world.own.village, state="published")
    browser = sign_in(world.home.office)
    address = reverse("opinion_matter", args=[row.pk])
    said = {"text": "路灯坏了。", "urgency": "normal", "version": "0", "leader": world.own.unit.pk}
    assert browser.post(address, said)["Location"] == row.get_absolute_url()
    matter = Matter.objects.get()
    assert (matter.source, matter.village, matter.opinion) == ("opinion", row.village, row)
    assert (matter.leader, matter.state) == (world.own.unit, State.RECEIVED)
    there, back = matter.get_absolute_url(), row.get_absolute_url()
    assert there in browser.get(back).content.decode()
    assert f'href="{back}">意见簿反映' in browser.get(there).content.decode()
    unit = sign_in(world.own.coordinator).get(there).content.decode()
    assert "意见簿反映" in unit and back not in unit
    assert "已转有关单位办理" in client.get(page(row.village)).content.decode()
    row.refresh_from_db()
    with pytest.raises(NotPossible):
        raise_from_opinion(
            opinion=row, actor=world.home.office, version=1, text="再来", leader=world.own.unit
        )


def test_no_desk_raises_a_matter_of_the_opinion_book(world):
    with pytest.raises(ValidationError):
        make.matter(world.own, source="opinion")


# Calls ------------------------------------------------------------------------------------------


def test_an_answered_question_stays_as_it_was_asked(world):
    actor, today = world.home.office, TODAY
    period = {"opens_on": today, "closes_on": today + timedelta(days=7)}
    call = open_call(actor=actor, question="先修哪条路？", **period)
    call = change_call(call=call, actor=actor, question="先修哪一条路？", **period)
    evaluation.opinion(world.own.village, call=call)
    with pytest.raises(ValidationError):
        change_call(call=call, actor=actor, question="修不修？", **period)
    longer = period | {"closes_on": today + timedelta(days=30)}
    call = change_call(call=call, actor=actor, question="先修哪一条路？", **longer)
    call = close_call(call=call, actor=actor)
    assert call.is_over and not call.is_open
    with pytest.raises(NotPossible):
        change_call(call=call, actor=actor, question="先修哪一条路？", **longer)


@pytest.mark.parametrize("first, last", [(1, 0), (-9, -1), (0, 91), (91, 92)])
def test_a_call_has_a_period_that_is_not_over_and_ends(world, first, last):
    with pytest.raises(ValidationError):
        open_call(
            actor=world.home.office,
            question="先修哪条路？",
            opens_on=TODAY + timedelta(days=first),
            closes_on=TODAY + timedelta(days=last),
        )


# Sheets, retention ------------------------------------------------------------------------------


def test_the_sheets_of_a_township_carry_each_villages_own_address(world, sign_in, settings):
    settings.SITE_URL = "https://mdm.example.cn"
    browser = sign_in(world.home.office)
    places = [world.own.village, world.other.village]
    html = browser.get(
        reverse("village_sheets"), {"township": world.home.township.code}
    ).content.decode()
    assert html.count('class="poster"') == 2
    for village in places:
        assert f"https://mdm.example.cn{page(village)}" in html
    assert browser.get(reverse("village_sheets"), {"township": "1"}).status_code == 404
    (one,) = [browser.get(reverse("village_sheet", args=[places[0].pk])).content.decode()]
    assert one.count('class="poster"') == 1


def test_words_are_erased_after_two_years_and_nothing_of_them_stays(world):
    kept = {"grade": 2, "reply": "已修。", "state": "published"}
    old = evaluation.opinion(world.own.village, received_on=TODAY - KEPT_FOR, **kept)
    held = evaluation.opinion(
        world.own.village, received_on=TODAY - KEPT_FOR, state="held_back", reason="指名"
    )
    young = evaluation.opinion(
        world.own.village, received_on=TODAY - KEPT_FOR + timedelta(days=1), **kept
    )
    assert (erase_opinions(), erase_opinions()) == (2, 0)
    for row in (old, held):
        row.refresh_from_db()
        assert (row.text, row.published_text, row.reply, row.reason) == ("", "", "", "")
        assert (row.village, row.erased_on) == (world.own.village, TODAY)
    assert (old.grade, old.state) == (2, "published")
    young.refresh_from_db()
    assert young.text
    entries = AuditEntry.objects.filter(action="Words of an opinion erased")
    assert entries.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Opinion.objects.filter(pk=young.pk).update(erased_on=TODAY)
    assert list(Opinion.objects.visible_to(make.user(Role.CADRE, unit=world.own.unit))) == [young]
