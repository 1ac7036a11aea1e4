"""Visits, their photos and feedback, its review, suggestions and their replies."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid5

from feedback.models import Feedback, Matter
from feedback.records import record_of, stamp_of
from feedback.services import Sending, receive_record, review_feedback, save_feedback
from feedback.services.suggestions import answer_suggestion, correct_reply
from outreach import clock
from outreach.demo_accounts import SIGN_INS
from outreach.management.demo import photos
from outreach.management.demo import story as told
from outreach.management.demo.verbs.dispatch import do
from visits.models import Visit
from visits.services.photos import add_photo
from visits.services.recording import VisitContent, record_visit, void_visit

if TYPE_CHECKING:
    from outreach.management.demo.player import Player

# What somebody may still review; the rest is written the shorter way.
REVIEWED = timedelta(days=60)


@do.register(told.RecordVisit)
def _(step: told.RecordVisit, player: "Player") -> None:
    point = player.points[step.point]
    households = player.households[player.story.points[step.point].village]
    year = step.started_at.year
    content = VisitContent(
        officer_id=player.officers[step.officer].pk,
        started_at=step.started_at,
        ended_at=step.ended_at,
        ate=step.ate,
        lived=step.lived,
        worked=step.worked,
        topic_ids=frozenset(player.topics[year, title].pk for title in step.topics),
        talks=step.talks,
        households={households[number]: how for number, how in step.households.items()},
    )
    player.visits[step.id], _ = record_visit(
        id=step.id,
        contact_point=point,
        content=content,
        actor=player.users[step.by],
        written_at=step.written_at,
    )
    if step.by == SIGN_INS[0][1]:
        for n in range(step.id.int % 4):
            content = photos.drawn(f"{step.id} {n}")
            add_photo(visit=player.visits[step.id], content=content, actor=player.users[step.by])


@do.register(told.SaveFeedback)
def _(step: told.SaveFeedback, player: "Player") -> None:
    known = player.feedback.get(step.visit)
    if clock.now() > player.story.ends - REVIEWED:
        player.feedback[step.visit] = _receive(step, player)
        return
    player.feedback[step.visit] = save_feedback(
        visit=player.visits[step.visit],
        actor=player.users[step.by],
        texts=step.texts,
        version=known.version if known else 0,
        minutes=step.minutes,
        send=step.send,
    )


def _receive(step: told.SaveFeedback, player: "Player") -> Feedback:
    """As the page of a record sends it: its versions are what a reviewer compares."""
    visit = Visit.objects.with_content().prefetch_related("matters").get(pk=step.visit)
    stored = record_of(visit)
    problems = stored.problems + tuple(text for _key, text in step.problems)
    opened_at = clock.now() - timedelta(minutes=step.minutes)
    receipt = receive_record(
        id=step.visit,
        contact_point=visit.contact_point,
        record=replace(stored, texts=stored.texts | step.texts, problems=problems),
        sending=Sending(
            uuid5(step.visit, stamp_of(visit)),
            stamp_of(visit),
            send=step.send,
            opened_at=opened_at,
        ),
        actor=player.users[step.by],
    )
    for key, text in step.problems:
        player.matters[key] = Matter.objects.for_page().get(visit=visit, text=text)
    assert receipt.feedback
    return receipt.feedback


@do.register(told.Review)
def _(step: told.Review, player: "Player") -> None:
    player.feedback[step.visit] = review_feedback(
        feedback=player.feedback[step.visit], actor=player.users[step.by], reason=step.reason
    )


@do.register(told.VoidVisit)
def _(step: told.VoidVisit, player: "Player") -> None:
    void_visit(visit=player.visits[step.visit], actor=player.users[step.by], reason=step.reason)


@do.register(told.AnswerSuggestion)
def _(step: told.AnswerSuggestion, player: "Player") -> None:
    feedback, actor = player.feedback[step.visit], player.users["xianban"]
    said = {"decision": step.decision, "text": step.text}
    if reply := feedback.reply:
        correct_reply(feedback=feedback, actor=actor, number=reply.number, **said)
    else:
        feedback.suggestion_answer = answer_suggestion(feedback=feedback, actor=actor, **said)
