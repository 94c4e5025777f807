"""One of many processes that book the same opening; a round may switch the lock off, and only there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import BrokenBarrierError
from typing import Any, Protocol
from unittest.mock import patch

from scheduling import booking
from scheduling.booking import BookingRefused, Pick, book_series
from scheduling.events import Actor
from scheduling.models import Clinic, Order, User
from tests.factories import NOW


class Barrier(Protocol):
    def wait(self, timeout: float | None = None) -> int: ...


@dataclass(frozen=True, slots=True)
class Round:
    """An opening, and whether the verb takes its lock. Ids only: it travels between processes."""

    clinic_id: int
    user_id: int
    start: datetime
    order_ids: tuple[int, ...]
    locked: bool = True
    meets_before_writing: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """`booked`, or the rules of the refusal, or the error nobody expected."""

    booked: bool = False
    refused: tuple[str, ...] = ()
    error: str = ""
    seconds: float = 0.0


def book_one(number: int, one: Round, barrier: Barrier, before_writing: Barrier) -> Answer:
    """Waits for all, then books; what came of it."""
    clinic = Clinic.objects.get(pk=one.clinic_id)
    by = Actor.staff(User.objects.get(pk=one.user_id), clinic)
    order = Order.objects.get(pk=one.order_ids[number])
    pick = Pick(1, one.start)
    barrier.wait(60)
    began = time.monotonic()
    try:
        with patch.multiple(booking, **replaced(one, before_writing)):
            book_series(order=order, clinic=clinic, picks=[pick], by=by, now=NOW, key=f"{one.start:%d%H}-{number}")
    except BookingRefused as refused:
        return Answer(refused=tuple(problem.rule for problem in refused.problems), seconds=time.monotonic() - began)
    except Exception as error:  # noqa: BLE001 -- the test says that there is none
        return Answer(error=repr(error), seconds=time.monotonic() - began)
    return Answer(booked=True, seconds=time.monotonic() - began)


def replaced(one: Round, before_writing: Barrier) -> dict[str, Callable[..., Any]]:
    """What the control takes out of the verb: its lock; and where all of them meet between reading and writing."""
    parts: dict[str, Callable[..., Any]] = {}
    if not one.locked:
        parts["lock_for"] = lambda **keys: None
    if one.meets_before_writing:
        write = booking.write_visits

        def meet_and_write(*arguments: Any, **keywords: Any) -> Any:
            try:
                before_writing.wait(20)
            except BrokenBarrierError:
                pass  # one of them never came so far, which the test will find in its answer
            return write(*arguments, **keywords)

        parts["write_visits"] = meet_and_write
    return parts
