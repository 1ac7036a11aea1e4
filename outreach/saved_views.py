"""Pages on which a person keeps a list as they want to see it again."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from outreach import services
from outreach.forms import NewViewForm, ViewForm
from outreach.models import SavedView


@require_http_methods(["GET", "POST"])
def view_create(request: HttpRequest) -> HttpResponse:
    """Give a name to what a list shows (`list_name`, `query`)."""
    asked = {name: request.GET.get(name, "") for name in ("list_name", "query")}
    form = NewViewForm(request.POST or None, initial=asked)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(services.save_view(actor=request.user, **form.cleaned_data))
        except ValidationError as error:
            form.add_error(None, error.messages)
    context = {"form": form, "title": _("Save this view"), "submit": _("Save")}
    context["lead"] = _("Its filter, sort and columns. Its address works for colleagues as well.")
    return render(request, "components/form_page.html", context)


@require_http_methods(["GET", "POST"])
def view_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a view, or have its list open with it."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    form = ViewForm(request.POST or None, instance=view)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(
                services.change_view(view=view, actor=request.user, **form.cleaned_data)
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
    return render(request, "outreach/view.html", {"form": form, "pk": pk, "back": _address(pk)})


def _address(pk: int) -> str:
    # The form has put what was typed into its own copy.
    return SavedView.objects.get(pk=pk).get_absolute_url()


@require_POST
def view_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a view; its list stays."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    services.remove_view(view=view, actor=request.user)
    return redirect(f"{reverse(view.list_name)}?view=all")
