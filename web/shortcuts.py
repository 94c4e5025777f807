"""The keys that lead somewhere from every page; those that act on one page stand on it, as `data-key`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.models import Role
from web.access import may_open
from web.routes import ROUTES

# Keys pressed one after the other, the page they lead to, and what that is called.
TO_PAGES: Final = (
    ("b", "book", _("Book")),
    ("g b", "home", _("Board")),
    ("g t", "today", _("Today")),
    ("g l", "lists", _("Lists")),
    ("g p", "patients", _("Patients")),
    ("g i", "inbox", _("Inbox")),
    ("g c", "calls", _("Calls")),
)


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One line of the list of shortcuts; `url` is where the keys lead."""

    keys: str
    words: str | Promise
    url: str

    @property
    def each(self) -> list[str]:
        """The keys, one by one."""
        return self.keys.split()


@cache
def shortcuts_for(roles: frozenset[Role]) -> Sequence[Shortcut]:
    """The keys that lead to pages these roles may open."""
    mine = {route.name for route in ROUTES if may_open(route, roles)}
    return tuple(Shortcut(keys, words, reverse(name)) for keys, name, words in TO_PAGES if name in mine)
