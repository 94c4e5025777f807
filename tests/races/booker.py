"""One of many processes that book the same opening; a round may switch the lock off, and only there."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from threading import BrokenBarrierError
from typing import Any, Protocol
from unittest.mock import patch

from django.db import connections

from scheduling import claim_rows, fresh_look, new_rows
from scheduling.booking import BookingRefused, Pick, book_series
from scheduling.events import Actor
from scheduling.models import Clinic, Order, User
from tests.databases import point_default_at
from tests.factories import NOW


class Barrier(Protocol):
    def wait(self, timeout: float | None = None) -> int: ...


@dataclass(frozen=True, slots=True)
class Round:
    """An opening, and whether the verb takes its lock. Names and ids only: it travels between processes."""

    database: str
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
    if connections.settings["default"]["NAME"] != one.database:
        point_default_at(one.database)
    clinic = Clinic.objects.get(pk=one.clinic_id)
    by = Actor.staff(User.objects.get(pk=one.user_id), clinic)
    order = Order.objects.get(pk=one.order_ids[number])
    pick = Pick(1, one.start)
    barrier.wait(60)
    began = time.monotonic()
    try:
        with ExitStack() as replaced:
            if not one.locked:
                replaced.enter_context(patch.object(fresh_look, "lock_for", unlocked))
            if one.meets_before_writing:
                meet = meeting(new_rows.insert_rows, before_writing)
                replaced.enter_context(patch.object(claim_rows, "insert_rows", meet))
            book_series(
                order=order, clinic=clinic, picks=[pick], by=by, now=NOW, key=f"{one.start.isoformat()} {number}"
            )
    except BookingRefused as refused:
        return Answer(refused=tuple(problem.rule for problem in refused.problems), seconds=time.monotonic() - began)
    except Exception as error:  # noqa: BLE001 -- the test says that there is none
        return Answer(error=repr(error), seconds=time.monotonic() - began)
    return Answer(booked=True, seconds=time.monotonic() - began)


def unlocked(**keys: Any) -> None:
    """In place of `lock_for`."""


def meeting(write_claims: Callable[..., Any], before_writing: Barrier) -> Callable[..., Any]:
    """Lets all read which places are free before any writes that it took one."""

    def meet_and_write(*arguments: Any, **keywords: Any) -> Any:
        # A broken barrier: one of them never came so far, and its answer tells why.
        with suppress(BrokenBarrierError):
            before_writing.wait(20)
        return write_claims(*arguments, **keywords)

    return meet_and_write
