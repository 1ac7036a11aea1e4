"""To whom issued reports and bulletins go by e-mail, and sending one again."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from outreach.roles import Capability
from reports.forms.recipients import RecipientForm
from reports.mailing import add_recipient, remove_recipient, send_again, unsent
from reports.models import Bulletin, Recipient, Report
from reports.permissions import can_make_report
from visits.services.errors import NotPossible


@require_http_methods(["GET", "POST"])
def recipient_list(request: HttpRequest) -> HttpResponse:
    """Everybody who gets the county's documents, and one more."""
    if not request.user.can(Capability.MAKE_REPORTS):
        raise Http404
    form = RecipientForm(request.POST or None, actor=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            add_recipient(county=request.user.county, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return redirect("recipient_list")
    rows = Recipient.objects.visible_to(request.user).of(request.user.county)
    context = {"form": form, "recipients": rows, "sending": settings.EMAIL_ENABLED}
    return render(request, "reports/recipient_list.html", context)


@require_POST
def recipient_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Send this one nothing later."""
    row = get_object_or_404(Recipient.objects.visible_to(request.user), pk=pk)
    if not can_make_report(request.user, row.county_id):
        raise PermissionDenied
    remove_recipient(recipient=row, actor=request.user)
    return redirect("recipient_list")


@require_POST
def report_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send an issued report to those whom it did not reach."""
    return _send(request, Report.objects.visible_to(request.user).issued(), pk)


@require_POST
def bulletin_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send an issued bulletin to those whom it did not reach."""
    return _send(request, Bulletin.objects.visible_to(request.user).issued(), pk)


def _send(request: HttpRequest, rows: QuerySet[Any], pk: int) -> HttpResponse:
    document = get_object_or_404(rows, pk=pk)
    if not can_make_report(request.user, document.county_id):
        raise PermissionDenied
    try:
        count = send_again(document=document, actor=request.user)
    except NotPossible as error:
        messages.error(request, str(error), extra_tags="late")
    else:
        said = ngettext("%(n)s e-mail is on its way.", "%(n)s e-mails are on their way.", count)
        messages.success(request, said % {"n": count})
    return redirect(document)


def deliveries(document: Report | Bulletin) -> dict[str, Any]:
    """For the page of an issued document: where its e-mails are."""
    sending = settings.EMAIL_ENABLED
    return {
        "sending": sending,
        "deliveries": document.deliveries.all(),
        "unsent": unsent(document) if sending else 0,
    }
