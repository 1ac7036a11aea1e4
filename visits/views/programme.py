"""Pages of the programme year."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from outreach import clock
from outreach.roles import Capability
from visits.forms.programme import TopicForm, YearForm
from visits.models import ProgrammeYear
from visits.permissions import can_run_year
from visits.services import programme, topics


@require_http_methods(["GET", "POST"])
def programme_year(request: HttpRequest) -> HttpResponse:
    """The county's opened years with rules and topics; opens the next one."""
    if not request.user.can(Capability.RUN_YEAR):
        raise Http404
    years = ProgrammeYear.objects.visible_to(request.user).prefetch_related("rules", "topics")
    following = max((row.year for row in years), default=clock.today().year - 1) + 1
    form = YearForm(request.POST or None, initial={"year": following})
    if request.method == "POST" and form.is_valid():
        try:
            year = programme.open_year(
                county=request.user.county, actor=request.user, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The year %(year)s is open.") % {"year": year})
            return redirect("programme_year")
    return render(request, "visits/programme_year.html", {"years": years, "form": form})


@require_http_methods(["GET", "POST"])
def topic_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a topic to the year."""
    year = get_object_or_404(ProgrammeYear.objects.visible_to(request.user), pk=pk)
    if not can_run_year(request.user, year):
        raise PermissionDenied
    form = TopicForm(request.POST or None, year=year)
    if request.method == "POST" and form.is_valid():
        try:
            topics.add_topic(year=year, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("programme_year")
    title = _("New topic for %(year)s") % {"year": year}
    context = {"form": form, "title": title, "submit": _("Add the topic")}
    return render(request, "components/form_page.html", context)
