"""What the office does with a draft: choose what it quotes, edit its text, issue it."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import County
from outreach import audit, clock, notifications
from outreach.models import User
from outreach.privacy import check_private_numbers
from outreach.roles import Role
from reports import letterheads, mailing
from reports.documents.wording import generated
from reports.models import FindingChoice, Report, ReportEdit
from reports.permissions import can_make_report
from reports.shortlist import quoted
from reports.texts import cleaned
from visits.services.errors import NotPossible

STATES = Report.State
CHECKSUMS = ("sha256", "pdf_sha256", "workbook_sha256")


@transaction.atomic
def issue_report(*, report: Report, actor: User, sha256: str) -> Report:
    """Make the draft with this checksum the county's report; from then on it never changes.

    Raises PermissionDenied, NotPossible: somebody issued it or a newer revision already, or it is
    not the file that the actor was shown.
    """
    if not can_make_report(actor, report.county_id):
        raise PermissionDenied
    # Of two revisions issued at once one waits here, or both could think they are the newest.
    County.objects.select_for_update(no_key=True).get(pk=report.county_id)
    issuable = Report.objects.with_standing().filter(is_superseded=False)
    moved = issuable.filter(pk=report.pk, state=STATES.MADE, sha256=sha256).update(
        state=STATES.ISSUED, issued_by=actor, issued_at=clock.now()
    )
    report.refresh_from_db()
    if not moved:
        raise NotPossible(_not_issuable(report, sha256))
    letterheads.take_number(report)
    audit.record(
        gettext_noop("Monthly report issued"),
        actor=actor,
        obj=report,
        before={"state": STATES.MADE},
        after=audit.facts(report, "state", "revision", *CHECKSUMS),
    )
    mailing.owe_deliveries(report)
    notifications.notify(
        office_of(report).exclude(pk=actor.pk),
        gettext_noop("The report on %(month)s was issued: revision %(revision)s."),
        params={"month": f"{report.month:%Y-%m}", "revision": report.revision},
        url=report.get_absolute_url(),
        key=f"report:{report.pk}:{report.state}",
    )
    return report


def _not_issuable(report: Report, sha256: str) -> str:
    if report.state == STATES.ISSUED:
        return _("This revision is issued already.")
    if report.state != STATES.MADE:
        return _("Only a draft can be issued.")
    if report.sha256 != sha256:
        return _("This is not the document that you were shown. Look at it again.")
    return _("A newer revision is issued already. Make a new draft instead.")


def office_of(report: Report) -> QuerySet[User]:
    """Who is told that the report is issued."""
    return User.objects.active().filter(county=report.county_id, role=Role.COUNTY)


@transaction.atomic
def choose_findings(
    *, county: County, month: date, findings: list[int], version: int, actor: User
) -> FindingChoice:
    """Quote exactly these findings (ids of feedback), in this order, in the month's next draft.

    `version` is that of the choice the actor saw, 0: there was none. Raises PermissionDenied,
    NotPossible: somebody chose in the meantime; ValidationError: one cannot be quoted.
    """
    if not can_make_report(actor, county.pk):
        raise PermissionDenied
    County.objects.select_for_update(no_key=True).get(pk=county.pk)
    choice = FindingChoice.objects.of(county, month).first()
    if version != (choice.version if choice else 0):
        raise NotPossible(_somebody_was_first(choice))
    if len(quoted(county.pk, month, findings)) != len(set(findings)):
        raise ValidationError(_("A finding was returned or void in the meantime. Choose again."))
    before = audit.facts(choice, "findings") if choice else None
    choice = choice or FindingChoice(county=county, month=month, version=0)
    choice.findings, choice.by, choice.at = findings, actor, clock.now()
    choice.version += 1
    choice.save()
    audit.record(
        gettext_noop("Findings for the report chosen"),
        actor=actor,
        obj=choice,
        before=before,
        after=audit.facts(choice, "findings"),
    )
    return choice


@transaction.atomic
def edit_paragraph(
    *, report: Report, key: str, mode: str, text: str, version: int, actor: User
) -> ReportEdit | None:
    """Write this instead of a paragraph of the draft, or after it, in the month's next draft.

    An empty text takes the edit back. `version` is that of the edit the actor saw, 0: there was
    none. Raises PermissionDenied, NotPossible: somebody wrote in the meantime; ValidationError.
    """
    if not can_make_report(actor, report.county_id):
        raise PermissionDenied
    County.objects.select_for_update(no_key=True).get(pk=report.county_id)
    edit = ReportEdit.objects.of(report.county, report.month).filter(key=key).first()
    if version != (edit.version if edit else 0):
        raise NotPossible(_somebody_was_first(edit))
    text = cleaned(text)
    check_private_numbers({"text": text})
    now = generated(report.snapshot or {})
    if edit is None and key not in now:
        raise ValidationError(_("The report has no such paragraph."))
    before = audit.facts(edit, "mode", "text") if edit else None
    if edit and not text:
        edit.delete()
        gone = gettext_noop("Paragraph of the report as generated again")
        audit.record(gone, actor=actor, obj=report, before=before)
        return None
    edit = edit or ReportEdit(county=report.county, month=report.month, key=key, version=0)
    edit.mode, edit.text, edit.by, edit.at = mode, text, actor, clock.now()
    edit.over = now.get(key, "")
    edit.version += 1
    edit.full_clean(exclude=["county", "by"])
    edit.save()
    audit.record(
        gettext_noop("Paragraph of the report edited"),
        actor=actor,
        obj=edit,
        before=before,
        after=audit.facts(edit, "key", "mode", "text"),
    )
    return edit


def _somebody_was_first(row: FindingChoice | ReportEdit | None) -> str:
    if row is None:
        return _("Somebody took it back in the meantime. Look at it again.")
    return _("%(name)s was first, at %(at)s. Look at it again.") % {
        "name": row.by,
        "at": f"{row.at.astimezone(clock.SHANGHAI):%H:%M}",
    }
