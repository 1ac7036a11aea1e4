"""The page of a record: typed, kept as a draft, received once and only once."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contact_points.models import ContactPoint
from feedback.differences import differences
from feedback.forms.record import RecordForm, missing_in
from feedback.marks import Code, Mark
from feedback.models import RecordVersion
from feedback.records import Record, as_values, described, merged, record_of, stamp_of
from feedback.services import Receipt, closed_because, receive_record
from feedback.substance import marks_of
from outreach import audit, clock
from visits.models import PlanLine, Visit, VisitDraft
from visits.permissions import can_edit_visit, can_record_visit, is_author
from visits.proposals import households_for
from visits.services.drafts import discard_draft, save_draft
from visits.services.errors import NotPossible, StaleVersion

# A household may not be at home, so the form has more of them to tap than a visit is proposed.
OFFERED_HOUSEHOLDS = 12


@require_GET
def record_new(request: HttpRequest, pk: int) -> HttpResponse:
    """An empty record of a visit to a contact point, or the person's draft of one."""
    point = get_object_or_404(ContactPoint.objects.visible_to(request.user).for_list(), pk=pk)
    if not can_record_visit(request.user, point):
        raise PermissionDenied
    drafts = VisitDraft.objects.of(request.user).of_new_records(point)
    if "new" not in request.GET and (draft := drafts.last()):
        return redirect("record", pk=draft.record)
    return _page(request, uuid4(), _form(request, point), other_drafts=drafts)


