"""What lifts an obligation, or lets a colleague fulfil it: the unit asks, the county decides.

Domain: rules. A leave keeps the obligation and names who goes instead; the other kinds lift it.
"""

from collections.abc import Iterable
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import Officer
from outreach import audit, clock, notifications
from outreach.models import User
from outreach.privacy import check_private_numbers
from outreach.roles import Role
from visits.models import ExemptionRequest, PlanLine
from visits.permissions import can_ask_exemption, can_decide_exemption, can_exempt
from visits.services.errors import NotPossible
from visits.services.many import Done, one_by_one

GRANTED = gettext_noop("Request for an exemption granted")
State, Kind = ExemptionRequest.State, ExemptionRequest.Kind


@transaction.atomic
def exempt_line(*, line: PlanLine, actor: User, exemption: str, reason: str) -> PlanLine:
    """Exempt a line from the denominator; without an exemption its officer owes it again.

    An exemption answers what the unit asked for the line. Raises PermissionDenied,
    ValidationError (no reason).
    """
    line = locked(line.pk)
    if not can_exempt(actor, line):
        raise PermissionDenied
    check_private_numbers({"reason": reason})
    before = line_facts(line)
    line.exemption, line.exemption_reason = exemption, reason
    line.exempted_by = actor if exemption else None
    if not exemption:
        line.substitute = None
        return _write(line, actor, before, bulk_id=None)
    bulk_id = uuid4()
    answer_open_requests(lines=[line], actor=actor, reason=reason, bulk_id=bulk_id)
    return _write(line, actor, before, bulk_id=bulk_id)


def locked(pk: int) -> PlanLine:
    """The line, which nobody else writes until the transaction ends."""
    return (
        PlanLine.objects.select_for_update(of=["self"])
        .select_related("contact_point__unit", "contact_point__village", "officer", "substitute")
        .get(pk=pk)
    )


def line_facts(line: PlanLine) -> dict[str, str | None]:
    """What lifts or moves the line's obligation, in words, as the audit keeps it."""
    facts = audit.facts(line, "exemption", "exemption_reason")
    return facts | {"substitute": line.substitute and str(line.substitute)}


def _write(line: PlanLine, actor: User, before: dict, bulk_id: UUID | None) -> PlanLine:
    line.version += 1
    # Django calls an empty `exempted_by` a mistake; with an exemption the constraint needs it.
    unchecked = ["county", "plan", "contact_point"]
    line.full_clean(exclude=unchecked if line.exemption else [*unchecked, "exempted_by"])
    line.save(
        update_fields=["exemption", "exemption_reason", "exempted_by", "substitute", "version"]
    )
    after = line_facts(line)
    if line.exemption:
        action = gettext_noop("Plan line exempted")
    elif after["substitute"]:
        action = gettext_noop("Substitute named")
    else:
        action = gettext_noop("Exemption taken back")
    audit.record(action, actor=actor, obj=line, before=before, after=after, bulk_id=bulk_id)
    return line


@transaction.atomic
def ask_exemption(
    *, line: PlanLine, actor: User, kind: str, reason: str, substitute: Officer | None = None
) -> ExemptionRequest:
    """Ask the county to lift the line's obligation, or to let a colleague go.

    Raises PermissionDenied, NotPossible (too late, visited, exempt), ValidationError.
    """
    line = locked(line.pk)
    if not can_ask_exemption(actor, line):
        raise PermissionDenied
    if not line.is_liftable:
        raise NotPossible(_("An exemption can be asked for until the end of the month after."))
    if line.exemption:
        raise NotPossible(_("This month is exempt already."))
    _check(line, kind, substitute)
    check_private_numbers({"reason": reason})
    request = ExemptionRequest(
        county_id=line.county_id,
        line=line,
        kind=kind,
        reason=reason,
        substitute=substitute,
        asked_by=actor,
    )
    request.full_clean(exclude=["county", "decided_by", "decided_at"])
    request.save(force_insert=True)
    audit.record(
        gettext_noop("Exemption asked for"),
        actor=actor,
        obj=request,
        after=audit.facts(request, "kind", "reason")
        | {"substitute": substitute and str(substitute)},
    )
    _tell_county(request)
    return request


def _tell_county(request: ExemptionRequest) -> None:
    line = request.line
    notifications.notify(
        User.objects.active().filter(county=line.county_id, role=Role.COUNTY),
        gettext_noop("%(unit)s asks for an exemption: %(village)s, %(month)s."),
        params={
            "unit": str(line.contact_point.unit),
            "village": str(line.contact_point.village),
            "month": f"{line.month:%Y-%m}",
        },
        url=request.get_absolute_url(),
    )


def _check(line: PlanLine, kind: str, substitute: Officer | None) -> None:
    """Done stays done, and a substitute is somebody else of the unit who serves in the month."""
    visits = line.visits.counted().count()
    if visits >= max(1, line.required_visits) or (visits and kind != Kind.LEAVE):
        raise NotPossible(_("A visit of this month is recorded already, so nothing is lifted."))
    if kind != Kind.LEAVE:
        return
    if substitute is None:
        raise ValidationError({"substitute": _("Name who goes instead.")})
    serving = Officer.objects.filter(unit=line.contact_point.unit_id).serving_on(line.month)
    if substitute.pk == line.officer_id or not serving.filter(pk=substitute.pk).exists():
        raise ValidationError(
            {"substitute": _("A substitute is a colleague of the unit who still serves.")}
        )


