"""Photos and documents of a matter: added, looked at, withdrawn; each view asks who reads."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback.forms.evidence import EvidenceForm, WithdrawForm
from feedback.models import Matter, MatterFile
from feedback.permissions import can_add_evidence, can_withdraw_evidence
from feedback.services.evidence import add_evidence, withdraw_evidence
from outreach import audit
from visits import attachments, pictures
from visits.services.errors import NotPossible

OF_A_MATTER = gettext_noop("file of a matter")


@require_POST
def matter_file_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the chosen files; each that cannot be taken is told with its reason.

    A page that sends file after file asks for JSON and tells itself how it went.
    """
    matter = get_object_or_404(Matter.objects.visible_to(request.user).for_page(), pk=pk)
    if not can_add_evidence(request.user, matter):
        raise PermissionDenied
    added, wrong = _added(request, matter)
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        answer = {"added": added, "detail": " ".join(wrong)}
        return JsonResponse(answer, status=422 if wrong else 200)
    if not wrong:
        done = ngettext("%(n)s file is added.", "%(n)s files are added.", added)
        messages.success(request, done % {"n": added})
    for sentence in wrong:
        messages.error(request, sentence, extra_tags="late")
    return redirect(matter)


def _added(request: HttpRequest, matter: Matter) -> tuple[int, list[str]]:
    """How many of the sent files are new, and what is wrong with them: none is kept then."""
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return 0, [text for texts in form.errors.values() for text in texts]
    try:
        sent = form.cleaned_data["files"]
        return len(add_evidence(matter=matter, actor=request.user, sent=sent)), []
    except ValidationError as error:
        return 0, error.messages


def _file(request: HttpRequest, pk: int, file: int) -> MatterFile:
    rows = MatterFile.objects.filter(matter__in=Matter.objects.visible_to(request.user))
    return get_object_or_404(rows.select_related("matter", "added_by"), matter=pk, pk=file)


@require_GET
def matter_file(request: HttpRequest, pk: int, file: int, size: str) -> HttpResponseBase:
    """A picture in one size, or a document, which no page of ours ever shows."""
    row = _file(request, pk, file)
    stored = row.sized(size)
    if stored is None:
        raise Http404
    kind = stored.name.rpartition(".")[2]
    types = pictures.CONTENT_TYPES
    # No browser keeps it: withdrawn, it is gone.
    response = FileResponse(
        stored.open(),
        as_attachment=size == "whole",
        filename=row.file_name or f"{row.sha256[:8]}.{kind}",
        content_type=types[kind] if row.is_picture else attachments.content_type_of(stored.name),
    )
    # A smaller size is part of a page that was opened.
    return response if size != "whole" else audit.fetched(response, OF_A_MATTER, row.matter, kind)


@require_http_methods(["GET", "POST"])
def matter_file_withdraw(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Take a file back, with a reason."""
    row = _file(request, pk, file)
    if not can_withdraw_evidence(request.user, row):
        raise PermissionDenied
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_evidence(file=row, actor=request.user, **form.cleaned_data)
        except NotPossible as error:
            messages.warning(request, str(error))
            return redirect(row.matter)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("It is withdrawn."))
            return redirect(row.matter)
    title = _("Withdraw “%(file)s”") % {"file": row}
    context = {"form": form, "title": title, "lead": row.matter.text, "submit": _("Withdraw it")}
    return render(
        request, "components/form_page.html", context | {"back": row.matter.get_absolute_url()}
    )
