"""The year's topics: add, change, close; their files; and what a record may name."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import Unit
from outreach import audit, clock, files, notifications
from outreach.models import AuditEntry, User
from outreach.roles import Role
from visits.attachments import checked, extension_of
from visits.models import PlanLine, ProgrammeYear, Topic, TopicAttachment, Visit
from visits.permissions import can_run_year
from visits.services.errors import StaleVersion
from visits.services.programme import insert_once


def topic_facts(topic: Topic) -> dict[str, Any]:
    """The topic in words, as the audit keeps it."""
    return audit.facts(topic, "title", "level", "text", "first_month", "last_month") | {
        "units": [unit.name for unit in topic.units.all()]
    }


@transaction.atomic
def add_topic(
    *, year: ProgrammeYear, actor: User, units: Iterable[Unit] = (), **fields: Any
) -> Topic:
    """A topic of the year, for these units or for all; `fields` as on the model.

    Raises PermissionDenied, ValidationError.
    """
    if not can_run_year(actor, year):
        raise PermissionDenied
    topic = Topic(programme_year=year, **fields)
    _check_months(topic)
    insert_once(topic)
    topic.units.set(units)
    audit.record(gettext_noop("Topic added"), actor=actor, obj=topic, after=topic_facts(topic))
    return topic


@transaction.atomic
def change_topic(
    *, topic: Topic, actor: User, seen: str, units: Iterable[Unit], **fields: Any
) -> Topic:
    """Change a topic; lines to come that it is not meant for any more no longer name it.

    `seen` is the digest of what its writer saw. Raises PermissionDenied, StaleVersion,
    ValidationError.
    """
    topic = _locked(topic, actor)
    before = topic_facts(topic)
    if seen != audit.digest(before):
        raise StaleVersion(topic)
    for name, value in fields.items():
        setattr(topic, name, value)
    _check_months(topic)
    topic.full_clean()
    topic.save(update_fields=list(fields))
    topic.units.set(units)
    bulk = _part_from_lines(topic, actor)
    audit.record(
        gettext_noop("Topic changed"),
        actor=actor,
        obj=topic,
        before=before,
        after=topic_facts(topic),
        bulk_id=bulk,
    )
    return topic


@transaction.atomic
def withdraw_topic(*, topic: Topic, actor: User) -> Topic | None:
    """Remove a topic nobody named; one that a plan or a visit names ends with the present month.

    Returns the closed topic, None for a removed one. Raises PermissionDenied.
    """
    topic = _locked(topic, actor)
    before = topic_facts(topic)
    if not is_used(topic):
        audit.record(gettext_noop("Topic removed"), actor=actor, obj=topic, before=before, after={})
        for attachment in topic.attachments.all():
            files.delete_on_commit(attachment.file)
        topic.delete()
        return None
    topic.last_month = closing_month(topic)
    topic.save(update_fields=["last_month"])
    bulk = _part_from_lines(topic, actor)
    audit.record(
        gettext_noop("Topic closed"),
        actor=actor,
        obj=topic,
        before=before,
        after=topic_facts(topic),
        bulk_id=bulk,
    )
    return topic


def is_used(topic: Topic) -> bool:
    """Whether a plan line or a visit names it."""
    return topic.planline_set.exists() or topic.visits.exists()


def closing_month(topic: Topic) -> date:
    """The last month of a topic that is closed today: what was explained can still be recorded."""
    return min(topic.last_month, max(topic.first_month, clock.this_month()))


def lines_left_by(topic: Topic) -> QuerySet[PlanLine]:
    """Lines from this month on, not visited yet, that name the topic and should not."""
    outside = Q(month__lt=topic.first_month) | Q(month__gt=topic.last_month)
    if units := [unit.pk for unit in topic.units.all()]:
        outside |= ~Q(contact_point__unit__in=units)
    return PlanLine.objects.filter(
        outside,
        ~Exists(Visit.objects.counted().filter(plan_line=OuterRef("pk"))),
        topics=topic,
        month__gte=clock.this_month(),
    )


def _part_from_lines(topic: Topic, actor: User) -> UUID | None:
    """Nobody can keep a plan whose topic cannot be recorded: such lines lose it, units are told.

    Each line keeps it in its history; returns what joins the entries, None without lines.
    """
    lines = list(
        lines_left_by(topic)
        .select_related("contact_point__unit", "contact_point__village")
        .prefetch_related("topics")
    )
    if not lines:
        return None
    bulk = uuid4()
    AuditEntry.objects.bulk_create(
        audit.entry(
            gettext_noop("Topic taken out of the line"),
            actor=actor,
            obj=line,
            before={"topics": [row.title for row in line.topics.all()]},
            after={"topics": [row.title for row in line.topics.all() if row != topic]},
            bulk_id=bulk,
        )
        for line in lines
    )
    PlanLine.topics.through.objects.filter(topic=topic, planline__in=lines).delete()
    notifications.notify(
        User.objects.active().filter(
            role=Role.COORDINATOR, unit__in={line.contact_point.unit_id for line in lines}
        ),
        gettext_noop(
            "“%(topic)s” is no topic of some lines of your plan any more: choose another."
        ),
        params={"topic": topic.title},
        url=topic.get_absolute_url(),
    )
    return bulk


def _locked(topic: Topic, actor: User) -> Topic:
    topic = Topic.objects.select_for_update(of=["self"]).get(pk=topic.pk)
    if not can_run_year(actor, topic.programme_year):
        raise PermissionDenied
    return topic


def _check_months(topic: Topic) -> None:
    if {topic.first_month.year, topic.last_month.year} != {topic.programme_year.year}:
        raise ValidationError(
            _("These months are not all of the year %(year)s.") % {"year": topic.programme_year}
        )


def check_offered(
    topic_ids: Collection[int],
    *,
    unit: Unit,
    month: date,
    known: Collection[int] = (),
) -> None:
    """Refuse topics that are not of the month or not meant for the unit; `known` may stay.

    Raises ValidationError.
    """
    new = set(topic_ids) - set(known)
    if not new:
        return
    offered = Topic.objects.offered_to(unit, month).filter(pk__in=new)
    if others := new - set(offered.values_list("pk", flat=True)):
        titles = Topic.objects.filter(pk__in=others).values_list("title", flat=True)
        sentence = _("Not a topic of this month for your unit: %(topics)s.")
        raise ValidationError({"topics": sentence % {"topics": "、".join(titles)}})


@transaction.atomic
def attach_file(*, topic: Topic, actor: User, file: UploadedFile) -> TopicAttachment:
    """Keep a file with the topic. Raises PermissionDenied, ValidationError."""
    topic = _locked(topic, actor)
    name = str(file.name)
    content = checked(name, file.read())
    sha256 = hashlib.sha256(content).hexdigest()
    if topic.attachments.filter(sha256=sha256).exists():
        raise ValidationError(_("This file is attached already."))
    row = TopicAttachment(topic=topic, file_name=name[-200:], size=len(content), sha256=sha256)
    with files.none_without_row(row.file):
        files.keep(row.file, extension_of(name), content)
        row.save(force_insert=True)
    audit.record(gettext_noop("File attached"), actor=actor, obj=topic, after=_file_facts(row))
    return row


@transaction.atomic
def remove_attachment(*, attachment: TopicAttachment, actor: User) -> None:
    """Take a file away from its topic. Raises PermissionDenied."""
    topic = _locked(attachment.topic, actor)
    before = _file_facts(attachment)
    files.delete_on_commit(attachment.file)
    attachment.delete()
    audit.record(gettext_noop("File removed"), actor=actor, obj=topic, before=before, after={})


def _file_facts(row: TopicAttachment) -> dict[str, Any]:
    return {"file": row.file_name, "sha256": row.sha256}
