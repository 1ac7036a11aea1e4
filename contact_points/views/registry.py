"""Pages of the registry: the administrator's start, ledgers and their details."""

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from contact_points.filters import ContactPointFilter, OfficerFilter, UnitFilter, VillageFilter
from contact_points.models import ContactPoint, ImportRun, Officer, Unit, Village
from contact_points.permissions import can_hand_over, can_import_lists
from contact_points.tables import ContactPointTable, OfficerTable, UnitTable, VillageTable
from outreach import audit, clock
from outreach.lists import list_page
from outreach.models import User
from outreach.roles import Capability


@require_GET
def administration(request: HttpRequest) -> HttpResponse:
    """What the registry holds, what it lacks, and the last imports."""
    user = request.user
    if not user.can(Capability.MANAGE_REGISTRY):
        raise Http404
    serving = Officer.objects.visible_to(user).serving()
    villages = Village.objects.visible_to(user)
    held = Q(contact_points__period__contains=clock.today())
    context = {
        "villages": villages.count(),
        "units": Unit.objects.visible_to(user).count(),
        "officers": serving.count(),
        "points": ContactPoint.objects.visible_to(user).active_on(clock.today()).count(),
        "accounts": User.objects.visible_to(user).active().count(),
        "without_account": serving.filter(user=None).count(),
        "without_point": villages.exclude(held).count(),
        "imports": ImportRun.objects.visible_to(user).newest_first()[:5],
    }
    return render(request, "contact_points/administration.html", context)


@require_GET
def village_list(request: HttpRequest) -> HttpResponseBase:
    """Villages the person may see."""
    return list_page(
        request,
        rows=Village.objects.visible_to(request.user).for_list(),
        table_class=VillageTable,
        filter_class=VillageFilter,
        title=_("Villages"),
        empty=_("No village fits this filter."),
        none_yet=_("No village here yet. An administrator imports the list."),
        most=1_000,  # so that even the country's are counted in a few milliseconds
        action=_import_action(request.user, "villages"),
    )


@require_GET
def village_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A village and who holds it or held it."""
    villages = Village.objects.visible_to(request.user).select_related("township", "merged_into")
    village = get_object_or_404(villages, pk=pk)
    points = ContactPoint.objects.visible_to(request.user).filter(village=village)
    facts = [
        (_("Village code"), village.code, ""),
        (_("Township"), village.township, ""),
        (_("Households"), village.households_count, ""),
        (_("Population"), village.population, ""),
    ]
    if village.merged_into:
        facts.append(
            (_("Merged into"), village.merged_into, village.merged_into.get_absolute_url())
        )
    if village.merged_from:
        since = date_format(village.merged_from, "YEAR_MONTH_FORMAT")
        facts.append((_("Merged from the month"), since, ""))
    context = {
        "village": village,
        "facts": facts,
        "listed_households": village.households.count(),
        "sees_opinions": request.user.can(Capability.SEE_EVALUATION),
        **_by_time(points),
    }
    return render(request, "contact_points/village_detail.html", context)


@require_GET
def unit_list(request: HttpRequest) -> HttpResponseBase:
    """Units the person may see."""
    return list_page(
        request,
        rows=Unit.objects.visible_to(request.user).for_list(),
        table_class=UnitTable,
        filter_class=UnitFilter,
        title=_("Units"),
        empty=_("No unit fits this filter."),
        none_yet=_("No unit here yet. An administrator imports the list."),
        action=_import_action(request.user, "units"),
    )


@require_GET
def unit_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A unit, its officers and its contact points."""
    units = Unit.objects.visible_to(request.user).select_related("township")
    unit = get_object_or_404(units, pk=pk)
    points = ContactPoint.objects.visible_to(request.user).filter(unit=unit)
    context = {
        "unit": unit,
        "facts": [(_("Kind"), unit.get_kind_display(), ""), (_("Township"), unit.township, "")],
        "officers": Officer.objects.visible_to(request.user).filter(unit=unit).for_list(),
        **_by_time(points),
    }
    return render(request, "contact_points/unit_detail.html", context)


@require_GET
def officer_list(request: HttpRequest) -> HttpResponseBase:
    """Officers the person may see."""
    return list_page(
        request,
        rows=Officer.objects.visible_to(request.user).for_list(),
        table_class=OfficerTable,
        filter_class=OfficerFilter,
        title=_("Officers"),
        empty=_("No officer fits this filter."),
        none_yet=_("No officer here yet. An administrator imports the list."),
        action=_import_action(request.user, "officers"),
    )


@require_GET
def officer_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """An officer and the contact points held, with their days."""
    officers = Officer.objects.visible_to(request.user).select_related("unit", "user")
    officer = get_object_or_404(officers, pk=pk)
    points = ContactPoint.objects.visible_to(request.user).filter(officer=officer)
    context = {
        "officer": officer,
        "facts": [
            (_("Unit"), officer.unit, officer.unit.get_absolute_url()),
            (_("Post"), officer.post, ""),
            (_("Telephone"), officer.telephone, ""),
            (_("Account"), officer.user and officer.user.username, ""),
        ],
        "history": audit.history(officer),
        **_by_time(points),
    }
    held = any(can_hand_over(request.user, point) for point in context["current"])
    return render(request, "contact_points/officer_detail.html", context | {"hands_over": held})


@require_GET
def contact_point_list(request: HttpRequest) -> HttpResponseBase:
    """Contact points the person may see: the list of record."""
    return list_page(
        request,
        rows=ContactPoint.objects.visible_to(request.user).for_list(),
        table_class=ContactPointTable,
        filter_class=ContactPointFilter,
        title=_("Contact points"),
        empty=_("No contact point fits this filter."),
        none_yet=_("No contact point here yet. An administrator imports the list."),
        action=_import_action(request.user, "contact_points"),
    )


@require_GET
def contact_point_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A contact point: facts, its visits (their own app shows them), history."""
    points = ContactPoint.objects.visible_to(request.user).for_list()
    point = get_object_or_404(points, pk=pk)
    context = {
        "point": point,
        "facts": [
            (_("Village"), point.village, point.village.get_absolute_url()),
            (_("Township"), point.village.township, ""),
            (_("Unit"), point.unit, point.unit.get_absolute_url()),
            (_("Responsible officer"), point.officer, point.officer.get_absolute_url()),
            (_("Post"), point.officer.post, ""),
            (_("Telephone"), point.officer.telephone, ""),
            (_("Note"), point.note, ""),
        ],
        "history": audit.history(point),
        "sees_records": request.user.can(Capability.SEE_RECORDS),
        "hands_over": can_hand_over(request.user, point)
        and (point.last_day is None or point.last_day >= clock.today()),
    }
    return render(request, "contact_points/contact_point_detail.html", context)


def _import_action(user: User, kind: str) -> tuple[str, str, str] | None:
    """The button above a list that leads to its import, for those who may import."""
    if not can_import_lists(user, user.county_id):
        return None
    return "import_create", _("Import a list"), f"?kind={kind}"


def _by_time(points: Any) -> dict[str, Any]:
    """Contact points that hold now or later, and those that ended."""
    rows = list(points.for_list().order_by("-period", "id"))
    today = clock.today()
    ended = [row for row in rows if row.last_day and row.last_day < today]
    return {"current": [row for row in rows if row not in ended], "past": ended}
