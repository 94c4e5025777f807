"""What a page knows of its own lock: when it falls, and how in the demo one gets in again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from web.idle import WRITTEN_EVERY, idle_time

WARNED_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Locks:
    """After how many seconds without use a page locks, how many before that it warns, and when one that can't count
    is to be loaded anew: the lock has fallen on the server by then."""

    after: int
    warned: int
    reload_after: int


def locks_after(request: HttpRequest) -> Locks | None:
    """For a page of somebody who is signed in; None where nothing locks, or all is locked by now."""
    if not hasattr(request, "user") or not request.user.is_authenticated or getattr(request, "is_locked", False):
        return None
    after = int(idle_time().total_seconds())
    return Locks(after, WARNED_SECONDS, after + int(WRITTEN_EVERY.total_seconds()) + 1)


def password_of_demo(request: HttpRequest) -> str:
    """What a demo account is unlocked with; empty for any other."""
    user = getattr(request, "user", None)
    is_demo = settings.EMBEDDED and user is not None and user.get_username() in settings.DEMO_USERNAMES
    return settings.DEMO_PASSWORD if is_demo else ""
