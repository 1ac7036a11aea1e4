"""What holds for every request: its id, the session's end, private pages, GET that never writes."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from outreach import audit, logs

GetResponse = Callable[[HttpRequest], HttpResponse]


def client_ip(request: HttpRequest) -> str:
    """The client's address: the proxy's own header where there is a proxy, else the connection's.

    X-Forwarded-For is never read: everybody can write it. The proxy overwrites X-Real-IP.
    """
    if settings.BEHIND_PROXY and (address := request.headers.get("X-Real-IP")):
        return address
    return request.META.get("REMOTE_ADDR", "")


def request_id(get_response: GetResponse) -> GetResponse:
    """Name the request; the name is in every log line and on every error page."""

    def middleware(request):
        request.id = uuid.uuid4().hex[:12]
        token = logs.request_id.set(request.id)
        try:
            response = get_response(request)
        finally:
            logs.request_id.reset(token)
        response["X-Request-ID"] = request.id
        return response

    return middleware


def session_expiry(get_response: GetResponse) -> GetResponse:
    """End a session after its idle time and, whatever happens, after its absolute time."""

    def middleware(request):
        session = request.session
        now = timezone.now().timestamp()
        if session.get("_auth_user_id"):
            began = session.setdefault("began", now)
            seen = session.get("seen", now)
            if (
                now - seen > settings.SESSION_IDLE.total_seconds()
                or now - began > settings.SESSION_ABSOLUTE.total_seconds()
            ):
                logout(request)
            elif now - seen > 60 or "seen" not in session:
                session["seen"] = now
        return get_response(request)

    return middleware


def language(get_response: GetResponse) -> GetResponse:
    """Chinese, or what the person chose in the header; the browser's own language is not asked.

    Office computers often run an English browser that nobody ever set up.
    """

    def middleware(request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        code = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        # Left active on purpose: a streamed ledger is written after this returns.
        translation.activate(code)
        request.LANGUAGE_CODE = code
        response = get_response(request)
        patch_vary_headers(response, ("Cookie",))
        response.headers.setdefault("Content-Language", code)
        return response

    return middleware


def steady_token(get_response: GetResponse) -> GetResponse:
    """Send no form token that the browser has already.

    Django sends it with each page. A sign-in changes it, and a slow answer to something asked
    before would put the old one back: the next form would be refused as expired.
    """

    def middleware(request):
        response = get_response(request)
        name = settings.CSRF_COOKIE_NAME
        if name in response.cookies and response.cookies[name].value == request.COOKIES.get(name):
            del response.cookies[name]
        return response

    return middleware


def password_change_required(get_response: GetResponse) -> GetResponse:
    """A person with a handed-out password sees nothing before choosing their own."""
    open_views = {"password_change", "logout", "set_language", "set_theme", "healthz", "readyz"}

    def middleware(request):
        return get_response(request)

    def process_view(request, view, args, kwargs):
        user = request.user
        bound = user.is_authenticated and user.must_change_password
        if bound and request.resolver_match.url_name not in open_views:
            return redirect("password_change")
        return None

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def private_pages(get_response: GetResponse) -> GetResponse:
    """What a signed-in person sees is kept by no cache."""

    def middleware(request):
        response = get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return middleware


def compressed_pages(get_response: GetResponse) -> GetResponse:
    """Send pages compressed: the villages' connections are slow. Files come as they are."""
    gzip = GZipMiddleware(get_response)
    kinds = ("text/html", "text/javascript", "application/json", "application/manifest+json")

    def middleware(request):
        response = get_response(request)
        if response.streaming or not response.get("Content-Type", "").startswith(kinds):
            return response
        # Django's own hides the length of what it compresses (BREACH).
        return gzip.process_response(request, response)

    return middleware


def access_audited(get_response: GetResponse) -> GetResponse:
    """Leave an audit entry about each file that left, each record opened and each refusal.

    Asking changes nothing, so it is a GET; that somebody asked is written outside of
    `read_only_get`, as sessions are, and when the last row is counted: as the answer closes
    (`audit.noted`). What does not exist for a person leaves none: it tells nobody that it exists.
    """

    def middleware(request):
        response = get_response(request)
        note = getattr(response, "note", None) or _refusal(request)
        if note is None:
            return response
        close = response.close

        def closing():
            response.close = close  # type: ignore[method-assign]  # a file closes it twice
            token = logs.request_id.set(request.id)
            try:
                audit.leave(note, actor=request.user)
            finally:
                logs.request_id.reset(token)
                close()

        response.close = closing  # type: ignore[method-assign]
        return response

    def process_exception(request, exception):
        request.is_refused = isinstance(exception, PermissionDenied)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def _refusal(request: HttpRequest) -> audit.Note | None:
    """The note about what the person may not do, by the page's name: an address may hold secrets.

    A form that has expired was refused to nobody; whoever is not signed in is asked to do so.
    """
    if not getattr(request, "is_refused", False) or not request.user.is_authenticated:
        return None
    page = request.resolver_match.view_name  # type: ignore[union-attr]  # a view has refused
    return audit.Note(audit.REFUSED, after={"page": page}, seldom=True)


class WriteDuringGet(Exception):
    """A page asked with GET tried to change the database."""


_WRITING = re.compile(
    r"^\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|COPY|CREATE|ALTER|DROP)\b"
    r"|^\s*WITH\b.*\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO)\b",
    re.IGNORECASE | re.DOTALL,
)


def _refuse_writes(execute: Callable, sql: Any, params: Any, many: bool, context: dict) -> Any:
    if _WRITING.match(str(sql)):
        raise WriteDuringGet(str(sql)[:200])
    return execute(sql, params, many, context)


def read_only_get(get_response: GetResponse) -> GetResponse:
    """GET never writes: the database connection itself refuses (sessions are saved outside)."""

    def middleware(request):
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            return get_response(request)
        if hasattr(request, "user"):
            # Finding out who it is may end the session of a password that is no longer in force.
            request.user.is_authenticated  # noqa: B018
        with connection.execute_wrapper(_refuse_writes):
            return get_response(request)

    return middleware
