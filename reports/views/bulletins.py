"""Bulletins and the letterhead of the county's documents."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from outreach import audit
from outreach.lists import list_page
from outreach.months import asked_month
from outreach.roles import Capability
from reports import documents
from reports.bulletins import (
    begin_bulletin,
    discard_bulletin,
    issue_bulletin,
    outline_of,
    write_bulletin,
)
from reports.forms.bulletins import BeginForm, BulletinForm, LetterheadForm, VersionForm
from reports.letterheads import letterhead_of, set_letterhead
from reports.mailing import addresses
from reports.models import Bulletin
from reports.permissions import can_make_report
from reports.sheets import months
from reports.shortlist import shortlist
from reports.tables import BulletinTable
from reports.views.sending import deliveries
from reports.views.sheets import as_file, stored_file
from visits.services.errors import NotPossible

BULLETIN = gettext_noop("bulletin")


@require_GET
def bulletin_list(request: HttpRequest) -> HttpResponseBase:
    """Drafts and issued bulletins, the newest first."""
    _check_is_office(request)
    rows = Bulletin.objects.visible_to(request.user).select_related("written_by")
    return list_page(
        request,
        rows=rows.order_by("-written_at", "-pk"),
        table_class=BulletinTable,
        filter_class=None,
        title=_("Bulletins"),
        empty=_("No bulletin yet. Begin one from the findings of a month."),
        action=("bulletin_create", _("New bulletin")),
    )


def _check_is_office(request: HttpRequest) -> None:
    if not request.user.can(Capability.MAKE_REPORTS):
        raise Http404


def _asked(request: HttpRequest, pk: int) -> Bulletin:
    rows = Bulletin.objects.visible_to(request.user).select_related("county", "written_by")
    row = get_object_or_404(rows, pk=pk)
    if not can_make_report(request.user, row.county_id):
        raise PermissionDenied
    return row


@require_http_methods(["GET", "POST"])
def bulletin_create(request: HttpRequest) -> HttpResponse:
    """Begin a draft from the findings of a month (`month=2026-10`)."""
    _check_is_office(request)
    month = asked_month(request)
    offered = shortlist(request.user.county_id, month)
    form = BeginForm(request.POST or None, offered=offered)
    if request.method == "POST" and form.is_valid():
        try:
            row = begin_bulletin(
                county=request.user.county, month=month, actor=request.user, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return redirect("bulletin_write", row.pk)
    context = {"form": form, "month": month, "offered": offered}
    context["months"] = months(request.user.county)
    return render(request, "reports/bulletin_create.html", context)


@require_GET
def bulletin_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The bulletin as it reads, and the records it began with."""
    row = _asked(request, pk)
    context = {"bulletin": row, "outline": outline_of(row), "hindrance": documents.pdf_hindrance()}
    if row.is_issued:
        context |= deliveries(row) | {"send": reverse("bulletin_send", args=[pk]), "is_sent": True}
    return render(request, "reports/bulletin_detail.html", context)


@require_http_methods(["GET", "POST"])
def bulletin_write(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a draft's title and text."""
    row = _asked(request, pk)
    if row.is_issued:
        return redirect(row)
    form = BulletinForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            write_bulletin(bulletin=row, actor=request.user, **form.cleaned_data)
        except NotPossible as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return redirect(row)
    title, back = _("Text of the bulletin"), reverse("bulletin_detail", args=[pk])
    context = {"form": form, "title": title, "submit": _("Save"), "back": back}
    return render(request, "components/form_page.html", context)


@require_http_methods(["GET", "POST"])
def bulletin_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then number it and close it for ever."""
    row = _asked(request, pk)
    if row.is_issued:
        return redirect(row)
    form = VersionForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        done = _done(request, row, issue_bulletin, version=form.cleaned_data["version"])
        if done:
            messages.success(request, _("Issued. It does not change any more."))
        return redirect(row)
    context = {"bulletin": row, "form": form, "letterhead": letterhead_of(row.county)}
    context |= {"sending": settings.EMAIL_ENABLED, "recipients": addresses(row).values()}
    return render(request, "reports/bulletin_issue.html", context)


@require_POST
def bulletin_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    row = _asked(request, pk)
    form = VersionForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else 0
    done = _done(request, row, discard_bulletin, version=version)
    return redirect("bulletin_list") if done else redirect(row)


def _done(request: HttpRequest, row: Bulletin, do: Any, **facts: Any) -> bool:
    try:
        do(bulletin=row, actor=request.user, **facts)
    except NotPossible as error:
        messages.error(request, str(error), extra_tags="late")
    except OSError:
        said = _("The files could not be stored, so nothing was issued. Tell the administrator.")
        messages.error(request, said, extra_tags="late")
    else:
        return True
    return False


@require_GET
def bulletin_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """`kind` docx (unless named) or pdf: as it was issued; of a draft as it would be now."""
    row = _asked(request, pk)
    asked = request.GET.get("kind", "docx")
    if not row.is_issued:
        return audit.fetched(as_file(outline_of(row), asked), BULLETIN, row, asked)
    for kind, file, _digest in row.files:
        if kind == asked:
            made = stored_file(file, row.file_name(kind), kind)
            return audit.fetched(made, BULLETIN, row, kind)
    raise Http404


@require_http_methods(["GET", "POST"])
def letterhead(request: HttpRequest) -> HttpResponse:
    """Who issues the county's documents, under which header and number."""
    _check_is_office(request)
    form = LetterheadForm(request.POST or None, instance=letterhead_of(request.user.county))
    if request.method == "POST" and form.is_valid():
        try:
            set_letterhead(county=request.user.county, actor=request.user, **form.cleaned_data)
        except NotPossible as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("Set. Documents made from now on have it."))
            return redirect("report_list")
    context = {"form": form, "title": _("Letterhead"), "submit": _("Save")}
    context["lead"] = _("It stands on documents made from now on; what is issued stays as it is.")
    return render(request, "components/form_page.html", context | {"back": reverse("report_list")})
