"""The month calendar, moving a visit on it, and the feed for a person's own calendar."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from outreach import clock
from outreach.months import asked_month, neighbours
from outreach.roles import Capability
from visits.calendar import CHIPS_UNDATED, chip_of, month_days
from visits.filters import CalendarFilter
from visits.forms.calendar import MoveForm
from visits.ical import calendar_of
from visits.models import AvoidedDays, CalendarFeed, PlanLine
from visits.permissions import can_write_plan
from visits.services import calendar
from visits.services.errors import NotPossible, StaleVersion


@require_GET
def plan_calendar(request: HttpRequest) -> HttpResponse:
    """The planned visits of a month by day: the own unit's, for the county office all."""
    user = request.user
    if not user.can(Capability.SEE_RECORDS):
        raise Http404
    month = asked_month(request)
    lines = PlanLine.objects.visible_to(user).of_month(month).for_calendar()
    filters = CalendarFilter(request.GET, queryset=lines, user=user)
    today = clock.today()
    chips = [chip_of(line, user, today) for line in filters.qs]
    waiting = [chip for chip in chips if chip.line.due and chip.state in ("due", "late")]
    undated = [chip for chip in waiting if not chip.line.planned_date]
    townships = {chip.line.contact_point.village.township_id for chip in chips}
    avoided = list(AvoidedDays.objects.visible_to(user).of_month(month, townships))
    only = _asked_day(request, month)
    context = {
        "month": month,
        **neighbours(month),
        "filter": filters,
        "kept": filters.kept_query(),
        "only": only,
        "weekdays": [date(2024, 1, n) for n in range(1, 8)],  # a week that begins on Monday
        "avoided": avoided,
        "days": month_days(month, chips, avoided, only=only),
        "first_weekday": 1 if only else month.isoweekday(),
        "planned": len(chips) - sum(not chip.line.planned_date for chip in chips),
        "undated": undated[:CHIPS_UNDATED],
        "undated_count": len(undated),
        "undated_more": max(0, len(undated) - CHIPS_UNDATED),
        "movable": any(chip.movable for chip in chips),
    }
    return render(request, "visits/plan_calendar.html", context)


def _asked_day(request: HttpRequest, month: date) -> date | None:
    """The one day that is asked for, if any; 404 for what is no day of the month."""
    text = request.GET.get("day", "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    if day.replace(day=1) != month:
        raise Http404
    return day


@require_http_methods(["GET", "POST"])
def plan_line_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Another day for one planned visit."""
    lines = PlanLine.objects.visible_to(request.user).for_calendar()
    line = get_object_or_404(lines, pk=pk)
    if not can_write_plan(request.user, line.plan):
        raise PermissionDenied
    form = MoveForm(request.POST or None, line=line)
    back = f"{reverse('plan_calendar')}?month={line.month:%Y-%m}"
    colleague = None
    if request.method == "POST" and form.is_valid():
        try:
            calendar.move_line(line=line, actor=request.user, **form.cleaned_data)
        except StaleVersion as error:
            colleague = error.current
            form.take_version(colleague.version)
        except (NotPossible, ValidationError) as error:
            form.add_error(None, getattr(error, "messages", None) or str(error))
        else:
            messages.success(request, _("The visit has its new day."), extra_tags="done")
            return redirect(f"{back}#line-{line.pk}")
    context = {
        "form": form,
        "line": line,
        "back": back,
        "colleague": colleague,
        "avoided": AvoidedDays.objects.visible_to(request.user).for_line(line),
    }
    status = 409 if colleague else 200
    return render(request, "visits/plan_line_move.html", context, status=status)


@require_GET
def my_calendar(request: HttpRequest) -> HttpResponse:
    """The address of the person's calendar feed: whether there is one, and what it opens."""
    if not request.user.can(Capability.RECORD_VISITS):
        raise Http404
    return _my_calendar(request)


def _my_calendar(request: HttpRequest, address: str = "") -> HttpResponse:
    feed = CalendarFeed.objects.filter(user=request.user).first()
    context = {"feed": feed, "address": address}
    return render(request, "visits/my_calendar.html", context)


@require_POST
def my_calendar_make(request: HttpRequest) -> HttpResponse:
    """A new address, shown once; an earlier one opens nothing any more."""
    if not request.user.can(Capability.RECORD_VISITS):
        raise Http404
    token = calendar.make_feed(actor=request.user)
    address = request.build_absolute_uri(reverse("calendar_feed", args=[token]))
    return _my_calendar(request, address)


@require_POST
def my_calendar_revoke(request: HttpRequest) -> HttpResponse:
    """End the address."""
    if not request.user.can(Capability.RECORD_VISITS):
        raise Http404
    calendar.revoke_feed(actor=request.user)
    messages.success(request, _("The address opens nothing any more."))
    return redirect("my_calendar")


@require_GET
@login_not_required
@cache_control(private=True, no_store=True)
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The planned visits of whoever made this address; what it is looked up by is its hash."""
    feeds = CalendarFeed.objects.filter(user__is_active=True).select_related("user")
    feed = feeds.filter(digest=calendar.digest_of(token)).first()
    if feed is None or not feed.user.can(Capability.RECORD_VISITS):
        return HttpResponseNotFound()  # no page: that would set a cookie
    lines = PlanLine.objects.to_visit_by(feed.user).for_feed()
    held = [line for line in lines if line.contact_point.holds_in(line.month)]
    name = _("Visits of %(name)s") % {"name": feed.user.name}
    return HttpResponse(calendar_of(held, name=name), "text/calendar; charset=utf-8")