@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a record: the stored one with what the person typed since; take in what is posted.

    A script or a phone's queue asks for JSON and is answered in the same words.
    """
    visit = Visit.objects.visible_to(request.user).for_record().filter(pk=pk).first()
    draft = VisitDraft.objects.of(request.user).filter(record=pk).first()
    point = _point(request, visit, draft)
    if not can_record_visit(request.user, point):
        raise PermissionDenied
    if request.method == "POST":
        return _receive(request, pk, point, visit)
    if visit and not can_edit_visit(request.user, visit):
        if draft is None or not is_author(request.user, visit):
            raise PermissionDenied
        # What the person typed before it was closed is still theirs to read and to throw away.
        messages.warning(request, closed_because(visit), extra_tags="late")
    return _page(request, pk, _form(request, point, visit, draft), draft=draft)


def _point(request: HttpRequest, visit: Visit | None, draft: VisitDraft | None) -> ContactPoint:
    """The contact point of the record; 404 where there is none the person may see."""
    if visit:
        return visit.contact_point
    named = request.POST.get("contact_point", "")
    number = int(named) if named.isdecimal() and len(named) < 15 else None
    number = number or (draft.contact_point_id if draft else None)
    return get_object_or_404(ContactPoint.objects.visible_to(request.user).for_list(), pk=number)


def _receive(
    request: HttpRequest, pk: UUID, point: ContactPoint, visit: Visit | None
) -> HttpResponse:
    form = _form(request, point, visit)
    if not form.is_valid():
        return _refused(request, pk, form)
    mine, take = form.record(), request.POST.getlist("take")
    if visit and take:
        mine = merged(mine, record_of(visit), take)
    if "send" in request.POST and (marks := _unseen_marks(request, pk, point, mine)):
        return _look_again(request, pk, form, marks)
    try:
        receipt = receive_record(
            id=pk,
            contact_point=point,
            record=mine,
            sending=form.sending(send="send" in request.POST),
            actor=request.user,
        )
    except StaleVersion as error:
        return _conflict(request, pk, form, error.current)
    except (NotPossible, ValidationError) as error:
        _show(form, error)
        return _refused(request, pk, form)
    return _received(request, receipt)


def _unseen_marks(
    request: HttpRequest, pk: UUID, point: ContactPoint, record: Record
) -> list[Mark]:
    """What the author should see before sending and did not yet; a queue does not ask."""
    if _wants_json(request) and "ask" not in request.POST:
        return []
    marks = marks_of(
        visit_id=pk,
        unit_id=point.unit_id,
        contact_point_id=point.pk,
        month=clock.month_of(record.content.started_at),
        talks=record.content.talks,
        texts=record.texts,
    )
    # Without findings, or with a private number, it is refused with a sentence of its own.
    refused = not record.texts["findings"] or any(mark.code == Code.PRIVATE for mark in marks)
    return [] if refused or request.POST.get("seen") == _digest(marks) else marks


def _digest(marks: list[Mark]) -> str:
    return audit.digest({"marks": [mark.stored() for mark in marks]})


def _look_again(
    request: HttpRequest, pk: UUID, form: RecordForm, marks: list[Mark]
) -> HttpResponse:
    """Show the author what strikes one; sending again sends it as it is."""
    context = {"marks": marks, "seen": _digest(marks)}
    if _wants_json(request):
        html = render_to_string("feedback/_record_marks.html", context, request)
        return JsonResponse({"state": "look", "html": html})
    return _page(request, pk, form, **context)


def _received(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    visit, feedback = receipt.visit, receipt.feedback
    sent = feedback is not None and not feedback.is_open
    # A page goes on to another one that says it; a queue shows it by itself.
    if not _wants_json(request) or "ask" in request.POST:
        done = _("The record is with the county office.")
        messages.success(request, done if sent else _("The visit is recorded; the rest can wait."))
    if _wants_json(request):
        at = receipt.received_at.astimezone(clock.SHANGHAI)
        return JsonResponse(
            {
                "state": "received" if receipt.new else "known",
                "at": at.isoformat(),
                "sent": sent,
                "stamp": receipt.stamp,
                "texts": len(feedback.texts_written) if feedback else 0,
                "url": visit.get_absolute_url(),
            }
        )
    return redirect("my_month") if sent else redirect(visit)


def _refused(request: HttpRequest, pk: UUID, form: RecordForm) -> HttpResponse:
    if _wants_json(request):
        errors = {name: list(texts) for name, texts in form.errors.items()}
        return JsonResponse({"state": "refused", "errors": errors}, status=422)
    return _page(request, pk, form)


def _conflict(request: HttpRequest, pk: UUID, form: RecordForm, stored: Visit) -> HttpResponse:
    """Somebody saved first: show what differs, lose nothing, let the person choose."""
    theirs, mine = described([as_values(record_of(stored)), as_values(form.record())])
    differing = differences(theirs, mine)
    form.data = form.data.copy()
    form.data["base"] = stamp_of(stored)
    context = {"stored": stored, "differing": differing}
    if _wants_json(request):
        html = render_to_string("feedback/_record_conflict.html", context, request)
        answer = {"state": "conflict", "stamp": stamp_of(stored), "html": html}
        return JsonResponse(answer, status=409)
    return _page(request, pk, form, status=409, **context)


@require_GET
def record_versions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What arrived of a record, newest first, and what changed each time.

    What was never sent is its writers' own.
    """
    visit = get_object_or_404(Visit.objects.visible_to(request.user).for_detail(), pk=pk)
    rows = RecordVersion.objects.filter(visit=visit).for_history()
    if not is_author(request.user, visit):
        rows = rows.filter(sent=True)
    words = described([row.content for row in rows])
    changes = [
        {"version": row, "differences": differences(before, after) if before else []}
        for row, before, after in zip(rows, [None, *words], words, strict=False)
    ]
    context = {"visit": visit, "changes": changes[::-1]}
    return audit.opened(render(request, "feedback/record_versions.html", context), visit)


