"""The villager's side of a matter: the slip an office hands out, and the page it opens."""

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from feedback.forms.receipts import NumberForm, WordForm
from feedback.matter_states import Action, State
from feedback.models import Matter
from feedback.permissions import actions_of
from feedback.services import receipts, tries
from feedback.services.matter_steps import CODE_LENGTH
from outreach.middleware import client_ip
from visits.services.errors import NotPossible

# How a matter stands, told to somebody who knows no office from within.
PLAIN = {
    State.RECEIVED: gettext_lazy("It was received and goes to the office that is to handle it."),
    State.TRANSFER_ASKED: gettext_lazy("The offices are settling which of them handles it."),
    State.WITH_COUNTY: gettext_lazy("The county is deciding which office handles it."),
    State.IN_WORK: gettext_lazy("An office is working on it."),
    State.WAITING: gettext_lazy("An office is working on it and waits for another one."),
    State.TO_CONFIRM: gettext_lazy("An office has answered; the county is looking at the answer."),
    State.ANSWERED: gettext_lazy("It is answered. Please say below whether it is solved."),
    State.CLOSED: gettext_lazy("It is closed. If it is not solved, say so below: it opens again."),
}
_TOGETHER = gettext_lazy(
    "Others reported the same; it is answered together with theirs. If it is not solved at your "
    "place, say so below: yours goes on by itself."
)
JOINED_PLAIN = PLAIN | {State.ANSWERED: _TOGETHER, State.CLOSED: _TOGETHER}


@require_POST
@cache_control(private=True, no_store=True)
def receipt_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """A slip to hand out, shown this once; the browser prints it."""
    matter = get_object_or_404(Matter.objects.visible_to(request.user).for_page(), pk=pk)
    try:
        number = receipts.issue_receipt(matter=matter, actor=request.user)
    except NotPossible as error:
        messages.warning(request, str(error))
        return redirect(matter)
    address = settings.SITE_URL + reverse("receipt_link", args=[number])
    context = {
        "matter": matter,
        "number": f"{number[:CODE_LENGTH]} {number[CODE_LENGTH:]}",
        "site": settings.SITE_URL + reverse("receipt"),
        # A picture by its own address: the page's policy allows no style inside it.
        "qr": segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=4),
    }
    return render(request, "feedback/receipt_slip.html", context)


@csrf_exempt  # it takes the number with each form: that is the permission, not a cookie
@require_http_methods(["GET", "POST"])
@login_not_required
@cache_control(private=True, no_store=True)
def receipt(request: HttpRequest, number: str = "") -> HttpResponse:
    """How a matter stands and the villager's word on it; GET only asks for the number."""
    form = NumberForm(request.POST or None, initial={"number": number})
    context, status = {"form": form, "matter": None, "note": ""}, 200
    if request.method == "POST" and form.is_valid():
        try:
            matter = _look_up(request, form)
        except tries.TooOften as error:
            form.add_error(None, str(error))
            status = 429
        else:
            context |= _shown(request, matter) if matter else {}
    response = render(request, "feedback/receipt.html", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _look_up(request: HttpRequest, form: NumberForm) -> Matter | None:
    number = form.cleaned_data["number"]
    counted = receipts.count_try(number=number, address=client_ip(request))
    matter = receipts.matter_of(number)
    if matter is None:
        form.add_error("number", _("No receipt has this number. Compare it with the slip."))
    elif "version" not in request.POST:
        tries.give_back(counted)
    return matter


def _shown(request: HttpRequest, matter: Matter) -> dict[str, object]:
    """What the page says; with a word in the form, what became of it."""
    answer, note = WordForm(matter=matter), ""
    if "version" in request.POST:
        tried = WordForm(request.POST, matter=matter)
        note = _noted(tried) if tried.is_valid() else ""
        matter.refresh_from_db()
        answer = WordForm(matter=matter) if note else tried
    # Of several reports of one problem the first tells how all of them stand.
    standing = matter.main or matter
    is_answered = standing.state in (State.ANSWERED, State.CLOSED)
    return {
        "matter": matter,
        "standing": standing,
        "plain": (JOINED_PLAIN if matter.main else PLAIN)[State(standing.state)],
        "is_answered": is_answered,
        "answer": answer if Action.NOTE_WORD in actions_of(None, matter) else None,
        "note": note,
    }


def _noted(answer: WordForm) -> str:
    """What is said at the top; empty where the form itself says what is wrong with it."""
    meantime = _("Your word arrived already, or an office went on. See how it stands now.")
    if answer.is_old:
        return meantime
    try:
        answer.do()
    except NotPossible:
        return meantime
    except ValidationError as error:
        answer.add_error("text", error.messages)
        return ""
    return _("Thank you. The offices concerned have been told.")
