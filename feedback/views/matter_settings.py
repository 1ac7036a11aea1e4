"""The county's categories of matters and the table of whom they are proposed to."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback.forms.matter_settings import CategoryForm, RouteForm
from feedback.models import MatterCategory, MatterRoute
from feedback.services.routes import remove_route, route_category, write_category
from outreach.roles import Capability


def _check_may_direct(request: HttpRequest) -> None:
    if not request.user.can(Capability.DIRECT_MATTERS):
        raise Http404


@require_GET
def matter_settings(request: HttpRequest) -> HttpResponse:
    """The categories with their limits, each with the units proposed for it."""
    _check_may_direct(request)
    routes: dict[int, list[MatterRoute]] = {}
    for route in MatterRoute.objects.visible_to(request.user).for_list():
        routes.setdefault(route.category_id, []).append(route)
    rows = MatterCategory.objects.visible_to(request.user).in_tree_order()
    context = {"categories": [(row, routes.get(row.pk, [])) for row in rows]}
    return render(request, "feedback/matter_settings.html", context)


@require_http_methods(["GET", "POST"])
def category_create(request: HttpRequest) -> HttpResponse:
    """A new category."""
    _check_may_direct(request)
    return _category(request, None)


@require_http_methods(["GET", "POST"])
def category_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, place, limit, or out of use."""
    _check_may_direct(request)
    rows = MatterCategory.objects.visible_to(request.user)
    return _category(request, get_object_or_404(rows, pk=pk))


def _category(request: HttpRequest, category: MatterCategory | None) -> HttpResponse:
    known = ("name", "parent", "limit_days", "is_active")
    initial = {name: getattr(category, name) for name in known} if category else None
    form = CategoryForm(request.POST or None, actor=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            write_category(actor=request.user, category=category, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return redirect("matter_settings")
    title = _("Change the category") if category else _("New category")
    return _form(request, form, title)


def _form(request: HttpRequest, form: CategoryForm | RouteForm, title: str) -> HttpResponse:
    back = reverse("matter_settings")
    context = {"form": form, "title": title, "submit": _("Save"), "back": back}
    return render(request, "components/form_page.html", context)


@require_http_methods(["GET", "POST"])
def route_create(request: HttpRequest) -> HttpResponse:
    """Whom the table proposes for a category; the same place again replaces the proposal."""
    _check_may_direct(request)
    form = RouteForm(request.POST or None, actor=request.user, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        route_category(actor=request.user, **form.cleaned_data)
        return redirect("matter_settings")
    return _form(request, form, _("Propose a unit"))


@require_POST
def route_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose it no longer."""
    _check_may_direct(request)
    route = get_object_or_404(MatterRoute.objects.visible_to(request.user), pk=pk)
    remove_route(actor=request.user, route=route)
    return redirect("matter_settings")
