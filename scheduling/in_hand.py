"""Who has a piece of work in hand: a page of before takes nothing off them."""

from __future__ import annotations

from scheduling.events import Actor
from scheduling.models import User


class HadByAnother(Exception):
    """Somebody else has it in hand; `user` is that person."""

    def __init__(self, user: User) -> None:
        self.user = user
        super().__init__("somebody else has it")


def is_anothers(holder: User | None, by: Actor, instead_of: int | None = None) -> bool:
    """Whether somebody else has it than `by` and `instead_of`, whom the page showed."""
    return holder is not None and holder.pk not in (by.user_id, instead_of)


def refuse_anothers(holder: User | None, by: Actor, instead_of: int | None = None) -> None:
    """Refuses with HadByAnother what the page showed as free, or as a third person's. `holder` is read from the row
    under its lock."""
    if holder is not None and is_anothers(holder, by, instead_of):
        raise HadByAnother(holder)