@require_POST
def record_draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep what is being typed, or throw it away; asked by the page every few seconds."""
    if "discard" in request.POST:
        discard_draft(record=pk, actor=request.user)
        return redirect("my_month")
    visit = Visit.objects.visible_to(request.user).for_record().filter(pk=pk).first()
    point = _point(request, visit, None)
    if visit and not can_edit_visit(request.user, visit):
        raise PermissionDenied
    typed = _without_token(request.POST)
    try:
        draft = save_draft(
            record=pk,
            contact_point=point,
            content=[(name, value) for name in typed for value in typed.getlist(name)],
            missing=missing_in(typed),
            revision=_whole(request.POST.get("revision", "")),
            actor=request.user,
        )
    except StaleVersion as error:
        at = date_format(error.current.saved_at.astimezone(clock.SHANGHAI), "H:i")
        return JsonResponse({"revision": error.current.revision, "saved": at}, status=409)
    except NotPossible as error:
        return JsonResponse({"error": str(error)}, status=422)
    at = date_format(draft.saved_at.astimezone(clock.SHANGHAI), "H:i")
    missing = [str(label) for label in draft.missing_labels]
    return JsonResponse({"revision": draft.revision, "saved": at, "missing": missing})


def _without_token(posted: QueryDict) -> QueryDict:
    typed = posted.copy()
    for name in ("csrfmiddlewaretoken", "revision", "take"):
        typed.pop(name, None)
    return typed


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _page(
    request: HttpRequest,
    pk: UUID,
    form: RecordForm,
    *,
    status: int = 200,
    draft: VisitDraft | None = None,
    **more: Any,
) -> HttpResponse:
    visit = form.visit
    feedback = getattr(visit, "feedback", None) if visit else None
    known = set(form.household_names)
    context = {
        "form": form,
        "record": pk,
        "point": form.contact_point,
        "line": form.line,
        "visit": visit,
        "feedback": feedback,
        "draft": draft,
        "other_households": [
            row
            for row in form.contact_point.village.households.order_by("number")
            if f"household_{row.pk}" not in known
        ],
        "stored": None,
        "marks": [],
        "seen": "",
        "differing": [],
        "other_drafts": [],
    }
    return render(request, "feedback/record_form.html", context | more, status=status)


def _form(
    request: HttpRequest,
    point: ContactPoint,
    visit: Visit | None = None,
    draft: VisitDraft | None = None,
) -> RecordForm:
    line = visit.plan_line if visit else PlanLine.objects.owed_for(point, clock.this_month())
    typed = _typed(draft)
    noted = [call.household_id for call in visit.household_calls.all()] if visit else []
    offered = (
        []
        if noted
        else _households_offered(point, line, visit.day.year if visit else clock.today().year)
    )
    # A household that was offered when the form was opened is still known when it comes back.
    names = [*request.POST, *(typed or ())]
    named = [name.removeprefix("household_") for name in names if name.startswith("household_")]
    sent = [_whole(number) for number in named]
    known = point.village.households.in_bulk([*noted, *offered, *sent])
    households = [known[pk] for pk in dict.fromkeys([*noted, *offered, *sent]) if pk in known]
    return RecordForm(
        request.POST or None,
        contact_point=point,
        actor=request.user,
        households=households,
        line=line,
        visit=visit,
        typed=typed,
    )


def _typed(draft: VisitDraft | None) -> QueryDict | None:
    if draft is None:
        return None
    typed = QueryDict(mutable=True)
    for name, value in draft.content:
        typed.appendlist(name, value)
    return typed


def _households_offered(point: ContactPoint, line: PlanLine | None, year: int) -> list[int]:
    """Those proposed for the line's visits, then the next ones in the same order."""
    village = point.village
    calls = households_for(point.county_id, {village.pk: village.households_count}, year)
    own = [row.pk for row in calls.of_line.get(line.pk if line else 0, ())]
    waiting = [row.pk for row in calls.waiting[village.pk] if row.pk not in own]
    return own + waiting[: max(0, OFFERED_HOUSEHOLDS - len(own))]


def _show(form: RecordForm, error: NotPossible | ValidationError) -> None:
    """Put a service's refusal where its reader looks: beside the field, else on top."""
    if isinstance(error, ValidationError) and hasattr(error, "message_dict"):
        for name, texts in error.message_dict.items():
            form.add_error(name if name in form.fields else None, texts)
    else:
        form.add_error(None, error if isinstance(error, ValidationError) else str(error))
