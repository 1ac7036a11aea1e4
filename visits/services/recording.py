"""Record a visit once and only once, correct it, void it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint, Household
from outreach import audit, clock
from outreach.models import User
from outreach.privacy import check_private_numbers
from visits.models import PlanLine, Talk, Visit, VisitHousehold, YearRule
from visits.permissions import can_edit_visit, can_record_for, can_record_visit, can_void_visit
from visits.services.errors import NotPossible, StaleVersion
from visits.services.topics import check_offered

# How long after a visit it may still be recorded; the server's clock decides.
RECORD_WITHIN = timedelta(days=31)


@dataclass(frozen=True)
class VisitContent:
    """What a person says about a visit: the whole form, in values."""

    officer_id: int
    started_at: datetime
    ended_at: datetime | None = None
    ate: bool = False
    lived: bool = False
    worked: bool = False
    topic_ids: frozenset[int] = frozenset()
    # (group, form) -> people
    talks: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # household id -> outcome
    households: Mapping[int, str] = field(default_factory=dict)


FIELDS = ("officer_id", "started_at", "ended_at", "ate", "lived", "worked")


def content_of(visit: Visit) -> VisitContent:
    """What the stored visit holds, comparable with what arrives."""
    return VisitContent(
        **{name: getattr(visit, name) for name in FIELDS},
        topic_ids=frozenset(topic.pk for topic in visit.topics.all()),
        talks={(talk.group, talk.form): talk.people for talk in visit.talks.all()},
        households={call.household_id: call.outcome for call in visit.household_calls.all()},
    )


def facts_of(content: VisitContent) -> dict[str, Any]:
    """The content in plain values, as the trail and the versions of a record keep it."""
    return {name: getattr(content, name) for name in FIELDS} | {
        "topics": sorted(content.topic_ids),
        "talks": {f"{group}/{form}": people for (group, form), people in content.talks.items()},
        "households": {str(pk): outcome for pk, outcome in content.households.items()},
    }


def feedback_due_on(county_id: int, day: date) -> date:
    """The last day on which the feedback of a visit of this day is on time (domain: indicators)."""
    of_year = YearRule.objects.filter(
        programme_year__county=county_id, programme_year__year=day.year, effective_month__lte=day
    )
    days = of_year.order_by("-effective_month").values_list("feedback_due_days", flat=True).first()
    if days is None:
        raise NotPossible(
            _("The county has not opened the year %(year)s yet.") % {"year": day.year}
        )
    return day + timedelta(days=days)


def _day(content: VisitContent) -> date:
    return content.started_at.astimezone(clock.SHANGHAI).date()


def _check(
    content: VisitContent,
    contact_point: ContactPoint,
    actor: User,
    before: VisitContent | None = None,
) -> None:
    """Refuse what cannot be; of a correction (`before` is stored) only what it changes is asked."""
    same_officer = before is not None and before.officer_id == content.officer_id
    if not can_record_visit(actor, contact_point):
        raise PermissionDenied
    if not same_officer and not can_record_for(actor, content.officer_id):
        raise PermissionDenied
    if before is None or _day(before) != _day(content):
        _check_day(_day(content), contact_point)
    officers = contact_point.unit.officers
    if not same_officer and not officers.filter(pk=content.officer_id).exists():
        raise ValidationError({"officer": _("This officer is not of the unit.")})
    strangers = Household.objects.filter(pk__in=content.households).exclude(
        village_id=contact_point.village_id
    )
    if content.households and strangers.exists():
        raise ValidationError({"households": _("A household is of another village.")})


def _check_topics(
    content: VisitContent, contact_point: ContactPoint, before: VisitContent | None = None
) -> None:
    month = clock.month_of(content.started_at)
    same_month = before is not None and clock.month_of(before.started_at) == month
    check_offered(
        content.topic_ids,
        unit=contact_point.unit,
        month=month,
        known=before.topic_ids if before and same_month else (),
    )


def _check_day(day: date, contact_point: ContactPoint) -> None:
    if day > clock.today():
        raise ValidationError({"day": _("This day has not come yet.")})
    if day < clock.today() - RECORD_WITHIN:
        raise ValidationError({"day": _("A visit can be recorded up to 31 days afterwards.")})
    if day not in contact_point.period:
        raise ValidationError({"day": _("Your unit does not hold this village on that day.")})


def _write_children(visit: Visit, content: VisitContent) -> None:
    visit.topics.add(*content.topic_ids)
    Talk.objects.bulk_create(
        Talk(visit=visit, group=group, form=form, people=people)
        for (group, form), people in content.talks.items()
    )
    VisitHousehold.objects.bulk_create(
        VisitHousehold(visit=visit, household_id=pk, outcome=outcome)
        for pk, outcome in content.households.items()
    )


def _known(
    id: UUID, contact_point: ContactPoint, content: VisitContent, actor: User
) -> Visit | None:
    """The visit that arrived under this id before, if it says the same; None if there is none.

    Raises StaleVersion when it says something else, NotPossible when it is another unit's.
    """
    if not can_record_visit(actor, contact_point):
        raise PermissionDenied
    if not Visit.objects.filter(pk=id).exists():  # as nearly always; the rest costs ten times that
        return None
    known = Visit.objects.with_content().get(pk=id)
    if known.unit_id != contact_point.unit_id:
        raise NotPossible(_("This record's number is taken. Begin a new one."))
    if known.contact_point_id != contact_point.pk or content_of(known) != content:
        raise StaleVersion(known)
    return known


@transaction.atomic
def record_visit(
    *,
    id: UUID,
    contact_point: ContactPoint,
    content: VisitContent,
    actor: User,
    written_at: datetime | None = None,
) -> tuple[Visit, bool]:
    """Record a visit under the id its client made; (visit, whether it is new).

    The same id with the same content is the same record, sent again. The same id with other
    content raises StaleVersion: it is a correction, made through `correct_visit`. Raises
    PermissionDenied, ValidationError, NotPossible.
    """
    day = _day(content)
    # In the month of a handover a village has two contact points; the visit is that of its day.
    contact_point = ContactPoint.objects.holding(contact_point, day)
    if known := _known(id, contact_point, content, actor):
        return known, False
    _check(content, contact_point, actor)
    now = clock.now()
    visit = Visit(
        id=id,
        county_id=contact_point.county_id,
        unit_id=contact_point.unit_id,
        contact_point=contact_point,
        plan_line=PlanLine.objects.owed_for(contact_point, clock.month_of(day)),
        recorded_by=actor,
        feedback_due_on=feedback_due_on(contact_point.county_id, day),
        written_at=min(written_at or now, now),
        received_at=now,
        **{name: getattr(content, name) for name in FIELDS},
    )
    _check_topics(content, contact_point)
    # `_check` has asked for the officer already.
    settled = ["county", "unit", "contact_point", "plan_line", "recorded_by", "officer"]
    visit.clean_fields(exclude=settled)
    try:
        with transaction.atomic():
            visit.save(force_insert=True)
    except IntegrityError:
        # The primary key is the judge: this phone sent it twice at the same moment.
        if known := _known(id, contact_point, content, actor):
            return known, False
        raise
    _write_children(visit, content)
    audit.record(gettext_noop("Visit recorded"), actor=actor, obj=visit, after=facts_of(content))
    return visit, True


@transaction.atomic
def correct_visit(*, visit: Visit, content: VisitContent, actor: User, version: int) -> Visit:
    """Change a recorded visit; the same correction arriving twice is one.

    Raises PermissionDenied, ValidationError, StaleVersion.
    """
    Visit.objects.hold(visit.pk)
    current = Visit.objects.with_content().get(pk=visit.pk)
    before = content_of(current)
    if current.version == version + 1 and before == content and actor.unit_id == current.unit_id:
        return current
    if not can_edit_visit(actor, current):
        raise PermissionDenied
    if current.version != version:
        raise StaleVersion(current)
    _check(content, current.contact_point, actor, before)
    day = _day(content)
    for name in FIELDS:
        setattr(current, name, getattr(content, name))
    current.plan_line = PlanLine.objects.owed_for(current.contact_point, clock.month_of(day))
    current.feedback_due_on = feedback_due_on(current.county_id, day)
    _check_topics(content, current.contact_point, before)
    current.version += 1
    current.save(update_fields=[*FIELDS, "plan_line", "feedback_due_on", "version"])
    current.topics.clear()
    current.talks.all().delete()
    current.household_calls.all().delete()
    _write_children(current, content)
    audit.record(
        gettext_noop("Visit corrected"),
        actor=actor,
        obj=current,
        before=facts_of(before),
        after=facts_of(content),
    )
    return current


@transaction.atomic
def void_visit(*, visit: Visit, actor: User, reason: str) -> Visit:
    """Take a visit out of every count, with a reason; the record stays (domain: the year)."""
    Visit.objects.hold(visit.pk)
    visit = Visit.objects.with_content().get(pk=visit.pk)
    if visit.is_void:
        raise NotPossible(_("Somebody voided this record in the meantime."))
    if not can_void_visit(actor, visit):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the record is void.")})
    check_private_numbers({"reason": reason})
    visit.state, visit.void_reason = Visit.State.VOID, reason
    visit.version += 1
    visit.save(update_fields=["state", "void_reason", "version"])
    audit.record(
        gettext_noop("Visit voided"),
        actor=actor,
        obj=visit,
        before={"state": Visit.State.RECORDED},
        after=audit.facts(visit, "state", "void_reason"),
    )
    return visit
