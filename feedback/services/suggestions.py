"""The county replies to what its visitors suggest."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from feedback.models import Feedback, SuggestionAnswer
from feedback.permissions import can_answer_suggestion
from feedback.services.matter_steps import source_of
from outreach import audit, notifications
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
    rows = Feedback.objects.select_related("visit__contact_point__village", "written_by")
    feedback = rows.select_for_update(of=["self"]).get(pk=feedback.pk)
    if feedback.reply:
        raise NotPossible(
            _("%(name)s was first: %(happened)s.")
            % {"name": feedback.reply.by, "happened": feedback.reply}
        )
    if not can_answer_suggestion(actor, feedback):
        raise NotPossible(_("The record was returned or void in the meantime."))
    text = text.strip()
    if not text:
        raise ValidationError({"text": _("Write a reply: the author reads this sentence.")})
    check_private_numbers({"text": text})
    answer = SuggestionAnswer(
        feedback=feedback, county_id=feedback.county_id, decision=decision, text=text, by=actor
    )
    answer.full_clean(exclude=["feedback", "county", "by"])
    answer.save(force_insert=True)
    audit.record(
        gettext_noop("Suggestion answered"),
        actor=actor,
        obj=feedback,
        after=audit.facts(answer, "decision", "text"),
    )
    _tell_author(answer)
    return answer


def _tell_author(answer: SuggestionAnswer) -> None:
    visit = answer.feedback.visit
    authors = {answer.feedback.written_by_id, visit.officer.user_id if visit.officer else None}
    notifications.notify(
        User.objects.active().filter(pk__in=authors - {None}, county=answer.county_id),
        gettext_noop("%(village)s, %(day)s, your suggestion: %(decision)s. %(text)s"),
        params={
            "village": visit.contact_point.village.name,
            "day": f"{visit.day:%Y-%m-%d}",
            "decision": source_of(SuggestionAnswer.Decision(answer.decision).label),
            "text": answer.text if len(answer.text) <= 120 else f"{answer.text[:119]}…",
        },
        url=visit.get_absolute_url(),
    )
