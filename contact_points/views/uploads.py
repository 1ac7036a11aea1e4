"""Upload a list: its kind first, what it looks like, its template."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from contact_points.forms import ImportForm
from contact_points.layouts import LAYOUTS
from contact_points.models import ImportRun
from contact_points.permissions import can_import_lists
from contact_points.resources import present_rows
from contact_points.services import imports
from outreach import clock
from outreach.exports import ledger

Kind = ImportRun.Kind


@dataclass(frozen=True)
class Words:
    """What the pages say of one kind of list; `home` is the page that shows what it fills."""

    title: Promise | str
    one_row: Promise | str
    needed: Promise | str
    home: str
    home_label: Promise | str


WORDS = {
    Kind.CONTACT_POINTS: Words(
        _("Import a list of contact points"),
        _("One row for each village that a unit holds."),
        _(
            "Needed are the village (name or code), the unit and the responsible officer. Where "
            "two villages share a name, the township or the code tells which."
        ),
        "contact_point_list",
        _("Contact points"),
    ),
    Kind.VILLAGES: Words(
        _("Import a list of villages"),
        _("One row for each village."),
        _(
            "Needed is the village, by its name or its 12-digit code. A new village needs both; "
            "a known one gets another name where its code says that it is meant."
        ),
        "village_list",
        _("Villages"),
    ),
    Kind.UNITS: Words(
        _("Import a list of units"),
        _("One row for each unit."),
        _(
            "Needed is the unit's name. A new unit also needs its kind, as 四大班子, 党委部门, "
            "政府部门, 群团组织, 乡镇 or 其他单位; the unit of a township names its township."
        ),
        "unit_list",
        _("Units"),
    ),
    Kind.OFFICERS: Words(
        _("Import a list of officers"),
        _("One row for each person."),
        _(
            "Needed are the name and the unit. A user name makes an account, as 走访干部 unless "
            "the role says 单位联络员. First passwords are handed out after the import."
        ),
        "officer_list",
        _("Officers"),
    ),
    Kind.HOUSEHOLDS: Words(
        _("Import a list of household numbers"),
        _("One row for each household."),
        _(
            "Needed are the village and the household's number, like 3组-017. Nobody's name has a "
            "place here: take names out first; a list that holds them is not kept."
        ),
        "village_list",
        _("Villages"),
    ),
}


def require_import(request: HttpRequest) -> None:
    """Imports do not exist for those who may not import."""
    if not can_import_lists(request.user, request.user.county_id):
        raise Http404


def _kind(request: HttpRequest) -> str:
    """The kind that the address names, else contact points."""
    kind = request.GET.get("kind", "")
    return kind if kind in Kind.values else Kind.CONTACT_POINTS


@require_http_methods(["GET", "POST"])
def import_create(request: HttpRequest) -> HttpResponse:
    """Upload a list of the kind in the address (`kind`); it is read in the background."""
    require_import(request)
    kind = _kind(request)
    form = ImportForm(request.POST or None, request.FILES or None, actor=request.user, kind=kind)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        run = imports.start_import(
            county=request.user.county,
            file_name=file.name,
            content=file.read(),
            first_day=form.cleaned_data.get("first_day") or clock.today(),
            actor=request.user,
            kind=kind,
        )
        return redirect(run)
    return render(request, "contact_points/import_create.html", _context(kind, form))


def _context(kind: str, form: ImportForm) -> dict[str, Any]:
    layout = LAYOUTS[kind]
    needed = {name: len(names) for names in layout.needed for name in names}
    return {
        "form": form,
        "kind": kind,
        "kinds": Kind.choices,
        "words": WORDS[Kind(kind)],
        "columns": [(column, needed.get(column.name, 0)) for column in layout.columns],
    }


@require_GET
def import_template(request: HttpRequest) -> HttpResponseBase:
    """An empty list with the headers we read, or (`filled`) what the registry holds in them."""
    require_import(request)
    kind = _kind(request)
    name = kind.replace("_", "-")
    if "filled" in request.GET:
        return ledger(present_rows(kind, request.user.county_id), name=name)
    return ledger(_empty(kind), name=f"{name}-template")


def _empty(kind: str) -> Iterator[list[str]]:
    yield LAYOUTS[kind].headers
