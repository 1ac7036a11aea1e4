"""What a villager's card opens: the questions, once, without an account, a cookie or a trace."""

from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from feedback.asking import asked_in, months_of
from feedback.forms.evaluation import AnswerForm, CodeForm
from feedback.models import EvaluationCard
from feedback.services.answering import keep_answer
from feedback.services.cards import Standing, card_of, standing_of
from feedback.services.receipts import plain_number

SAID = {
    Standing.KEPT: gettext_lazy("The answer of this card has arrived. Thank you!"),
    Standing.EARLY: gettext_lazy("The evaluation has not begun yet. Keep the card and try later."),
    Standing.OVER: gettext_lazy("This evaluation is over. Thank you for wanting to take part."),
    Standing.UNKNOWN: gettext_lazy(
        "No card has this code. Compare it with your card. If your village got new cards, or its "
        "evaluation is over, the old ones open nothing any more."
    ),
}


def _public(view: Any) -> Any:
    """In the language that was asked for on the page; it tells no other site where one was."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = request.POST.get("in") or request.GET.get("in")
        language = asked if asked in dict(settings.LANGUAGES) else translation.get_language()
        with translation.override(language):
            response = view(request, *args, **kwargs)
        response["Content-Language"] = language
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return login_not_required(cache_control(private=True, no_store=True)(shown))


@csrf_exempt  # the card's code, sent with each form, is the permission; there is no cookie
@require_http_methods(["GET", "POST"])
@_public
def answer(request: HttpRequest, code: str = "") -> HttpResponse:
    """GET shows what the card opens; a POST that says `send` answers, any other only looks."""
    code = plain_number(request.POST.get("code") or code)
    if not code:
        return _ask_for_code(request)
    card = card_of(code)
    standing = standing_of(card)
    if card is None or standing != Standing.TAKES:
        return _say(request, code, standing)
    form = _form(request, card)
    if "send" in request.POST and form.is_valid() and _is_meant(request, form):
        standing = keep_answer(code=code, answers=form.answers)
        return _done() if standing == Standing.TAKES else _say(request, code, standing)
    context = {
        **{"form": form, "code": code, "round": card.round, "village": card.village},
        "months": months_of(card.round),
        "is_empty": "send" in request.POST and form.is_valid(),
    }
    status = 422 if "send" in request.POST and form.errors else 200
    return render(request, "feedback/answer.html", context, status=status)


def _form(request: HttpRequest, card: EvaluationCard) -> AnswerForm:
    data = request.POST if "send" in request.POST else None
    asked = asked_in(card.round, card.village)
    return AnswerForm(data, asked=asked, asks_text=card.round.asks_text)


def _is_meant(request: HttpRequest, form: AnswerForm) -> bool:
    """Something is answered, or it was asked whether nothing is to be sent."""
    return "empty" in request.POST or any(value for value in form.answers.values())


def _done() -> HttpResponse:
    language = translation.get_language()
    query = "" if language == settings.LANGUAGE_CODE else f"?in={language}"
    return redirect(reverse("answer_done") + query)


def _say(request: HttpRequest, code: str, standing: Standing) -> HttpResponse:
    if standing == Standing.UNKNOWN:
        return _ask_for_code(request, code, str(SAID[standing]))
    context = {"said": SAID[standing], "code": code}
    return render(request, "feedback/answer_said.html", context)


def _ask_for_code(request: HttpRequest, code: str = "", problem: str = "") -> HttpResponse:
    form = CodeForm({"code": code} if problem else None)
    if problem:
        form.add_error("code", problem)
    status = 404 if problem else 200
    return render(request, "feedback/answer_code.html", {"form": form, "code": code}, status=status)


@require_GET
@_public
def answer_done(request: HttpRequest) -> HttpResponse:
    """Thanks, without the code: from here nothing leads back to the answer."""
    said = _("Thank you! Your answer has arrived. You can close this page.")
    return render(request, "feedback/answer_said.html", {"said": said, "code": ""})
