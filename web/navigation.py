"""What stands around every page: the navigation of the person's roles."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject

from scheduling.models import Role
from web.access import Route
from web.clinician.urgent import urgent_for
from web.display import text_size_of
from web.routes import ROUTES

IN_MENU = tuple(route for route in ROUTES if route.menu)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One link of the navigation."""

    url: str
    words: str | Promise
    icon: str
    current: bool


# Where a link in a message leads: who is refused there has no account.
OF_PATIENTS = ("/v/", "/u/", "/c/")


def menu_for(roles: frozenset[Role], *, path: str) -> list[MenuItem]:
    """The pages these roles may open, in the order of the route table; `path` is the page looked at."""
    mine = [(reverse(route.name), route) for route in IN_MENU if shows(route, roles)]
    here = max((url for url, _ in mine if path.startswith(url)), key=len, default=None)
    return [MenuItem(url, route.menu, route.icon, url == here and (url != "/" or path == "/")) for url, route in mine]


def shows(route: Route, roles: frozenset[Role]) -> bool:
    """Whether the route belongs in the menu of somebody with these roles, in this mode."""
    if route.embedded_only and not settings.EMBEDDED:
        return False
    return bool(route.roles & roles) if isinstance(route.roles, frozenset) else bool(roles)


def around_the_page(request: HttpRequest) -> dict[str, object]:
    """Context processor: `urgent`, `menu`, `embedded`, `text_size`; `for_patients` and `layout` for a page that says
    no. On error pages too, where a request has no clinic yet."""
    for_patients = request.path.startswith(OF_PATIENTS)
    roles: frozenset[Role] = getattr(request, "membership_roles", frozenset())
    return {
        "urgent": SimpleLazyObject(lambda: urgent_for(request)),
        "menu": menu_for(roles, path=request.path),
        "embedded": settings.EMBEDDED,
        "text_size": text_size_of(request),
        "for_patients": for_patients,
        "layout": "patient/base.html" if for_patients else "base.html",
    }
