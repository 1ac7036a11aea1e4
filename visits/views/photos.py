"""Photos of a visit: sent piece by piece or by a form, looked at, removed."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    UnreadablePostError,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from outreach import audit
from visits import pictures
from visits.models import Visit, VisitPhoto
from visits.permissions import can_edit_visit, can_send_photo
from visits.services import photos

# A page asks after 2, 4, 8 ... seconds, four minutes in all, whether its photos are prepared.
MOST_ASKED = 7
ORIGINAL = gettext_noop("photo in full size")


def _visit(request: HttpRequest, pk: str) -> Visit:
    rows = Visit.objects.visible_to(request.user).select_related("feedback")
    return get_object_or_404(rows, pk=pk)


@require_GET
def visit_photos(request: HttpRequest, pk: str) -> HttpResponse:
    """Fragment: the photos of a visit, which asks for itself until they are prepared."""
    visit = _visit(request, pk)
    text = request.GET.get("asked", "")
    asked = min(int(text), MOST_ASKED) if text.isdecimal() and len(text) < 3 else 0
    context = {
        "visit": visit,
        "editable": can_edit_visit(request.user, visit),
        "asked": asked + 1,
        "wait": 2 ** (asked + 1) if asked < MOST_ASKED else 0,
    }
    return render(request, "visits/_photo_grid.html", context)


@require_http_methods(["GET", "POST"])
def visit_photo(request: HttpRequest, pk: str, sha256: str) -> JsonResponse:
    """How far a photo has come, and its next bytes; 409 says where they begin."""
    visit = _visit(request, pk)
    if request.method == "GET":
        return JsonResponse(asdict(photos.received(visit=visit, sha256=sha256)))
    if not can_send_photo(request.user, visit):
        raise PermissionDenied
    try:
        chunk = _chunk(request)
        done = photos.receive_chunk(visit=visit, sha256=sha256, actor=request.user, **chunk)
    except photos.WrongOffset as error:
        return JsonResponse({"received": error.received, "complete": False}, status=409)
    except ValidationError as error:
        now = asdict(photos.received(visit=visit, sha256=sha256))
        return JsonResponse(now | {"detail": " ".join(error.messages)}, status=422)
    return JsonResponse(asdict(done))


def _chunk(request: HttpRequest) -> dict[str, Any]:
    """The bytes of a request and where they belong. Raises ValidationError."""
    wrong = ValidationError(_("The photo was sent in wrong pieces. Send it again."))
    try:
        offset, length = (int(request.headers[f"Upload-{name}"]) for name in ("Offset", "Length"))
        if int(request.headers.get("Content-Length") or 0) > photos.CHUNK_MAX_BYTES:
            raise wrong
        return {"offset": offset, "length": length, "chunk": request.body}
    except UnreadablePostError as error:
        raise ValidationError(_("The connection broke off. Send the photo again.")) from error
    except (KeyError, ValueError) as error:
        raise wrong from error


@require_POST
def visit_photo_add(request: HttpRequest, pk: str) -> HttpResponse:
    """Keep the chosen photos; each that cannot be taken is told with its reason."""
    visit = _visit(request, pk)
    if not can_edit_visit(request.user, visit):
        raise PermissionDenied
    files = request.FILES.getlist("photos")
    taken = 0
    for file in files:
        try:
            photos.add_photo(visit=visit, content=_content(file), actor=request.user)
            taken += 1
        except ValidationError as error:
            sentence = f"{file.name}{_(': ')}{' '.join(error.messages)}"
            messages.error(request, sentence, extra_tags="late")
    if taken:
        sentence = ngettext("%(n)s photo is received.", "%(n)s photos are received.", taken)
        messages.success(request, sentence % {"n": taken})
    if not files:
        messages.error(request, _("Choose photos first."), extra_tags="late")
    return redirect(visit)


def _content(file: UploadedFile) -> bytes:
    pictures.check_length(file.size or 0)
    return file.read()


def _photo(request: HttpRequest, pk: str, sha256: str) -> VisitPhoto:
    return get_object_or_404(VisitPhoto, visit=_visit(request, pk), sha256=sha256)


@require_POST
def visit_photo_remove(request: HttpRequest, pk: str, sha256: str) -> HttpResponse:
    """Take a photo away."""
    photo = _photo(request, pk, sha256)
    if not can_edit_visit(request.user, photo.visit):
        raise PermissionDenied
    photos.remove_photo(photo=photo, actor=request.user)
    messages.success(request, _("The photo is removed."))
    return redirect(photo.visit)


@require_GET
def visit_photo_file(request: HttpRequest, pk: str, sha256: str, size: str) -> HttpResponseBase:
    """One size of a photo. Its address names its content, so the reader's browser may keep it.

    Nobody else's: the answer varies with the cookie, and a next sign-in has another.
    """
    photo = _photo(request, pk, sha256)
    file = photo.sized(size)
    if file is None:
        raise Http404
    etag = f'"{sha256}-{size}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        whole = size == "whole"  # decoded by nobody yet: to be saved, never shown by a page
        kind = file.name.rpartition(".")[2]
        response = FileResponse(
            file.open(),
            as_attachment=whole,
            filename=f"{sha256[:8]}.{kind}",
            content_type=pictures.CONTENT_TYPES[kind],
        )
        if whole:  # the others are part of a page that was opened
            audit.fetched(response, ORIGINAL, photo.visit, kind)
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
