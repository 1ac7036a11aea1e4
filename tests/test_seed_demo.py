"""The demonstration: the same seed tells the same story, and the services accept all of it."""

import re
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from contact_points.models import ContactPoint, County, Household, Officer, Unit, Village
from feedback.matter_states import State
from feedback.models import (
    Clarification,
    CoHandler,
    EarlierReply,
    EvaluationRound,
    Feedback,
    Matter,
    MatterEvent,
    MatterFile,
    Opinion,
    OpinionCall,
    SuggestionAnswer,
    WaitingAnswer,
)
from outreach.demo_accounts import OTHER_SIGN_INS, PASSWORD, SIGN_INS
from outreach.management.demo import story as told
from outreach.management.demo.county import write_story
from outreach.management.demo.registry import DATA, read_units, read_villages
from outreach.models import AuditEntry, User
from outreach.privacy import private_number
from visits.models import AnnualPlan, ExemptionRequest, PlanLine, Visit

UNTIL = date(2025, 6, 18)
# At the end of a year few lines are ahead, which keeps the played county small.
DECEMBER = date(2024, 12, 18)
TEXTS = ("findings", "problems_solved", "suggestions", "reflections")


def write(months=12, seed=1, until=UNTIL):
    return write_story(
        villages=read_villages(), units=read_units(), months=months, seed=seed, until=until
    )


@pytest.fixture(scope="module")
def year():
    return write()


def steps(story, kind):
    return [step for _, step in story.steps if isinstance(step, kind)]


def test_same_seed_same_story(year):
    again, other = write(), write(seed=2)

    assert again == year
    assert other.steps != year.steps


@pytest.mark.parametrize("until", [date(2025, 1, 1), date(2025, 2, 28), date(2025, 6, 3)])
@pytest.mark.parametrize("months", [1, 2, 14])
def test_any_day_and_length_can_be_told(until, months):
    story = write(months, until=until)

    assert story.steps
    assert all(at < story.ends for at, _ in story.steps)


def test_texts_are_long_enough_varied_and_name_nobody(year):
    sent = [step.texts for step in steps(year, told.SaveFeedback) if step.send]
    reviewed = {step.visit for step in steps(year, told.Review) if step.reason}
    whole = [
        step.texts
        for step in steps(year, told.SaveFeedback)
        if step.send and step.visit not in reviewed
    ]
    names = re.compile("|".join(officer.name for officer in year.officers if len(officer.name) > 2))

    assert len({texts["findings"] for texts in sent}) == len(sent)
    assert all(60 <= len(texts["findings"]) <= 160 for texts in whole)
    assert all(30 <= len(texts["reflections"]) <= 80 for texts in whole)
    for texts in sent:
        words = "".join(texts[name] for name in TEXTS)
        assert len(texts["problems_solved"]) <= 80 and len(texts["suggestions"]) <= 80
        assert "{" not in words
        assert not private_number(words)
        assert not names.search(words)


def test_year_is_believable(year):
    points = year.points
    visits = steps(year, told.RecordVisit)
    first_sent = {}
    for at, step in year.steps:
        if isinstance(step, told.SaveFeedback) and step.send:
            first_sent.setdefault(step.visit, at.date())
    late = sum(
        (first_sent[v.id] - v.started_at.date()).days > 5 for v in visits if v.id in first_sent
    )
    obligations = sum(p.holds_in(month) for p in points for month in year.months[:-1])
    done = {
        (v.point, v.started_at.strftime("%Y-%m"))
        for v in visits
        if v.id in first_sent and v.started_at.date() < year.months[-1]
    }

    assert {p.unit for p in points} == {unit.name for unit in read_units()}
    assert len({p.village[:9] for p in points}) == 10
    assert 110 <= len(points) <= 125
    assert 0.82 < len(done) / obligations < 0.93
    assert 0.04 < late / len(first_sent) < 0.12
    assert len(steps(year, told.VoidVisit)) == 3
    assert {e.exemption for e in steps(year, told.Exempt)} == {"postponed", "merged", "blocked"}
    assert sum(p.last_day is not None for p in points) == 2


def test_suggestions_are_replied_to_and_what_recurs_becomes_a_topic(year):
    replies = steps(year, told.AnswerSuggestion)
    assert {reply.decision for reply in replies} == {"adopted", "answered", "declined"}
    assert len(replies) == len({reply.visit for reply in replies}) + 1  # one was corrected
    assert not [reply for reply in replies if private_number(reply.text)]
    assert len(steps(year, told.PutOnAgenda)) == 1


def test_the_last_days_show_what_units_ask_and_hand_over(year):
    asked = {step.point: step for step in steps(year, told.AskExemption)}
    decided = {step.point: step.grant for step in steps(year, told.DecideRequest)}
    (handed,) = steps(year, told.HandOver)
    assert sorted(step.kind for step in asked.values()) == ["blocked", "leave", "postponed"]
    assert {asked[point].kind: grant for point, grant in decided.items()} == {
        "postponed": False,
        "leave": True,
    }
    units = {year.points[point].unit for point in [*asked, handed.point]}
    assert len(units) == 4 and "县农业农村局" not in units
    old = year.points[handed.point]
    assert (old.unit, old.village) == (handed.successor.unit, handed.successor.village)
    assert old.officer != handed.successor.officer


