"""What a villager's card opens: the questions, once, without an account, a cookie or a trace."""

from functools import lru_cache, wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from feedback.asking import Drawn, Place, drawn_round, months_of, place_of, questions
from feedback.forms.evaluation import AnswerForm, CodeForm
from feedback.services.answering import keep_answer
from feedback.services.cards import Seen, Standing, seen_card, standing_of
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
    card = seen_card(code)
    standing = standing_of(card)
    if card is None or standing != Standing.TAKES:
        return _say(request, code, standing)
    form = _form(request, card)
    if form and form.is_valid() and _is_meant(request, form):
        standing = keep_answer(code=code, answers=form.answers)
        return _done() if standing == Standing.TAKES else _say(request, code, standing)
    return _ask(request, code, card, form)


def _form(request: HttpRequest, card: Seen) -> AnswerForm | None:
    if "send" not in request.POST:
        return None
    drawn = drawn_round(card.round_id, card.seed)
    return AnswerForm(request.POST, asked=questions(drawn, ()), asks_text=drawn.asks_text)


def _ask(request: HttpRequest, code: str, card: Seen, form: AnswerForm | None) -> HttpResponse:
    """The questions; with what was sent, and what is to be done about it."""
    drawn = drawn_round(card.round_id, card.seed)
    place = place_of(drawn, card.village_id)
    context = {
        **{"code": code, "place": place, "months": months_of(drawn)},
        "questions": _written(drawn, place, form)
        if form
        else _unticked(drawn, place, translation.get_language()),
        "is_wrong": form and form.errors,
        "is_empty": form and not form.errors,
    }
    status = 422 if context["is_wrong"] else 200
    return render(request, "feedback/answer.html", context, status=status)


@lru_cache(maxsize=400)
def _unticked(drawn: Drawn, place: Place, language: str) -> SafeString:
    """The same for everybody in the village; it depends on nothing but these and the program."""
    return _written(drawn, place)


def _written(drawn: Drawn, place: Place, form: AnswerForm | None = None) -> SafeString:
    said, problems = (form.data, form.errors) if form else ({}, {})
    lines = [
        {
            **{"name": asked.name, "text": asked.text, "problem": problems.get(asked.name)},
            "choices": [
                (value, label, said.get(asked.name) == str(value)) for value, label in asked.choices
            ],
        }
        for asked in questions(drawn, place.units)
    ]
    text = {"value": said.get("text", ""), "problem": problems.get("text")}
    context = {"lines": lines, "text": text, "asks_text": drawn.asks_text, "last": len(lines) + 1}
    return render_to_string("feedback/_answer_questions.html", context)


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
