"""The county replies to what its visitors suggest."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from feedback.models import EarlierReply, Feedback, SuggestionAnswer
from feedback.permissions import can_answer_suggestion, can_correct_reply
from feedback.services.telling import source_of
from outreach import audit, clock, notifications
from outreach.models import User
from outreach.privacy import check_private_numbers
from outreach.roles import Capability
from visits.services.errors import NotPossible


@transaction.atomic
def answer_suggestion(
    *, feedback: Feedback, actor: User, decision: str, text: str
) -> SuggestionAnswer:
    """Adopt, answer or decline the suggestions of a record with a reply that its author reads.

    Once: of two people the second is told. Raises PermissionDenied, NotPossible, ValidationError.
    """
    if not actor.can(Capability.REVIEW_FEEDBACK) or actor.county_id != feedback.county_id:
        raise PermissionDenied
    feedback = _held(feedback)
    if feedback.reply:
        raise NotPossible(
            _("%(name)s was first: %(happened)s.")
            % {"name": feedback.reply.by, "happened": feedback.reply}
        )
    if not can_answer_suggestion(actor, feedback):
        raise NotPossible(_("The record was returned or void in the meantime."))
    answer = SuggestionAnswer(
        feedback=feedback, county_id=feedback.county_id, decision=decision, text=text, by=actor
    )
    _check(answer)
    answer.save(force_insert=True)
    audit.record(
        gettext_noop("Suggestion answered"),
        actor=actor,
        obj=feedback,
        after=audit.facts(answer, "decision", "text"),
    )
    _tell_author(
        answer, gettext_noop("%(village)s, %(day)s, your suggestion: %(decision)s. %(text)s")
    )
    return answer


@transaction.atomic
def correct_reply(
    *, feedback: Feedback, actor: User, number: int, decision: str, text: str
) -> SuggestionAnswer:
    """Write the reply anew; the earlier one is kept and the author is told once more.

    `number` is the version that the actor saw. Raises PermissionDenied, NotPossible,
    ValidationError.
    """
    feedback = _held(feedback)
    if not can_correct_reply(actor, feedback):
        raise PermissionDenied
    answer = feedback.reply
    if answer.number != number:
        raise NotPossible(
            _("%(name)s was first: %(happened)s.") % {"name": answer.by, "happened": answer}
        )
    kept = {"decision": answer.decision, "text": answer.text, "by": answer.by, "at": answer.at}
    before = audit.facts(answer, "decision", "text")
    answer.decision, answer.text, answer.by, answer.at = decision, text, actor, clock.now()
    _check(answer)
    if before == audit.facts(answer, "decision", "text"):
        raise ValidationError({"text": _("Nothing is different from the reply that stands.")})
    EarlierReply.objects.create(answer=answer, **kept)
    answer.save(update_fields=["decision", "text", "by", "at"])
    audit.record(
        gettext_noop("Reply to a suggestion corrected"),
        actor=actor,
        obj=feedback,
        before=before,
        after=audit.facts(answer, "decision", "text"),
    )
    _tell_author(
        answer,
        gettext_noop("%(village)s, %(day)s, the reply was corrected: %(decision)s. %(text)s"),
    )
    return answer


def _held(feedback: Feedback) -> Feedback:
    """The row, locked: one reply and one correction at a time."""
    rows = Feedback.objects.select_related("visit__contact_point__village", "written_by")
    return rows.select_for_update(of=["self"]).get(pk=feedback.pk)


def _check(answer: SuggestionAnswer) -> None:
    """Raises ValidationError: a reply says something, in one of the decisions, without numbers."""
    answer.text = answer.text.strip()
    if not answer.text:
        raise ValidationError({"text": _("Write a reply: the author reads this sentence.")})
    check_private_numbers({"text": answer.text})
    answer.full_clean(exclude=["feedback", "county", "by"])


def _tell_author(answer: SuggestionAnswer, sentence: str) -> None:
    visit = answer.feedback.visit
    authors = {answer.feedback.written_by_id, visit.officer.user_id if visit.officer else None}
    notifications.notify(
        User.objects.active().filter(pk__in=authors - {None}, county=answer.county_id),
        sentence,
        params={
            "village": visit.contact_point.village.name,
            "day": f"{visit.day:%Y-%m-%d}",
            "decision": source_of(SuggestionAnswer.Decision(answer.decision).label),
            "text": answer.text if len(answer.text) <= 120 else f"{answer.text[:119]}…",
        },
        url=visit.get_absolute_url(),
    )
