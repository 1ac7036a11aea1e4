"""Pages of the project itself: sign-in, notifications, jobs, accounts, audit, errors."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, requires_csrf_token
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.i18n import set_language as django_set_language

from outreach import audit, clock, navigation, phone, services
from outreach.filters import AccountFilter, AuditFilter
from outreach.forms import (
    AccountForm,
    FirstPasswordForm,
    OwnPasswordForm,
    RemindersForm,
    SignInForm,
)
from outreach.lists import PAGE, list_page, returning
from outreach.models import AuditEntry, Job, Notification, User
from outreach.paging import Keyset
from outreach.permissions import can_manage_account
from outreach.reminders import user_of
from outreach.roles import Capability, Role, policy_rows
from outreach.tables import AccountTable, AuditTable

login = login_not_required(
    auth_views.LoginView.as_view(authentication_form=SignInForm, redirect_authenticated_user=True)
)
logout = auth_views.LogoutView.as_view()
set_language = login_not_required(require_POST(django_set_language))


@require_http_methods(["GET", "POST"])
@login_not_required
def admin_login(request: HttpRequest) -> HttpResponse:
    """Django's admin sends people to a sign-in of its own; there is only one, with its lock."""
    if request.user.is_authenticated:
        raise Http404  # signed in, and the admin is not for this role
    query = request.GET.urlencode()
    return redirect(f"{reverse('login')}?{query}" if query else "login")


@require_GET
def admin_password_change(request: HttpRequest) -> HttpResponse:
    """Django's admin links to a page of its own, which leaves no trace in the audit trail."""
    return redirect("password_change")


def _require(user: User, capability: Capability) -> None:
    """What a role never sees does not exist for it."""
    if not user.can(capability):
        raise Http404


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Each role starts where its next work is."""
    return redirect(navigation.HOME[request.user.role])


@require_POST
@login_not_required
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie and return to the page."""
    response = returning(request, "home")
    theme = request.POST.get("theme")
    if theme in ("light", "dark", "auto"):
        response.set_cookie(
            "theme", theme, max_age=365 * 86400, samesite="Lax", secure=request.is_secure()
        )
    return response


