"""Who may open which page: one `Route` a page, and the guard that every page of the table is wrapped in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from scheduling.locking import BusyNow
from scheduling.models import Role
from scheduling.overrides import OWNERS
from scheduling.permissions import ALLOWED, NotAllowed
from web.current_clinic import ClinicRequest

View = Callable[..., HttpResponseBase]
# What was sent is a text too long, a number or a time too far off, or a character that no column holds, in a field that
# no form looks at: no browser sends it. The driver refuses some of it by itself, without a code. Other errors of data
# are ours.
NOT_HELD: Final = frozenset({None, "22001", "22003", "22008", "22021", "22P05"})
READ = ("GET",)
WRITE = ("POST",)
READ_WRITE = ("GET", "POST")


class Open(Enum):
    """Who may open a route that asks for no role."""

    PUBLIC = "anyone, without signing in"
    SIGNED_IN = "whoever is signed in"


PUBLIC = Open.PUBLIC
SIGNED_IN = Open.SIGNED_IN


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the route table. With `menu` (its words) and `icon` the page is in the navigation of its roles."""

    path: str
    name: str
    view: View
    roles: frozenset[Role] | Open
    methods: tuple[str, ...] = READ
    embedded_only: bool = False
    menu: str | Promise = ""
    icon: str = ""

    def pattern(self) -> URLPattern:
        """The URL pattern of this route, with its view behind the guard."""
        return path(self.path, guarded(self), name=self.name)


def may_open(route: Route, roles: frozenset[Role]) -> bool:
    """Whether somebody with these roles may open the route, in this mode."""
    if route.embedded_only and not settings.EMBEDDED:
        return False
    return bool(route.roles & roles) if isinstance(route.roles, frozenset) else bool(roles)


def guarded(route: Route) -> View:
    """The route's view behind its checks.

    404 where a demo page is asked for outside embedded mode; 405 for a method that is not in the table; 403 in plain
    words where the person has none of the roles at the clinic in use, or a verb refuses them; 503 where others are
    writing the same things; 400 for what the database can't hold. `SignInRequired` has asked for a sign-in before.
    """

    @functools.wraps(route.view)
    def view(request: ClinicRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if route.embedded_only and not settings.EMBEDDED:
            raise Http404
        if request.method not in route.methods and not (request.method == "HEAD" and "GET" in route.methods):
            return wrong_method(request, route.methods)
        if isinstance(route.roles, frozenset) and not route.roles & request.membership_roles:
            raise PermissionDenied(words_for_missing_role(route.roles, request))
        try:
            return route.view(request, *args, **kwargs)
        except NotAllowed as refusal:
            raise PermissionDenied(words_for_missing_role(roles_that_may(refusal.verb), request)) from refusal
        except BusyNow:
            return TemplateResponse(request, "busy.html", status=503, headers={"Retry-After": "3"})
        except DataError as error:
            if getattr(error.__cause__, "sqlstate", None) not in NOT_HELD:
                raise
            raise BadRequest from error
        except UnicodeEncodeError as error:
            # Half of a character, which JSON can name and no column holds.
            raise BadRequest from error

    # The table alone says what is public, whatever the view itself says of signing in.
    view.__dict__["login_required"] = route.roles is not PUBLIC
    return view


def roles_that_may(verb: str) -> frozenset[Role]:
    """Who may do a verb, or let a rule ("rule.hours") pass; nobody where no role may."""
    owner = OWNERS.get(verb.removeprefix("rule."))
    return ALLOWED.get(verb, frozenset({owner} if owner else ()))


def words_for_missing_role(roles: frozenset[Role], request: ClinicRequest) -> str:
    """What the 403 page says: which roles the page is for, and the way on."""
    names = ", ".join(str(role.label) for role in Role if role in roles)
    elsewhere = next((clinic.name for clinic, held in request.places.items() if roles & held), None)
    if elsewhere:
        words = _("This page is for: %(roles)s. You have such a role at %(clinic)s: change the clinic at the top.")
        return words % {"roles": names, "clinic": elsewhere}
    words = _("This page is for: %(roles)s. If you need it, ask your manager to add the role to your account.")
    return words % {"roles": names}


def wrong_method(request: HttpRequest, allowed: tuple[str, ...]) -> HttpResponse:
    """A 405 page with a way on."""
    return TemplateResponse(request, "405.html", status=405, headers={"Allow": ", ".join(allowed)})


class SignInRequired(LoginRequiredMiddleware):
    """Middleware: sends whoever is not signed in to the sign-in page, and back afterwards.

    A fragment fetched in the background would show the sign-in page inside the page, so HTMX is told to load it whole.
    """

    def handle_no_permission(  # type: ignore[override]  # HTMX gets a 401 with a header in place of a redirect
        self, request: ClinicRequest, view_func: View
    ) -> HttpResponseBase:
        """Redirect to the sign-in page; for HTMX the way back is the page looked at, not the fragment."""
        htmx = request.htmx
        if not htmx:
            return super().handle_no_permission(request, view_func)
        back = urlencode({REDIRECT_FIELD_NAME: htmx.current_url_abs_path or "/"})
        return HttpResponse(status=401, headers={"HX-Redirect": f"{self.get_login_url(view_func)}?{back}"})
