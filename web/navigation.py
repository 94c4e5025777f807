"""What stands around every page: the navigation of the person's roles, the pages they live in first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject

from scheduling.models import Role
from scheduling.permissions import DESK
from web.access import Route, may_open
from web.clinician.urgent import urgent_for
from web.display import text_size_of
from web.lock_screen import locks_after, password_of_demo
from web.routes import ROUTES
from web.shortcuts import shortcuts_for

IN_MENU = tuple(route for route in ROUTES if route.menu)
# The pages that stand in the bar, of the first of these roles that a person has; the others are behind "More". On a
# phone, where four fit beside it, so are those past the fourth.
FIRST: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.PRESCRIBER: ("clinician", "today", "tasks", "patients", "home", "inbox"),
    Role.NURSE: ("today", "home", "tasks", "patients", "inbox", "huddle"),
    Role.MANAGER: ("home", "book", "lists", "patients", "inbox", "absences"),
    Role.FRONT_DESK: ("home", "book", "lists", "patients", "inbox", "calls"),
}
ON_A_PHONE: Final = 4


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One link of the navigation."""

    url: str
    words: str | Promise
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """The links that are `always` in the bar, in it where the screen is `wide`, and always behind "More"."""

    always: tuple[MenuItem, ...]
    wide: tuple[MenuItem, ...]
    more: tuple[MenuItem, ...]

    @property
    def is_beyond(self) -> bool:
        """Whether the page looked at stands behind "More" on every screen."""
        return any(item.current for item in self.more)


# Where a link in a message leads: who is refused there has no account.
OF_PATIENTS = ("/v/", "/u/", "/c/")


def menu_for(roles: frozenset[Role], *, path: str) -> Menu | None:
    """The pages these roles may open, `path` being the page looked at; None for somebody who may open none.

    Those behind "More" stand in the order of the route table.
    """
    mine = _pages_of(roles)
    if not mine:
        return None
    here = max((url for _route, url in mine if path.startswith(url)), key=len, default=None)
    items = {
        route.name: MenuItem(url, route.menu, route.icon, url == here and (url != "/" or path == "/"))
        for route, url in mine
    }
    named = next((names for role, names in FIRST.items() if role in roles), tuple(items))
    first = [items.pop(name) for name in named if name in items]
    return Menu(tuple(first[:ON_A_PHONE]), tuple(first[ON_A_PHONE:]), tuple(items.values()))


@cache
def _pages_of(roles: frozenset[Role]) -> Sequence[tuple[Route, str]]:
    """The pages of the navigation that these roles may open, each with its address. Kept: all pages ask for it."""
    return tuple((route, reverse(route.name)) for route in IN_MENU if may_open(route, roles))


def around_the_page(request: HttpRequest) -> dict[str, object]:
    """Context processor: `urgent`, `menu`, `has_lists`, `shortcuts`, `locks`, `embedded`, `text_size`; `for_patients`
    and `layout` for a page that says no. On error pages too, where a request has no clinic yet; on a locked screen
    there is no way into anything."""
    for_patients = request.path.startswith(OF_PATIENTS)
    is_locked: bool = getattr(request, "is_locked", False)
    roles: frozenset[Role] = frozenset() if is_locked else getattr(request, "membership_roles", frozenset())
    return {
        "urgent": SimpleLazyObject(lambda: [] if is_locked else urgent_for(request)),
        "menu": menu_for(roles, path=request.path),
        "has_lists": bool(roles & DESK),
        "shortcuts": shortcuts_for(roles),
        "locks": locks_after(request),
        "password_of_demo": password_of_demo(request),
        "embedded": settings.EMBEDDED,
        "text_size": text_size_of(request),
        "for_patients": for_patients,
        "layout": "patient/base.html" if for_patients else "base.html",
    }
