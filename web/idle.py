"""How long nobody has used a session, and whether it is locked: what stands in the session itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

ACTIVE: Final = "active_at"
LOCKED: Final = "locked"
# The session is written once a minute at most, so that a page costs no write; it locks that much later, never earlier.
WRITTEN_EVERY: Final = timedelta(minutes=1)


def idle_time() -> timedelta:
    """After how long without use a page locks."""
    return timedelta(minutes=settings.IDLE_LOCK_MINUTES)


def begin(session: SessionBase, now: datetime) -> None:
    """Somebody signed in: unlocked, used just now, and over for good when a shift is."""
    session.pop(LOCKED, None)
    session[ACTIVE] = int(now.timestamp())
    session.set_expiry(now + timedelta(seconds=settings.SESSION_COOKIE_AGE))


def use(session: SessionBase, now: datetime) -> None:
    """Somebody uses it, at this minute."""
    if not abs(now - _used_at(session)) < WRITTEN_EVERY:
        session[ACTIVE] = int(now.timestamp())


def is_locked(session: SessionBase, now: datetime) -> bool:
    """Whether it was locked, or nobody has used it for the idle time."""
    return LOCKED in session or now - _used_at(session) > idle_time() + WRITTEN_EVERY


def lock(session: SessionBase) -> None:
    """Locks it at once."""
    session[LOCKED] = True


def keep_locked(session: SessionBase) -> None:
    """Before an open session is saved: what was locked meanwhile stays so. A page that took its time would write the
    session as it had read it."""
    if session.modified and session.session_key and not session.get(LOCKED):
        stored = type(session)(session.session_key)
        if stored.get(LOCKED):
            lock(session)


def unlock(session: SessionBase, now: datetime) -> None:
    """Whoever is signed in has proved that they are back."""
    session.pop(LOCKED, None)
    session[ACTIVE] = int(now.timestamp())


def _used_at(session: SessionBase) -> datetime:
    """A session of before there was a lock counts as never used."""
    return datetime.fromtimestamp(session.get(ACTIVE, 0), tz=UTC)