def _move(request: ExemptionRequest, **values: object) -> None:
    """End an open request; NotPossible when somebody was first."""
    if not ExemptionRequest.objects.filter(pk=request.pk, state=State.ASKED).update(**values):
        raise NotPossible(_("Somebody answered this request in the meantime. Load the page again."))
    request.refresh_from_db(fields=list(values))


@transaction.atomic
def withdraw_exemption_request(*, request: ExemptionRequest, actor: User) -> ExemptionRequest:
    """Take an open request back. Raises PermissionDenied, NotPossible."""
    if not can_ask_exemption(actor, request.line):
        raise PermissionDenied
    _move(request, state=State.WITHDRAWN)
    audit.record(
        gettext_noop("Request for an exemption withdrawn"),
        actor=actor,
        obj=request,
        before={"state": State.ASKED},
        after=audit.facts(request, "state"),
    )
    return request


@transaction.atomic
def decide_exemption_request(
    *,
    request: ExemptionRequest,
    actor: User,
    grant: bool,
    answer: str = "",
    bulk_id: UUID | None = None,
) -> ExemptionRequest:
    """Grant the request, which writes it into the line, or refuse it with an answer.

    Raises PermissionDenied, NotPossible, ValidationError (no answer).
    """
    if not can_decide_exemption(actor, request):
        raise PermissionDenied
    if not grant and not answer:
        raise ValidationError({"answer": _("A refusal needs a reason.")})
    check_private_numbers({"answer": answer})
    _move(
        request,
        state=State.GRANTED if grant else State.REFUSED,
        answer=answer,
        decided_by=actor,
        decided_at=clock.now(),
    )
    if grant:
        bulk_id = bulk_id or uuid4()
        _grant(request, actor, bulk_id)
    audit.record(
        GRANTED if grant else gettext_noop("Request for an exemption refused"),
        actor=actor,
        obj=request,
        before={"state": State.ASKED},
        after=audit.facts(request, "state", "answer"),
        bulk_id=bulk_id,
    )
    _tell_unit(request)
    return request


def _grant(request: ExemptionRequest, actor: User, bulk_id: UUID) -> None:
    line = locked(request.line_id)
    _check(line, request.kind, request.substitute)
    before = line_facts(line)
    if request.kind == Kind.LEAVE:
        line.substitute = request.substitute
    else:
        line.exemption, line.exemption_reason = request.kind, request.reason
        line.exempted_by = actor
    _write(line, actor, before, bulk_id)


def answer_open_requests(
    *, lines: Iterable[PlanLine], actor: User, reason: str, bulk_id: UUID
) -> list[ExemptionRequest]:
    """Grant what units asked for lines that the county is lifting by itself; its reason answers.

    For whoever lifts them, in that transaction.
    """
    requests = list(ExemptionRequest.objects.open().filter(line__in=lines).for_list())
    for request in requests:
        values = {"state": State.GRANTED, "answer": reason}
        _move(request, **values, decided_by=actor, decided_at=clock.now())
        audit.record(
            GRANTED,
            actor=actor,
            obj=request,
            before={"state": State.ASKED},
            after=audit.facts(request, "state", "answer"),
            bulk_id=bulk_id,
        )
        _tell_unit(request)
    return requests


def _tell_unit(request: ExemptionRequest) -> None:
    line = request.line
    people = {request.asked_by_id, line.officer.user_id}
    if request.state == State.GRANTED and request.substitute:
        people.add(request.substitute.user_id)
    unit = User.objects.active().filter(unit=line.contact_point.unit_id)
    granted = request.state == State.GRANTED
    notifications.notify(
        unit.filter(role=Role.COORDINATOR) | unit.filter(pk__in=people - {None}),
        gettext_noop("%(village)s, %(month)s: the exemption is granted. %(answer)s")
        if granted
        else gettext_noop("%(village)s, %(month)s: the exemption is refused: %(answer)s"),
        params={
            "village": str(line.contact_point.village),
            "month": f"{line.month:%Y-%m}",
            "answer": request.answer,
        },
        url=request.get_absolute_url(),
    )


@transaction.atomic
def decide_exemption_requests(
    *, requests: Iterable[ExemptionRequest], actor: User, grant: bool, answer: str = ""
) -> Done[ExemptionRequest]:
    """Answer several requests, each by the rule of one. Raises ValidationError (no answer)."""
    if not grant and not answer:
        raise ValidationError({"answer": _("A refusal needs a reason.")})
    check_private_numbers({"answer": answer})
    bulk_id = uuid4()
    return one_by_one(
        requests,
        lambda request: decide_exemption_request(
            request=request, actor=actor, grant=grant, answer=answer, bulk_id=bulk_id
        ),
        refused=_("Somebody answered this request in the meantime."),
    )