def test_registry_has_no_contact_points(db):
    call_command("seed_demo", "--scale", "registry", "--until", UNTIL.isoformat())

    assert Village.objects.count() == 301
    assert Unit.objects.count() == 73
    assert Unit.objects.filter(kind="township").count() == 10
    assert not ContactPoint.objects.exists()
    assert not Household.objects.exists()
    assert set(Officer.objects.values_list("user__username", flat=True)) == set(
        User.objects.exclude(unit=None).values_list("username", flat=True)
    )
    for role, username, _ in SIGN_INS + OTHER_SIGN_INS:
        assert User.objects.get(username=username).role == role


def test_county_is_played_through_the_services(db, capsys):
    call_command("seed_demo", "--months", "1", "--until", DECEMBER.isoformat())

    story = write(1, until=DECEMBER)
    assert ContactPoint.objects.count() == len(story.points)
    assert Visit.objects.count() == len(steps(story, told.RecordVisit))
    assert AuditEntry.objects.filter(action="Feedback sent").count() == sum(
        step.send for step in steps(story, told.SaveFeedback)
    )
    assert set(AnnualPlan.objects.values_list("state", flat=True)) == {
        "draft", "submitted", "returned", "approved",
    }  # fmt: skip
    assert PlanLine.objects.filter(planned_date=None).count() < 12
    moments = list(AuditEntry.objects.order_by("id").values_list("at", flat=True))
    assert moments == sorted(moments)
    assert moments[-1] < story.ends

    assert sorted(ExemptionRequest.objects.values_list("kind", "state")) == [
        ("blocked", "asked"), ("leave", "granted"), ("postponed", "refused"),
    ]  # fmt: skip
    assert PlanLine.objects.exclude(substitute=None).count() == 1
    assert Matter.objects.count() == 40
    assert Matter.objects.filter(source="visit").count() == 12
    assert MatterFile.objects.exclude(event=None).count() == MatterFile.objects.count() > 10
    assert set(Matter.objects.values_list("state", flat=True)) == set(State) - {State.DRAFT}
    assert Matter.objects.filter(villager_word="not_solved").exclude(state="closed").exists()
    joined = Matter.objects.filter(state=State.JOINED)
    assert set(joined.values_list("villager_word", flat=True)) == {"", "solved"}
    said = MatterEvent.objects.filter(by=None).values_list("kind", flat=True)
    assert sorted(said) == ["note_not_solved", "note_word", "note_word"]
    helping = CoHandler.objects.filter(released_at=None)
    assert {row.unit.name: row.done_at is not None for row in helping} == {
        "县交通运输局": False,
        "县农业农村局": True,
    }
    round = EvaluationRound.objects.get()
    assert round.state == "closed" and round.counts.filter(village=None, question="").exists()
    assert not WaitingAnswer.objects.exists()
    assert min(round.counts.filter(question="").values_list("count", flat=True)) >= 5
    assert Clarification.objects.filter(state="explained").count() == 1
    assert set(Opinion.objects.values_list("state", flat=True)) == set(Opinion.State)
    assert Opinion.objects.exclude(matter=None).get().matter.source == "opinion"
    assert OpinionCall.objects.open_on(DECEMBER).get().opinions.count() == 2
    decisions = set(SuggestionAnswer.objects.values_list("decision", flat=True))
    assert len(decisions) > 1
    assert EarlierReply.objects.count() == 1
    assert AuditEntry.objects.filter(action="Plan lines follow the registry").exists()
    people = {u.username: u for u in User.objects.select_related("officer", "unit")}
    ganbu, lianluo = people["ganbu"], people["lianluo"]
    assert ganbu.unit == lianluo.unit
    assert ganbu.check_password(PASSWORD) and not ganbu.must_change_password
    own = ContactPoint.objects.filter(officer=ganbu.officer)
    assert own.count() == 2
    lines = PlanLine.objects.filter(contact_point__in=own, month=date(2024, 12, 1))
    assert lines.filter(visits=None).count() == 1
    visits = Visit.objects.filter(contact_point__in=own)
    assert visits.filter(feedback=None).count() == 1
    assert visits.filter(feedback__state=Feedback.State.RETURNED).count() == 1
    assert ganbu.notification_set.filter(read_at=None).count() == 1

    with pytest.raises(CommandError, match="exists already"):
        call_command("seed_demo", "--months", "1")
    assert County.objects.count() == 1


def test_a_day_to_come_is_refused(db):
    with pytest.raises(CommandError, match="has not come"):
        call_command("seed_demo", "--until", "2099-01-01")


def test_province_is_filled_in_bulk(db):
    villages = DATA / "julu_villages.csv"
    options = ["--scale", "province", "--villages", str(villages), "--until", DECEMBER.isoformat()]

    call_command("seed_demo", *options, "--months", "2")

    assert Village.objects.count() == ContactPoint.objects.count() == 301
    assert PlanLine.objects.count() == 602
    assert Visit.objects.filter(month=date(2024, 11, 1)).count() > 250
    assert Feedback.objects.filter(state="accepted").count() > 300
    assert not Household.objects.exists()
    ganbu = User.objects.get(username="ganbu")
    assert ContactPoint.objects.filter(officer__user=ganbu).exists()
    with pytest.raises(CommandError, match="empty database"):
        call_command("seed_demo", *options)


def test_province_asks_for_its_list(db, tmp_path):
    with pytest.raises(CommandError, match="--villages FILE"):
        call_command("seed_demo", "--scale", "province", "--villages", str(tmp_path / "none.csv"))
