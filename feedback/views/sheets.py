"""Sheets of paper as the office types them in, and the end of a round."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contact_points.models import Village
from feedback.asking import questions_in
from feedback.forms.evaluation import FirstSheetForm, SettleForm, SheetForm, SureForm
from feedback.models import EvaluationRound, PaperSheet
from feedback.services.cards import cards_of, sampled_of
from feedback.services.counting import check_can_close, close_round
from feedback.services.sheets import settle_sheet, type_second, type_sheet, unsettled_sheets
from feedback.views.cards import round_to_run
from outreach.models import User
from visits.services.errors import NotPossible


def _fill(form: FirstSheetForm | SheetForm, error: ValidationError) -> None:
    for name, texts in error.message_dict.items():
        form.add_error(name if name in form.fields else None, texts)


@require_http_methods(["GET", "POST"])
def evaluation_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """One sheet after the other; the next one keeps the village."""
    round = round_to_run(request, pk)
    rows = Village.objects.filter(pk__in=sampled_of(round)).order_by("code")
    asked_for = request.GET.get("village", "")
    village = get_object_or_404(rows, pk=asked_for) if asked_for.isdecimal() else rows.first()
    form = None
    if village:
        form = FirstSheetForm(
            request.POST or None, asked=questions_in(round, village), asks_text=round.asks_text
        )
        if request.method == "POST" and form.is_valid() and _typed(request, round, village, form):
            return redirect(f"{request.path}?village={village.pk}")
    context = {
        "round": round,
        "villages": rows.select_related("township"),
        "village": village,
        "form": form,
        "sheets": _open_sheets(round, request.user),
        "is_open": round.state == EvaluationRound.State.OPEN,
    }
    return render(request, "feedback/evaluation_paper.html", context)


def _typed(
    request: HttpRequest, round: EvaluationRound, village: Village, form: FirstSheetForm
) -> bool:
    code = form.cleaned_data["code"]
    try:
        sheet = type_sheet(
            round=round, village=village, code=code, answers=form.answers, actor=request.user
        )
    except ValidationError as error:
        _fill(form, error)
    except NotPossible as error:
        form.add_error(None, str(error))
    else:
        messages.success(request, _told(sheet))
        return True
    return False


def _told(sheet: PaperSheet) -> str:
    words = {"village": sheet.village, "number": sheet.number}
    if sheet.needs_second:
        return (
            _(
                "Sheet %(number)s of %(village)s: write %(number)s on it and lay it aside. "
                "A colleague types it in once more."
            )
            % words
        )
    return _("Sheet %(number)s of %(village)s is typed in. Write %(number)s on it.") % words


def _open_sheets(round: EvaluationRound, user: User) -> list[tuple[PaperSheet, bool]]:
    """Each unsettled sheet, and whether this person can go on with it."""
    return [
        (sheet, sheet.second is not None or sheet.typed_by_id != user.pk)
        for sheet in unsettled_sheets(round)
    ]


@require_http_methods(["GET", "POST"])
def paper_sheet(request: HttpRequest, pk: int, sheet: int) -> HttpResponse:
    """The second typing, without a look at the first; then what the two had differently."""
    round = round_to_run(request, pk)
    rows = PaperSheet.objects.filter(Q(is_settled=False), round=round)
    row = get_object_or_404(rows.select_related("round", "village", "typed_by"), pk=sheet)
    asked = questions_in(round, row.village)
    form: SettleForm | SheetForm
    if row.second is not None:
        form = SettleForm(request.POST or None, sheet=row, asked=asked)
    elif row.typed_by_id == request.user.pk:
        raise PermissionDenied
    else:
        form = SheetForm(request.POST or None, asked=asked, asks_text=round.asks_text)
    if request.method == "POST" and form.is_valid() and _gone_on(request, row, form):
        return redirect("evaluation_paper", round.pk)
    context = {"round": round, "sheet": row, "form": form, "settles": row.second is not None}
    return render(request, "feedback/paper_sheet.html", context)


def _gone_on(request: HttpRequest, sheet: PaperSheet, form: SettleForm | SheetForm) -> bool:
    act = settle_sheet if isinstance(form, SettleForm) else type_second
    try:
        done = act(sheet=sheet, answers=form.answers, actor=request.user)
    except NotPossible as error:
        form.add_error(None, str(error))
        return False
    words = {"number": done.number, "village": done.village, "differences": done.differences}
    if done.is_settled:
        messages.success(request, _("Sheet %(number)s of %(village)s is settled.") % words)
    else:
        text = _("Sheet %(number)s of %(village)s: %(differences)s answers differ.")
        messages.warning(request, text % words)
    return True


@require_http_methods(["GET", "POST"])
def evaluation_close(request: HttpRequest, pk: int) -> HttpResponse:
    """End a round before its day; says first what is lost and which sheets are unsettled."""
    round = round_to_run(request, pk)
    form, refused = SureForm(request.POST or None), ""
    try:
        check_can_close(round)
        if request.method == "POST" and form.is_valid():
            close_round(round=round, actor=request.user)
            messages.success(request, _("The round is closed. Its results can be read now."))
            return redirect(reverse("evaluation_close", args=[round.pk]))
    except NotPossible as error:
        refused = str(error)
    cards = cards_of(round).values()
    context = {
        **{"round": round, "form": form, "refused": refused},
        "sheets": unsettled_sheets(round),
        "cards": sum(row[0] for row in cards),
        "spent": sum(row[1] for row in cards),
        "is_closed": round.state == EvaluationRound.State.CLOSED,
    }
    return render(request, "feedback/evaluation_close.html", context)
