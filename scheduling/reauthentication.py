"""Whoever signs gives their password once more; after a few wrong ones nobody guesses on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from scheduling.locking import writing
from scheduling.models import User, WrongPassword

TRIES: Final = 5
WITHIN: Final = timedelta(minutes=15)


class NotTheirPassword(Exception):
    """It is not this person's password."""


class TooManyTries(Exception):
    """So many wrong ones in so short a time that none is looked at before `until`, not even the right one."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"until {until.isoformat()}")


def prove(*, user: User, password: str, now: datetime) -> None:
    """Looks whether it is the person's password. A wrong one is kept as a try, never what it was.

    Refuses with TooManyTries after five wrong ones within 15 minutes, and with NotTheirPassword.
    """
    with writing():
        # One look at a time: two at once would each be the last that is allowed.
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        wrong = WrongPassword.objects.filter(user=user, at__gt=now - WITHIN).order_by("-at")
        last = list(wrong.values_list("at", flat=True)[:TRIES])
        if len(last) == TRIES:
            raise TooManyTries(last[-1] + WITHIN)
        is_theirs = locked.check_password(password)
        if not is_theirs:
            WrongPassword.objects.create(user=user, at=now)
    if not is_theirs:
        raise NotTheirPassword
