"""Locks for booking: taken once a transaction, late, in one order; see docs/locking.md.

Transaction-level advisory locks: patients, then the clinic (shared), then its days, ascending. They are given back by
commit or rollback, so nothing leaks through a connection pooler.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Final

from django.db import OperationalError, connection, transaction
from django.db.utils import IntegrityError

LOCK_TIMEOUT: Final = "3s"
PATIENT, CLINIC, CLINIC_DAY = 1, 2, 3
TAKEN: Final = frozenset({"23P01"})
BUSY: Final = frozenset({"40P01", "40001", "55P03"})


class JustTaken(Exception):
    """Someone else took the place between look and write."""


class Busy(Exception):
    """Others are writing the same days; trying again will work."""


def lock_for(
    *, patient_ids: Collection[int], clinic_id: int, days: Collection[date], whole_clinic: bool = False
) -> None:
    """Waits for the patients, the clinic (shared, or exclusively for `whole_clinic`) and its clinic-local days.

    Call it once in a transaction, before the last look at what is free. Refuses outside a transaction (RuntimeError);
    a wait over 3 s raises PostgreSQL's 55P03, which `plain_refusals` turns into Busy.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("locks need a transaction")
    keys = [(_key(PATIENT, patient_id), False) for patient_id in sorted(set(patient_ids))]
    keys.append((_key(CLINIC, clinic_id), not whole_clinic))
    keys += [(_key(CLINIC_DAY, clinic_id, day.toordinal()), False) for day in sorted(set(days))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        # One statement: unnest gives its rows in order, and each row waits before the next is asked for.
        cursor.execute(
            "SELECT CASE WHEN shared THEN pg_advisory_xact_lock_shared(key) ELSE pg_advisory_xact_lock(key) END"
            " FROM unnest(%s::bigint[], %s::boolean[]) AS wanted(key, shared)",
            [[key for key, _ in keys], [shared for _, shared in keys]],
        )


def _key(kind: int, ident: int, day: int = 0) -> int:
    """One bigint: 3 bits what, 36 bits which, 22 bits the day's ordinal (till the year 11,000)."""
    return kind << 58 | ident << 22 | day


@contextmanager
def plain_refusals() -> Iterator[None]:
    """Turns the database's last guards into JustTaken (exclusion) and Busy (lock wait, deadlock, serialisation).

    Wraps `transaction.atomic()` from outside, since a deferred check speaks at commit.
    """
    try:
        yield
    except (IntegrityError, OperationalError) as error:
        state = getattr(error.__cause__, "sqlstate", None)
        if state in TAKEN:
            raise JustTaken from error
        if state in BUSY:
            raise Busy from error
        raise


@contextmanager
def booking_transaction() -> Iterator[None]:
    """A transaction of its own whose refusals by the database come out as JustTaken or Busy."""
    with plain_refusals(), transaction.atomic():
        yield
