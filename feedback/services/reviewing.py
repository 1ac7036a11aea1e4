"""What the county office does besides one decision: many at once, and its saved phrases."""

from collections.abc import Iterable, Mapping
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import County
from feedback.models import Feedback, ReviewPhrase
from feedback.phrases import phrases_for
from feedback.services.feedback import review_feedback
from outreach import audit
from outreach.models import User
from outreach.privacy import check_private_numbers
from outreach.roles import Capability
from visits.services.errors import NotPossible
from visits.services.many import Done, one_by_one


@transaction.atomic
def accept_many(
    *, feedback: Iterable[Feedback], actor: User, seen: Mapping[int, int]
) -> Done[Feedback]:
    """Accept several records, each by the rule of one; marked ones are read one by one instead.

    `seen` is feedback id -> the version that its reader saw. All entries carry one bulk id.
    """
    bulk_id = uuid4()

    def accept(row: Feedback) -> None:
        # A marked version that came after the one seen is refused by its number.
        if row.marks:
            raise NotPossible(_("It has marks: read it first."))
        review_feedback(feedback=row, actor=actor, version=seen[row.pk], bulk_id=bulk_id)

    return one_by_one(
        feedback, accept, refused=_("A colleague decided this record in the meantime.")
    )


def _phrases(actor: User) -> dict[str, ReviewPhrase]:
    """The county's phrases by their text, locked; the usual ones are not written down yet."""
    if not actor.can(Capability.REVIEW_FEEDBACK):
        raise PermissionDenied
    # The county's row is the lock: two first changes at once write the usual ones once.
    County.objects.select_for_update().get(pk=actor.county_id)
    return {row.text: row for row in phrases_for(actor)}


def _write_down(rows: Iterable[ReviewPhrase]) -> None:
    ReviewPhrase.objects.bulk_create(row for row in rows if row.pk is None)


@transaction.atomic
def add_phrase(*, text: str, actor: User) -> ReviewPhrase:
    """Save a phrase for the actor's county. Raises PermissionDenied, ValidationError."""
    known = _phrases(actor)
    text = " ".join(text.split())
    check_private_numbers({"text": text})
    if text in known:
        raise ValidationError({"text": _("This phrase is there already.")})
    row = ReviewPhrase(county_id=actor.county_id, text=text)
    row.full_clean(exclude=["county"])
    _write_down(known.values())
    row.save(force_insert=True)
    audit.record(gettext_noop("Phrase saved"), actor=actor, obj=row, after=audit.facts(row, "text"))
    return row


@transaction.atomic
def remove_phrase(*, text: str, actor: User) -> None:
    """Take a phrase of the actor's county away; one that is gone stays gone.

    Raises PermissionDenied, NotPossible for the last one: without any the usual ones would be back.
    """
    known = _phrases(actor)
    row = known.get(text)
    if row is None:
        return
    if len(known) == 1:
        raise NotPossible(_("Save another phrase before you remove the last one."))
    _write_down(known.values())
    audit.record(
        gettext_noop("Phrase removed"), actor=actor, obj=row, before=audit.facts(row, "text")
    )
    row.delete()
