"""A category that recurs becomes a topic of next month's visits."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from feedback.agenda import next_month, topic_now
from feedback.models import AgendaTopic, MatterCategory
from outreach.models import User
from outreach.privacy import check_private_numbers
from outreach.roles import Capability
from visits.models import ProgrammeYear, Topic
from visits.services.errors import NotPossible
from visits.services.topics import add_topic


@transaction.atomic
def put_on_agenda(*, category: MatterCategory, actor: User, title: str, text: str) -> Topic:
    """Make a topic of next month, for every unit, of a category; remembered with the category.

    The entry is that of the topic. Raises PermissionDenied, NotPossible (it is one already),
    ValidationError.
    """
    if not actor.can(Capability.DIRECT_MATTERS) or category.county_id != actor.county_id:
        raise PermissionDenied
    # The category's row is the lock: two people make one topic.
    MatterCategory.objects.select_for_update().get(pk=category.pk)
    if made := topic_now(category):
        raise NotPossible(_("It is a topic already: “%(topic)s”.") % {"topic": made.topic})
    month = next_month()
    year = ProgrammeYear.objects.filter(county=category.county_id, year=month.year).first()
    if year is None:
        raise ValidationError(
            _("The programme year %(year)s is not open yet: open it first.") % {"year": month.year}
        )
    check_private_numbers({"title": title, "text": text})
    topic = add_topic(
        year=year, actor=actor, title=title, text=text, first_month=month, last_month=month
    )
    AgendaTopic.objects.create(
        county_id=category.county_id, category=category, topic=topic, by=actor
    )
    return topic
