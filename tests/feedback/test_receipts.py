"""The villager's receipt: who hands it out, what it opens, what it never shows."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from feedback.matter_states import Action, State
from feedback.models import Matter, MatterEvent, Tries
from feedback.services.joining import join_matter
from feedback.services.matter_steps import ALPHABET
from feedback.services.matters import accept_matter, close_matter, reopen_matter, say_done
from feedback.services.receipts import (
    TRIES_FROM_NET,
    TRIES_OF_CODE,
    count_try,
    issue_receipt,
    matter_of,
)
from feedback.services.tries import TooOften, forget_tries, part_of_network
from feedback.views.receipts import JOINED_PLAIN, PLAIN
from outreach import audit, clock
from outreach.logs import without_secrets
from outreach.models import AuditEntry, Notification
from tests import factories as make
from visits.services.errors import NotPossible

PAGE = reverse("receipt")
SOLVED = {"word": "solved", "satisfied": "1", "text": ""}
UNSOLVED = {"word": "not_solved", "satisfied": "0", "text": "还有三盏不亮。"}


@pytest.fixture
def answered(world):
    """A matter that its unit has answered, and the number of its receipt."""
    row = make.matter_answered(world.own, category=make.matter_category(world.home.county))
    return row, issue_receipt(matter=row, actor=world.home.office)


def look(browser, number, **more):
    return browser.post(PAGE, {"number": number} | more)


def say(browser, matter, number, word):
    return look(browser, number, version=str(matter.version), **word)


def wrong_key(number, n=0):
    """Another number of the same code."""
    other = [letter for letter in ALPHABET if letter != number[-1]]
    return number[:-1] + other[n % len(other)]


# Handing it out ---------------------------------------------------------------------------------


def test_the_slip_shows_number_and_picture_once_and_no_words_of_the_matter(world, sign_in):
    matter = make.matter(world.own)
    browser = sign_in(world.own.cadre)
    page = browser.post(reverse("receipt_issue", args=[matter.pk])).content.decode()
    number = re.search(r'class="number">(\w{6} \w{4})<', page).group(1)
    assert "data:image/svg+xml" in page
    slip = page[page.index("<article") :]
    assert matter.text not in slip
    assert world.own.village.name not in slip
    assert matter_of(number.replace(" ", "")) == matter
    assert number[-4:] not in browser.get(matter.get_absolute_url()).content.decode()


def test_the_number_is_kept_nowhere(world):
    matter = make.matter(world.own)
    number = issue_receipt(matter=matter, actor=world.own.cadre)
    row = Matter.objects.filter(pk=matter.pk).values().get()
    assert not [name for name, value in row.items() if number[-4:] in str(value)]
    entry = audit.history(matter)[0]
    assert (entry.action, entry.actor) == ("Receipt handed out", world.own.cadre)
    assert (entry.before, entry.after) == (None, None)


def test_the_unit_that_answers_cannot_make_itself_the_villager(world):
    matter = make.matter(world.own)
    issue_receipt(matter=matter, actor=world.own.cadre)
    matter.refresh_from_db()
    with pytest.raises(NotPossible):
        issue_receipt(matter=matter, actor=world.own.coordinator)
    with pytest.raises(NotPossible):
        issue_receipt(matter=make.matter_answered(world.own), actor=world.own.coordinator)


def test_a_unit_that_took_it_over_hands_out_nothing_and_the_first_receiver_may(world):
    matter = make.matter_answered(world.own)
    Matter.objects.filter(pk=matter.pk).update(leader=world.other.unit)
    matter.refresh_from_db()
    with pytest.raises(PermissionDenied):
        issue_receipt(matter=matter, actor=world.other.coordinator)
    number = issue_receipt(matter=matter, actor=world.own.cadre)
    assert matter_of(number) == matter


def test_another_receipt_ends_the_earlier_one(world, answered):
    matter, number = answered
    again = issue_receipt(matter=matter, actor=world.home.office)
    assert matter_of(number) is None
    assert matter_of(again) == matter


def test_a_receipt_outlives_a_change_of_the_sites_key(world, answered, settings):
    matter, number = answered
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key"
    assert matter_of(number) == matter
    settings.SECRET_KEY_FALLBACKS = []
    assert matter_of(number) is None


# Looking ----------------------------------------------------------------------------------------


def test_the_page_tells_how_it_stands_and_nothing_else(world, client, answered):
    matter, number = answered
    page = look(client, number).content.decode()
    for words in (matter.category.name, world.home.township.name, matter.answer, "2026年5月20日"):
        assert words in page
    hidden = (
        *(matter.text, world.own.village.name, world.own.unit.name),
        *(world.own.coordinator.name, world.home.county.name, world.own.officer.name),
    )
    assert not [words for words in hidden if words in page]


@pytest.mark.parametrize("state", [s for s in State if s not in (State.DRAFT, State.JOINED)])
def test_every_state_has_its_plain_words(world, client, state):
    assert make_page(world, client, state).count('class="stands"') == 1


def test_a_report_that_was_joined_to_another_stands_as_that_one(world, client):
    first, second = make.matter(world.own), make.matter(world.other)
    number = issue_receipt(matter=second, actor=world.home.office)
    join_matter(matter=second, actor=world.home.office, main=first)
    accept_matter(matter=first, actor=world.own.cadre)
    assert str(PLAIN[State.IN_WORK]) in look(client, number).content.decode()
    first.refresh_from_db()
    done = say_done(matter=first, actor=world.own.cadre, outcome="solved", text="灯头已更换。")
    page = look(client, number).content.decode()
    assert done.answer in page
    assert str(JOINED_PLAIN[State.ANSWERED]) in page
    assert 'name="word"' in page


def test_not_solved_by_a_receipt_reaches_those_who_reported_it_too(world, client):
    first, second = make.matter(world.own), make.matter(world.other)
    join_matter(matter=second, actor=world.home.office, main=first)
    accept_matter(matter=first, actor=world.own.cadre)
    first.refresh_from_db()
    number = issue_receipt(matter=first, actor=world.home.office)
    done = say_done(matter=first, actor=world.own.cadre, outcome="solved", text="灯头已更换。")
    say(client, done, number, UNSOLVED)
    done.refresh_from_db()
    assert done.state == State.IN_WORK
    told = Notification.objects.filter(user=world.other.coordinator, url=second.get_absolute_url())
    assert sum("not solved" in notice.params["happened"] for notice in told) == 1


def test_not_solved_of_a_joined_report_takes_it_apart_by_the_receipt(world, client):
    first, second = make.matter_in_work(world.own), make.matter(world.other)
    joined = join_matter(matter=second, actor=world.home.office, main=first)
    number = issue_receipt(matter=joined, actor=world.home.office)
    assert 'name="word"' not in look(client, number).content.decode()
    say_done(matter=first, actor=world.own.cadre, outcome="solved", text="灯头已更换。")
    assert 'name="word"' in look(client, number).content.decode()
    page = say(client, joined, number, UNSOLVED).content.decode()
    assert "谢谢" in page
    assert "灯头已更换。" not in page
    joined.refresh_from_db()
    assert (joined.state, joined.main, joined.leader) == ("in_work", None, world.other.unit)
    first.refresh_from_db()
    assert (first.state, first.villager_word) == ("answered", "")


def test_a_slip_names_the_day_only_while_an_answer_is_to_come(world, sign_in):
    browser = sign_in(world.home.office)
    for matter, names_it in ((make.matter(world.own), 1), (make.matter_answered(world.own), 0)):
        page = browser.post(reverse("receipt_issue", args=[matter.pk])).content.decode()
        assert page.count("答复您") == names_it


def make_page(world, client, state):
    matter = make.matter_answered(world.own)
    values = {"state": state}
    if state == State.CLOSED:
        values["closed_at"] = clock.now()
    if state == State.WAITING:
        values["waiting_since"] = clock.today()
    if state == State.TRANSFER_ASKED:
        values["asked_unit"] = world.other.unit
    Matter.objects.filter(pk=matter.pk).update(**values)
    number = issue_receipt(matter=matter, actor=world.home.office)
    page = look(client, number).content.decode()
    assert (matter.answer in page) == (state in (State.ANSWERED, State.CLOSED))
    assert ('name="word"' in page) == (state in (State.ANSWERED, State.CLOSED))
    return page


@pytest.mark.parametrize("written", ["{} {}", " {}-{} ", "{}{}\u3000"])
def test_a_number_is_read_however_it_is_typed(client, answered, written):
    matter, number = answered
    for typed in (number, number.lower()):
        page = look(client, written.format(typed[:6], typed[6:]))
        assert matter.answer in page.content.decode()


def test_a_link_only_fills_in_the_number_and_looks_nothing_up(
    client, answered, django_assert_num_queries
):
    _matter, number = answered
    with django_assert_num_queries(0):
        right = client.get(reverse("receipt_link", args=[number]))
        wrong = client.get(reverse("receipt_link", args=["2222222222"]))
    assert without(number, right) == without("2222222222", wrong)


def test_what_opens_nothing_looks_and_costs_the_same(world, client, answered):
    """A wrong key, a code nobody has, a matter without receipt, a code alone; a draft has none."""
    _matter, number = answered
    bare = make.matter(world.other)
    seen = set()
    for typed in (wrong_key(number), "2222222222", f"{bare.code}2222", number[:6]):
        with Counted() as counted:
            page = without(typed, look(client, typed))
        assert 'class="stands"' not in page
        seen.add((page, counted.number))
    assert len(seen) == 1
    assert matter_of("") is None


def without(number, response):
    """The page without what was typed and without its token."""
    page = re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1-", response.content.decode())
    return page.replace(number, "-")


class Counted:
    """How many queries run inside."""

    def __enter__(self):
        self.number = 0
        self.wrapper = connection.execute_wrapper(self._count)
        self.wrapper.__enter__()
        return self

    def _count(self, execute, *args):
        self.number += 1
        return execute(*args)

    def __exit__(self, *error):
        self.wrapper.__exit__(*error)


def test_no_search_engine_cache_or_log_keeps_it(client, answered):
    _matter, number = answered
    for response in (client.get(reverse("receipt_link", args=[number])), look(client, number)):
        assert "noindex" in response["X-Robots-Tag"]
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "same-origin"
    assert number not in without_secrets(f"GET /receipt/{number}/ 200")


# The villager's word ----------------------------------------------------------------------------


def test_solved_is_noted_as_the_villagers_own_word(world, client, answered):
    matter, number = answered
    page = say(client, matter, number, SOLVED).content.decode()
    assert "谢谢" in page
    matter.refresh_from_db()
    assert (matter.state, matter.villager_word) == (State.ANSWERED, "solved")
    assert matter.villager_satisfied is True
    assert matter.events.last().by is None
    entry = audit.history(matter)[0]
    assert (entry.actor, entry.county) == (None, world.home.county)


def test_not_solved_opens_it_again_and_everybody_concerned_is_told(world, client, answered):
    matter, number = answered
    before = Notification.objects.filter(user=world.home.office).count()
    say(client, matter, number, UNSOLVED)
    matter.refresh_from_db()
    assert (matter.state, matter.leader, matter.reopened) == ("in_work", world.own.unit, 1)
    assert matter.events.last().kind == Action.NOTE_NOT_SOLVED
    assert matter.events.last().text == UNSOLVED["text"]
    assert Notification.objects.filter(user=world.home.office).count() == before + 1
    assert Notification.objects.filter(user=world.own.coordinator).exists()


def test_a_closed_matter_opens_again_too(world, client, answered):
    matter, number = answered
    closed = close_matter(matter=matter, actor=world.home.office, text="电话无人接听。")
    say(client, closed, number, UNSOLVED)
    matter.refresh_from_db()
    assert (matter.state, matter.closed_at) == (State.IN_WORK, None)


@pytest.mark.parametrize(
    "word, words",
    [
        (UNSOLVED | {"text": ""}, "请写一句话"),
        (UNSOLVED | {"text": "请打13812345678"}, "13812345678"),
        ({"word": "solved", "text": "修好了"}, "请选一项最符合的回答"),
        ({"satisfied": "1", "text": "修好了"}, "请选一项最符合的回答"),
        ({"text": "灯亮了", "word": "perhaps", "satisfied": "1"}, "灯亮了"),
    ],
)
def test_a_word_that_cannot_be_taken_says_why_and_loses_nothing(client, answered, word, words):
    matter, number = answered
    page = say(client, matter, number, word).content.decode()
    assert words in page
    assert word["text"] in page
    assert "is-invalid" in page
    matter.refresh_from_db()
    assert (matter.villager_word, matter.version) == ("", answered[0].version)


def test_a_second_tap_is_noted_once(client, answered):
    matter, number = answered
    say(client, matter, number, UNSOLVED)
    events = MatterEvent.objects.count()
    page = say(client, matter, number, UNSOLVED).content.decode()
    assert "您的评价已经收到" in page
    assert MatterEvent.objects.count() == events


def test_before_an_answer_there_is_nothing_to_say(world, client, answered):
    matter, number = answered
    again = reopen_matter(matter=matter, actor=world.home.office, text="再办。")
    entries = AuditEntry.objects.count()
    say(client, again, number, SOLVED)
    assert AuditEntry.objects.count() == entries


# Tries ------------------------------------------------------------------------------------------


def test_a_code_whose_key_is_tried_too_often_opens_no_more_today(client, answered):
    matter, number = answered
    for n in range(TRIES_OF_CODE):
        assert look(client, wrong_key(number, n)).status_code == 200
    refused = look(client, number)
    assert refused.status_code == 429
    assert matter.answer not in refused.content.decode()
    with clock.at(clock.now() + timedelta(days=1)):
        assert matter.answer in look(client, number).content.decode()


def test_looking_with_the_right_number_never_runs_out(client, answered):
    matter, number = answered
    for _n in range(TRIES_OF_CODE + 2):
        assert matter.answer in look(client, number).content.decode()


def test_a_part_of_the_network_that_tries_too_often_waits_an_hour(client, answered):
    matter, number = answered
    for n in range(TRIES_FROM_NET):
        look(client, f"{n:06d}2222")
    assert look(client, number).status_code == 429
    far = client.post(PAGE, {"number": number}, REMOTE_ADDR="198.51.100.7")
    assert matter.answer in far.content.decode()
    with clock.at(clock.now() + timedelta(hours=1)):
        assert look(client, number).status_code == 200


@pytest.mark.parametrize(
    "address, part",
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("", ""),
    ],
)
def test_an_address_counts_by_the_part_of_the_network_it_lies_in(address, part):
    assert part_of_network(address) == part


def test_of_an_address_nothing_is_kept_and_the_counts_are_forgotten(world, answered):
    _matter, number = answered
    count_try(number=number, address="203.0.113.77")
    rows = list(Tries.objects.values("name", "until"))
    assert len(rows) == 2
    assert not [row for row in rows if "203" in row["name"][:3] or number[:6] in row["name"]]
    assert {field.name for field in Tries._meta.fields} == {"name", "until", "count"}
    assert forget_tries() == 0
    with clock.at(clock.now() + timedelta(hours=1)):
        assert forget_tries() == 1
    with clock.at(clock.now() + timedelta(days=1)):
        assert forget_tries() == 1


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_are_all_counted(fixed_clock):
    now = clock.now()

    def one(_n):
        try:
            with clock.at(now):
                count_try(number="222222AAAA", address="203.0.113.77")
        except TooOften:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        let_through = list(pool.map(one, range(TRIES_OF_CODE + 5)))
    assert let_through.count(True) <= TRIES_OF_CODE
    assert let_through.count(True) >= TRIES_OF_CODE - 5
