"""The lock: whoever comes back to a screen that nobody used for a while says once more who they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone

from web import idle, refused_form
from web.current_clinic import ClinicRequest
from web.unlock_form import UnlockForm

# What a locked screen still does: say who one is, give up, and lock anew.
WAYS_OUT: Final = frozenset({"unlock", "lock", "sign_out"})
# What a page asks by itself says so in this header: nobody's hand was on it.
POLL: Final = "X-Poll"
LOCKED: Final = 423


class IdleLock:
    """Middleware: answers every page of a locked session with the lock, and notes when somebody used an open one.

    Pages for everybody are not locked; what asks by itself counts as nobody's use. A form
    that is sent to a locked session is kept and not done. Pages of who is signed in are not kept by browsers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let the request through with `is_locked`."""
        is_inside = request.user.is_authenticated
        here = cast("ClinicRequest", request)
        here.is_locked = is_inside and idle.is_locked(request.session, timezone.now())
        response = self.get_response(request)
        if is_inside and not here.is_locked:
            idle.keep_locked(request.session)
        if is_inside:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Lock it, or note that it is used."""
        if not request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        here, match = cast("ClinicRequest", request), request.resolver_match
        if here.is_locked and match and match.url_name in WAYS_OUT:
            return None
        if here.is_locked:
            return locked(here)
        if POLL not in request.headers:
            idle.use(request.session, timezone.now())
        return None


def locked(request: ClinicRequest) -> HttpResponse:
    """The lock in place of a page; for what a page fetches a bare 423, which the page knows."""
    if request.htmx or POLL in request.headers:
        return HttpResponse(status=LOCKED)
    if request.method == "POST":
        refused_form.keep(request)
    form = UnlockForm(user=request.user, initial={"next": refused_form.page_of(request), "who": request.user.pk})
    return TemplateResponse(request, "registration/locked.html", {"unlock_form": form}, status=LOCKED)
