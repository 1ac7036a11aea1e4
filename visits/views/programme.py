"""Pages of the programme year: its rules, its topics, the days to avoid, the working calendar."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from outreach import audit, clock, workdays
from outreach.roles import Capability
from visits.forms.programme import AvoidedDaysForm, RuleForm, YearForm
from visits.models import AvoidedDays, ProgrammeYear, YearRule
from visits.permissions import can_run_year
from visits.services import programme, rules
from visits.services.errors import NotPossible, StaleVersion


@require_http_methods(["GET", "POST"])
def programme_year(request: HttpRequest) -> HttpResponse:
    """The county's opened years; opens the next one."""
    if not request.user.can(Capability.RUN_YEAR):
        raise Http404
    years = ProgrammeYear.objects.visible_to(request.user).with_counts()
    following = max((row.year for row in years), default=clock.today().year - 1) + 1
    form = YearForm(request.POST or None, initial={"year": following})
    if request.method == "POST" and form.is_valid():
        try:
            year = programme.open_year(
                county=request.user.county,
                actor=request.user,
                year=form.cleaned_data["year"],
                **form.content(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The year %(year)s is open.") % {"year": year})
            return redirect(year)
    context = {"years": years, "form": form, "this_year": clock.today().year}
    return render(request, "visits/programme_year.html", context)


@require_GET
def programme_year_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One year: what is asked, what is explained, when nobody should go."""
    year = _year(request, pk)
    month = clock.this_month()
    runs = can_run_year(request.user, year)
    rows = year.topics.visible_to(request.user).prefetch_related("units", "attachments")
    now = [topic for topic in rows if topic.first_month <= month <= topic.last_month]
    context = {
        "year": year,
        "month": month,
        "running": month.year == year.year,
        "runs": runs,
        "in_force": year.rule_for(month) if month.year == year.year else None,
        "open_from": rules.first_open_month(year) if runs else None,
        "topics": now + [topic for topic in rows if topic not in now],
        "now": len(now),
        "avoided": year.avoided_days.select_related("township"),
        "published": workdays.is_published(year.year),
        "breaks": workdays.breaks(year.year),
        "history": audit.history(year)[:20] if runs else (),
    }
    return render(request, "visits/programme_year_detail.html", context)


def _year(request: HttpRequest, pk: int) -> ProgrammeYear:
    years = ProgrammeYear.objects.visible_to(request.user)
    return get_object_or_404(years.prefetch_related("rules__requirements"), pk=pk)


def _own_year(request: HttpRequest, pk: int) -> ProgrammeYear:
    """The year, for those who run it."""
    year = _year(request, pk)
    if not can_run_year(request.user, year):
        raise PermissionDenied
    return year


@require_http_methods(["GET", "POST"])
def rule_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Set what holds from a month on."""
    year = _own_year(request, pk)
    form = RuleForm(request.POST or None, year=year)
    return _rule_page(request, year, form, title=_("New rule for %(year)s") % {"year": year})


@require_http_methods(["GET", "POST"])
def rule_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule that has not been worked under yet."""
    rule = _own_rule(request, pk)
    year = _own_year(request, rule.programme_year_id)
    form = RuleForm(request.POST or None, year=year, rule=rule)
    return _rule_page(request, year, form, title=_("Change the rule"))


def _rule_page(
    request: HttpRequest, year: ProgrammeYear, form: RuleForm, *, title: str
) -> HttpResponse:
    stale = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            rules.set_rule(
                year=year,
                actor=request.user,
                effective_month=data["effective_month"],
                seen=data["seen"],
                **form.content(),
            )
        except StaleVersion as error:
            stale = error.current
            form.data = form.data.copy()
            form.data["seen"] = audit.digest(rules.rule_facts(stale)) if stale else ""
        except (NotPossible, ValidationError) as error:
            form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        else:
            return redirect(year)
    context = {"form": form, "year": year, "title": title, "stale": stale}
    return render(request, "visits/rule_form.html", context, status=409 if stale else 200)


def _own_rule(request: HttpRequest, pk: int) -> YearRule:
    years = ProgrammeYear.objects.visible_to(request.user)
    return get_object_or_404(
        YearRule.objects.filter(programme_year__in=years).select_related("programme_year"), pk=pk
    )


@require_POST
def rule_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a rule that is still to come."""
    rule = _own_rule(request, pk)
    if not can_run_year(request.user, rule.programme_year):
        raise PermissionDenied
    try:
        rules.withdraw_rule(rule=rule, actor=request.user)
    except NotPossible as error:
        messages.error(request, str(error), extra_tags="late")
    else:
        messages.success(request, _("The rule is withdrawn; the one before it holds on."))
    return redirect(rule.programme_year)


@require_POST
def ranking_set(request: HttpRequest, pk: int) -> HttpResponse:
    """Rank the units of the year by completion (`ranking=on`), or no longer."""
    year = _own_year(request, pk)
    programme.set_ranking(
        year=year, ranking=request.POST.get("ranking") == "on", actor=request.user
    )
    return redirect(year)


@require_http_methods(["GET", "POST"])
def avoided_days_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark days on which nobody should plan a visit."""
    year = _own_year(request, pk)
    form = AvoidedDaysForm(request.POST or None, year=year)
    if request.method == "POST" and form.is_valid():
        try:
            rules.add_avoided_days(year=year, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(year)
    context = {
        "form": form,
        "title": _("Days to avoid in %(year)s") % {"year": year},
        "lead": _("Market or harvest days: those who plan are told, and may go all the same."),
        "submit": _("Mark these days"),
        "back": year.get_absolute_url(),
    }
    return render(request, "components/form_page.html", context)


@require_POST
def avoided_days_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Let these days be planned for again."""
    years = ProgrammeYear.objects.visible_to(request.user)
    rows = AvoidedDays.objects.filter(programme_year__in=years).select_related("programme_year")
    days = get_object_or_404(rows, pk=pk)
    if not can_run_year(request.user, days.programme_year):
        raise PermissionDenied
    rules.remove_avoided_days(days=days, actor=request.user)
    return redirect(days.programme_year)
