"""What the office does with a draft: choose its findings, edit its text, issue it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from reports.documents.wording import generated
from reports.forms.drafts import FindingsForm, IssueForm, ParagraphForm
from reports.issuing import choose_findings, edit_paragraph, issue_report, office_of
from reports.mailing import addresses
from reports.models import FindingChoice, Report, ReportEdit
from reports.permissions import can_make_report
from reports.shortlist import Finding, quoted, shortlist
from reports.views.text import text_of
from visits.services.errors import NotPossible


def _asked(request: HttpRequest, pk: int) -> Report:
    """A report that was made; 403 for who may see it and not make reports."""
    rows = Report.objects.visible_to(request.user).made().with_standing().select_related("county")
    report = get_object_or_404(rows, pk=pk)
    if not can_make_report(request.user, report.county_id):
        raise PermissionDenied
    return report


@require_http_methods(["GET", "POST"])
def report_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once: which revision and document, and who is told."""
    report = _asked(request, pk)
    form = IssueForm(request.POST or None, initial={"sha256": report.sha256})
    if request.method == "POST" and form.is_valid():
        try:
            issue_report(report=report, actor=request.user, **form.cleaned_data)
        except NotPossible as error:
            messages.error(request, str(error), extra_tags="late")
        else:
            messages.success(request, _("Issued. This revision is the county's report now."))
        return redirect(report)
    if report.state != Report.State.MADE:
        return redirect(report)
    context = {
        "report": report,
        "form": form,
        "told": office_of(report).exclude(pk=request.user.pk),
        "sending": settings.EMAIL_ENABLED,
        "recipients": addresses(report).values(),
    }
    context |= {
        "not_in_it": text_of(report, request.user)["not_in_it"],
        "in_force": Report.objects.of(report.county, report.month).issued().last(),
        "newer": Report.objects.of(report.county, report.month)
        .made()
        .filter(revision__gt=report.revision)
        .last(),
    }
    return render(request, "reports/report_issue.html", context)


@require_http_methods(["GET", "POST"])
def report_findings(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose from the shortlist what the next draft quotes."""
    report = _asked(request, pk)
    choice = FindingChoice.objects.visible_to(request.user).of(report.county, report.month).first()
    offered = _offered(report, choice)
    chosen = choice.findings if choice else []
    version = choice.version if choice else 0
    form = FindingsForm(
        request.POST or None, offered=offered, initial={"findings": chosen, "version": version}
    )
    if request.method == "POST" and form.is_valid():
        try:
            choose_findings(
                county=report.county,
                month=report.month,
                actor=request.user,
                **form.cleaned_data,
            )
        except NotPossible as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("Chosen. The next draft quotes them."))
            return redirect(report)
    picked = {str(pk) for pk in (form["findings"].value() or [])}
    context = {"report": report, "form": form, "offered": offered, "picked": picked}
    return render(request, "reports/report_findings.html", context | {"choice": choice})


def _offered(report: Report, choice: FindingChoice | None) -> list[Finding]:
    """The chosen ones first, in their order, then the rest of the shortlist."""
    chosen = quoted(report.county_id, report.month, choice.findings) if choice else []
    known = {row.feedback for row in chosen}
    rest = shortlist(report.county_id, report.month)
    return [*chosen, *(row for row in rest if row.feedback not in known)]


@require_http_methods(["GET", "POST"])
def report_paragraph(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Replace a generated paragraph of a draft, or add to it."""
    report = _asked(request, pk)
    rows = ReportEdit.objects.visible_to(request.user).of(report.county, report.month)
    edit, text = rows.filter(key=key).first(), generated(report.snapshot).get(key)
    if edit is None and text is None:
        raise Http404
    form = ParagraphForm(request.POST or None, initial=_as_it_is(edit, text))
    if request.method == "POST" and form.is_valid():
        try:
            edit_paragraph(report=report, key=key, actor=request.user, **form.cleaned_data)
        except NotPossible as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error("text", error.messages)
        else:
            messages.success(request, _("Kept apart from the draft; the next one takes it in."))
            return redirect(report)
    changed = edit is not None and edit.over != (text or "")
    context = {"report": report, "form": form, "edit": edit, "generated": text, "changed": changed}
    return render(request, "reports/report_paragraph.html", context)


def _as_it_is(edit: ReportEdit | None, text: str | None) -> dict[str, Any]:
    if edit is None:
        return {"mode": ReportEdit.Mode.REPLACE, "text": text, "version": 0}
    return {"mode": edit.mode, "text": edit.text, "version": edit.version}
