"""A village's standing page, behind the QR code on its notice board; and that sheet.

Whoever opens it has no account: no session, no cookie, no time of day, no address is kept.
"""

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from contact_points.models import Township, Village
from feedback.forms.opinions import VillagerForm
from feedback.models import Opinion, OpinionCall
from feedback.services import opinions
from feedback.services.tries import TooOften
from outreach import clock
from outreach.middleware import client_ip
from outreach.roles import Capability

SHOWN = 20  # published opinions


@csrf_exempt  # there is no account whose cookie could be misused: whoever stands there may write
@require_http_methods(["GET", "POST"])
@login_not_required
@cache_control(private=True, no_store=True)
def village_page(request: HttpRequest, code: str) -> HttpResponse:
    """Write into the village's opinion book, and read what the county replied."""
    village = get_object_or_404(Village.objects.select_related("township", "county"), code=code)
    if village.merged_into and (village.merged_from or clock.today()) <= clock.today():
        return redirect("village_page", village.merged_into.code)
    calls = OpinionCall.objects.filter(county=village.county_id).open_now()
    form = VillagerForm(request.POST or None, calls=calls)
    written, status = False, 200
    if request.method == "POST" and form.is_valid():
        written, status = _written(request, village, form)
    context = {
        "village": village,
        "form": form,
        "written": written,
        "opinions": Opinion.objects.filter(village=village).published()[:SHOWN],
    }
    response = render(request, "feedback/village_page.html", context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _written(request: HttpRequest, village: Village, form: VillagerForm) -> tuple[bool, int]:
    """Whether it was kept, and the page's status; the form says what is wrong with it."""
    try:
        opinions.count_opinion(village=village, address=client_ip(request))
        opinions.write_opinion(village=village, **form.cleaned_data)
    except TooOften:
        form.add_error(None, _("Very much came in just now. Please send it again in an hour."))
        return False, 429
    except ValidationError as error:
        form.add_error(None, error)
        return False, 200
    return True, 200


def _check_prints(request: HttpRequest) -> None:
    if not request.user.can(Capability.RUN_EVALUATION):
        raise Http404


def _sheet(village: Village) -> dict[str, object]:
    address = settings.SITE_URL + reverse("village_page", args=[village.code])
    # A picture by its own address: the page's policy allows no style inside it.
    picture = segno.make(address, error="q", micro=False).svg_data_uri(scale=8, border=2)
    return {"village": village, "address": address, "qr": picture}


@require_GET
def village_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of one village, to be printed and put up there."""
    _check_prints(request)
    villages = Village.objects.visible_to(request.user).select_related("township", "county")
    village = get_object_or_404(villages, pk=pk)
    context = {"sheets": [_sheet(village)], "back": village}
    return render(request, "feedback/village_sheets.html", context)


@require_GET
def village_sheets(request: HttpRequest) -> HttpResponse:
    """The sheets of a township's villages, one a page; without a township the choice of one."""
    _check_prints(request)
    townships = Township.objects.visible_to(request.user)
    chosen = request.GET.get("township", "")
    if not chosen.isdecimal():
        return render(request, "feedback/village_sheets_choice.html", {"townships": townships})
    township = get_object_or_404(townships, code=chosen)
    rows = township.villages.filter(merged_into=None).select_related("township", "county")
    context = {"sheets": [_sheet(village) for village in rows], "back": None}
    return render(request, "feedback/village_sheets.html", context)
