"""Pages of the topics: what to explain, with the files that go with it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from outreach import audit, clock
from outreach.templatetags.outreach import month
from visits.attachments import content_type_of, extension_of
from visits.forms.programme import AttachmentForm, ConfirmForm, TopicForm
from visits.models import ProgrammeYear, Topic, TopicAttachment
from visits.permissions import can_run_year
from visits.services import topics
from visits.services.errors import StaleVersion

OF_A_TOPIC = gettext_noop("file of a topic")


def _topic(request: HttpRequest, pk: int) -> Topic:
    rows = Topic.objects.visible_to(request.user).select_related("programme_year")
    return get_object_or_404(rows.prefetch_related("units", "attachments"), pk=pk)


def _own_topic(request: HttpRequest, pk: int) -> Topic:
    """The topic, for those who run its year."""
    topic = _topic(request, pk)
    if not can_run_year(request.user, topic.programme_year):
        raise PermissionDenied
    return topic


@require_GET
def topic_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What to explain, to be read on a phone on the way."""
    return _topic_page(request, _topic(request, pk), AttachmentForm())


def _topic_page(request: HttpRequest, topic: Topic, form: AttachmentForm) -> HttpResponse:
    runs = can_run_year(request.user, topic.programme_year)
    context = {"topic": topic, "runs": runs, "form": form}
    if runs:
        context |= {
            "lines": topic.planline_set.count(),
            "visits": topic.visits.count(),
            "endable": topic.last_month > clock.this_month() or not topics.is_used(topic),
            "history": audit.history(topic)[:20],
        }
    return render(request, "visits/topic_detail.html", context)


@require_http_methods(["GET", "POST"])
def topic_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a topic to the year."""
    year = get_object_or_404(ProgrammeYear.objects.visible_to(request.user), pk=pk)
    if not can_run_year(request.user, year):
        raise PermissionDenied
    form = TopicForm(request.POST or None, year=year)
    if request.method == "POST" and form.is_valid():
        try:
            topic = topics.add_topic(year=year, actor=request.user, **form.content())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(topic)
    title = _("New topic for %(year)s") % {"year": year}
    context = {"form": form, "title": title, "submit": _("Add the topic"), "back": year}
    return render(request, "visits/topic_form.html", context)


@require_http_methods(["GET", "POST"])
def topic_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a topic."""
    topic = _own_topic(request, pk)
    form = TopicForm(request.POST or None, year=topic.programme_year, instance=topic)
    stale = None
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            topics.change_topic(topic=topic, actor=request.user, seen=seen, **form.content())
        except StaleVersion as error:
            stale = error.current
            form.data = form.data.copy()
            form.data["seen"] = audit.digest(topics.topic_facts(stale))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(topic)
    context = {"form": form, "title": _("Change the topic"), "stale": stale, "back": topic}
    context["submit"] = _("Save the topic")
    return render(request, "visits/topic_form.html", context, status=409 if stale else 200)


@require_http_methods(["GET", "POST"])
def topic_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a topic, or close it when somebody named it; said before it is done."""
    topic = _own_topic(request, pk)
    if request.method == "POST":
        closed = topics.withdraw_topic(topic=topic, actor=request.user)
        if closed is None:
            messages.success(request, _("The topic is removed."))
            return redirect(topic.programme_year)
        messages.success(request, _("The topic ends with %(month)s.") % _until(closed))
        return redirect(closed)
    used = topics.is_used(topic)
    context = {
        "form": ConfirmForm(),
        "title": _("Withdraw “%(topic)s”") % {"topic": topic},
        "lead": _consequence(topic) if used else _("Nobody named it yet: it disappears."),
        "submit": _("Close the topic") if used else _("Remove the topic"),
        "back": topic.get_absolute_url(),
    }
    return render(request, "components/form_page.html", context)


def _until(topic: Topic) -> dict[str, str]:
    return {"month": month(topic.last_month)}


def _consequence(topic: Topic) -> str:
    """What closing a named topic means."""
    topic.last_month = topics.closing_month(topic)
    sentence = _(
        "Plans or visits name it, so it stays in the records. It is offered until the end of "
        "%(month)s and then no more."
    ) % _until(topic)
    if lines := topics.lines_left_by(topic).count():
        sentence += " " + ngettext(
            "%(n)s plan line of a later month loses it; its unit is told.",
            "%(n)s plan lines of later months lose it; their units are told.",
            lines,
        ) % {"n": lines}
    return sentence


@require_POST
def attachment_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a file with the topic."""
    topic = _own_topic(request, pk)
    form = AttachmentForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            file = form.cleaned_data["file"]
            topics.attach_file(topic=topic, actor=request.user, file=file)
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect(topic)
    return _topic_page(request, topic, form)


def _attachment(request: HttpRequest, pk: int) -> TopicAttachment:
    seen = Topic.objects.visible_to(request.user)
    rows = TopicAttachment.objects.filter(topic__in=seen)
    return get_object_or_404(rows.select_related("topic__programme_year"), pk=pk)


@require_GET
def attachment_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, for those who see its topic; never shown inside a page of ours."""
    row = _attachment(request, pk)
    file = FileResponse(
        row.file.open(),
        as_attachment=True,
        filename=row.file_name,
        content_type=content_type_of(row.file_name),
    )
    return audit.fetched(file, OF_A_TOPIC, row.topic, extension_of(row.file_name))


@require_POST
def attachment_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file away from its topic."""
    row = _attachment(request, pk)
    if not can_run_year(request.user, row.topic.programme_year):
        raise PermissionDenied
    topics.remove_attachment(attachment=row, actor=request.user)
    messages.success(request, _("The file is removed."))
    return redirect(row.topic)