@require_http_methods(["GET", "POST"])
def password_change(request: HttpRequest) -> HttpResponse:
    """Choose one's own password; forced at the first sign-in."""
    form_class = FirstPasswordForm if request.user.must_change_password else OwnPasswordForm
    form = form_class(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = services.change_own_password(
            actor=request.user, password=form.cleaned_data["new_password1"]
        )
        update_session_auth_hash(request, user)
        messages.success(request, _("Your new password is in force."))
        return redirect("home")
    return render(request, "registration/password_change.html", {"form": form})


@require_http_methods(["GET", "POST"])
def my_account(request: HttpRequest) -> HttpResponse:
    """One's own account: how often reminders come by e-mail, the calendar, the password."""
    form = RemindersForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        services.choose_reminders(actor=request.user, **form.cleaned_data)
        messages.success(request, _("Your choice is saved."))
        return redirect("my_account")
    context = {"form": form, "goes_on_visits": request.user.can(Capability.RECORD_VISITS)}
    return render(request, "outreach/my_account.html", context)


@csrf_exempt  # a mail program sends it with one click; the signed address is the permission
@require_http_methods(["GET", "POST"])
@login_not_required
def reminders_off(request: HttpRequest, token: str) -> HttpResponse:
    """Turn somebody's reminders by e-mail off, from the link in one; GET only asks."""
    user = user_of(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        services.choose_reminders(actor=user, reminders=User.Reminders.NONE)
    return render(request, "outreach/reminders_off.html", {"token": token})


@require_GET
def notification_list(request: HttpRequest) -> HttpResponse:
    """The person's notifications, newest first."""
    rows = Notification.objects.visible_to(request.user).newest_first()
    edges = {name: request.GET.get(name, "") for name in ("after", "before")}
    page = Keyset(rows).page(PAGE, **edges)
    return render(request, "outreach/notifications.html", {"page": page})


@require_POST
def notification_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and go to the page it is about."""
    row = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    services.mark_read(actor=request.user, pk=row.pk)
    return redirect(row.url or "notification_list")


@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    services.mark_read(actor=request.user)
    return redirect("notification_list")


@require_GET
def job_detail(request: HttpRequest, pk: str) -> HttpResponse:
    """How far a job is; the fragment asks again by itself until the job is over."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    template = "components/_job.html" if request.htmx else "outreach/job.html"
    return render(request, template, {"job": job})


@require_GET
def policy(request: HttpRequest) -> HttpResponse:
    """The table of roles and capabilities, printed."""
    _require(request.user, Capability.MANAGE_ACCOUNTS)
    return render(request, "outreach/policy.html", {"roles": Role, "rows": policy_rows()})


@require_GET
def audit_list(request: HttpRequest) -> HttpResponseBase:
    """The audit trail of the administrator's county."""
    _require(request.user, Capability.READ_AUDIT)
    return list_page(
        request,
        rows=AuditEntry.objects.visible_to(request.user).newest_first(),
        table_class=AuditTable,
        filter_class=AuditFilter,
        title=_("Audit trail"),
        empty=_("Nothing was written yet that fits this filter."),
        reading=audit.READ,
    )


@require_GET
def account_list(request: HttpRequest) -> HttpResponseBase:
    """Accounts of the county."""
    _require(request.user, Capability.MANAGE_ACCOUNTS)
    return list_page(
        request,
        rows=User.objects.visible_to(request.user).select_related("unit"),
        table_class=AccountTable,
        filter_class=AccountFilter,
        title=_("Accounts"),
        empty=_("No account fits this filter."),
        action=("account_create", _("New account")),
    )


@require_http_methods(["GET", "POST"])
def account_create(request: HttpRequest) -> HttpResponse:
    """A new account; its first password is shown once."""
    _require(request.user, Capability.MANAGE_ACCOUNTS)
    form = AccountForm(request.POST or None, actor=request.user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        account, first = services.create_account(
            actor=request.user,
            county_id=request.user.county_id,
            unit_id=data["unit"].pk if data["unit"] else None,
            username=data["username"],
            name=data["name"],
            role=data["role"],
            email=data["email"],
        )
        return _show_password(request, account, first)
    context = {"form": form, "title": _("New account"), "submit": _("Create the account")}
    return render(request, "components/form_page.html", context)


def _show_password(request: HttpRequest, account: User, first: str) -> HttpResponse:
    return render(request, "outreach/first_password.html", {"account": account, "first": first})


@require_GET
def account_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One account and what an administrator may do with it."""
    _require(request.user, Capability.MANAGE_ACCOUNTS)
    account = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    context = {"account": account, "manageable": can_manage_account(request.user, account)}
    return render(request, "outreach/account.html", context)


@require_POST
def account_reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out a new first password."""
    _require(request.user, Capability.MANAGE_ACCOUNTS)
    account = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    return _show_password(
        request, account, services.reset_password(account=account, actor=request.user)
    )


@require_POST
def account_set_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Disable or enable an account (`active` = 0 or 1)."""
    _require(request.user, Capability.MANAGE_ACCOUNTS)
    account = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    if not can_manage_account(request.user, account):
        raise PermissionDenied
    services.set_account_active(
        account=account, active=request.POST.get("active") == "1", actor=request.user
    )
    return redirect("account_detail", pk=pk)


# What a phone keeps: see outreach/phone.py -------------------------------------------------------


@require_GET
def phone_keys(request: HttpRequest) -> JsonResponse:
    """Whose pages these are, the key of what this person's phone keeps, and a token to send it."""
    _require(request.user, Capability.RECORD_VISITS)
    answer = {
        "person": phone.person_of(request.user),
        "keys": phone.keys_of(request.user),
        "csrf": get_token(request),
        "now": clock.now().isoformat(),
    }
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


@require_GET
@login_not_required
def phone_worker(request: HttpRequest) -> HttpResponse:
    """The service worker; it holds nothing of anybody."""
    return HttpResponse(
        phone.worker_script(),
        content_type="text/javascript",
        headers={"Cache-Control": "no-cache, no-store"},
    )


@require_GET
@login_not_required
def phone_manifest(request: HttpRequest) -> JsonResponse:
    """The name and the icons on a home screen."""
    facts = phone.manifest(_("Face-to-face outreach"), _("Face-to-face"), get_language())
    return JsonResponse(
        facts,
        content_type="application/manifest+json",
        headers={"Cache-Control": "no-cache, no-store"},
    )


@require_GET
@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it beside whatever names no icon: a photo, a PDF, Django's admin."""
    return redirect(static("img/seal-192.png"))


@require_GET
@login_not_required
def phone_offline(request: HttpRequest) -> HttpResponse:
    """What a phone shows without a connection; kept there for all, so it knows nobody."""
    context = {"user": AnonymousUser(), "messages": (), "title": _("No connection")}
    response = render(request, "outreach/phone_offline.html", context)
    response["Cache-Control"] = "no-store"
    return response


# Errors: each says what happened, what to do, and the request's reference number ---------------


def _error(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    context = {"status": status, "title": title, "advice": advice}
    return render(request, "error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 400, _("This request cannot be read."), _("Go back and try once more."))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(
        request,
        403,
        _("You may see this, but not do it."),
        _("Ask your unit coordinator or the county office who may."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(
        request,
        404,
        _("There is no such page."),
        _("Check the address, or start from the home page."),
    )


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    # The plainest page: whatever broke must not break it too.
    return render(request, "500.html", {"request_id": getattr(request, "id", "")}, status=500)


def _sign_in_again(request: HttpRequest) -> HttpResponse:
    """The sign-in page with the token of now: somebody signed in elsewhere since it was opened."""
    typed = request.POST
    context = {
        "form": SignInForm(request, initial={"username": typed.get("username", "")}),
        "next": typed.get("next", ""),
        "expired": True,
    }
    return render(request, "registration/login.html", context, status=403)


@requires_csrf_token
@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if request.path == reverse("login") and not request.user.is_authenticated:
        return _sign_in_again(request)
    return _error(
        request,
        403,
        _("This form has expired."),
        _("Go back, load the page again and send once more. Nothing was changed."),
    )


@login_not_required
def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict | None = None
) -> HttpResponse:
    return _error(
        request,
        429,
        _("Too many wrong passwords."),
        _("Wait 30 minutes, or ask your administrator for a new password."),
    )
