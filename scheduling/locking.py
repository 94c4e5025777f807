"""Locks and the transaction around a write: waits are short, in one order, and refusals come out in plain words.

Transaction-level advisory locks: patients, then the clinic (shared), then its days, ascending; see docs/locking.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Final

from django.db import DatabaseError, connection, transaction

LOCK_TIMEOUT: Final = "3s"
PATIENT, CLINIC, CLINIC_DAY, NEWCOMER = 1, 2, 3, 4
# One statement: unnest gives its rows in order, and each row waits before the next is asked for. A lock that is free
# takes microseconds.
WAIT: Final = """
SELECT CASE WHEN shared THEN pg_advisory_xact_lock_shared(key) ELSE pg_advisory_xact_lock(key) END,
  clock_timestamp() > statement_timestamp() + interval '5 milliseconds'
FROM unnest(%s::bigint[], %s::boolean[]) AS wanted(key, shared)
"""
# Which constraint speaks when a row would stand where another stands.
TAKEN_CONSTRAINTS: Final = frozenset({"place_used_once", "patient_in_one_place", "infusion_once"})
NOT_ACTIVE: Final = "ID003"
EXCLUSION, UNIQUE = "23P01", "23505"
BUSY_STATES: Final = frozenset({"40P01", "40001", "55P03"})
# The triggers that a person can meet; the others say that the code forgot something.
ORDER_STATES: Final = frozenset(
    {"ID001", "ID003", "ID004", "ID005", "ID006", "ID007", "ID011", "ID012", "ID014", "ID015"}
)


class JustTaken(Exception):
    """Someone else took the place, or booked the infusion, between look and write."""


class TooNear(Exception):
    """The visit would stand within the signed gap of another infusion of the same therapy."""


class BusyNow(Exception):
    """Others are writing the same things; trying again will work."""


class AgainstTheOrder(Exception):
    """The database refused what the order or a review does not allow; `code` is its SQLSTATE (docs/flows.md)."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@contextmanager
def writing() -> Iterator[None]:
    """A verb's transaction. No lock is waited for longer than 3 seconds.

    What the database refuses comes out as JustTaken, TooNear, BusyNow or AgainstTheOrder, also when it speaks at
    commit.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
            yield
    except DatabaseError as error:
        refusal = _refusal(error)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(error: DatabaseError) -> Exception | None:
    state = getattr(error.__cause__, "sqlstate", "") or ""
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    if state in (EXCLUSION, UNIQUE) and constraint in TAKEN_CONSTRAINTS:
        return JustTaken()
    if state == EXCLUSION and constraint == "gap_kept":
        return TooNear()
    if state in BUSY_STATES:
        return BusyNow()
    return AgainstTheOrder(state) if state in ORDER_STATES else None


def lock_for(
    *, patient_ids: Collection[int], clinic_id: int, days: Collection[date], whole_clinic: bool = False
) -> bool:
    """Waits for the patients, the clinic (shared, or exclusively for `whole_clinic`) and its clinic-local days; gives
    whether that took so long that others must have had one of them.

    Call it once in a transaction, before the last look at what is free.
    """
    keys = [(_key(PATIENT, patient_id), False) for patient_id in sorted(set(patient_ids))]
    keys.append((_key(CLINIC, clinic_id), not whole_clinic))
    keys += [(_key(CLINIC_DAY, clinic_id, day.toordinal()), False) for day in sorted(set(days))]
    return _wait(keys)


def lock_patients(*patient_ids: int) -> None:
    """Waits for the patients alone: for verbs that end what could be booked for them."""
    _wait([(_key(PATIENT, patient_id), False) for patient_id in sorted(set(patient_ids))])


def lock_newcomers(organisation_id: int, birth_date: date) -> None:
    """Waits for whoever takes down somebody of this birth date at the organisation: nobody is taken down twice."""
    _wait([(_key(NEWCOMER, organisation_id, birth_date.toordinal()), False)])


def _wait(keys: list[tuple[int, bool]]) -> bool:
    """Refuses outside a transaction (RuntimeError): such a lock would be gone at once."""
    if not connection.in_atomic_block:
        raise RuntimeError("locks need a transaction")
    with connection.cursor() as cursor:
        cursor.execute(WAIT, [[key for key, _ in keys], [shared for _, shared in keys]])
        return bool(cursor.fetchall()[-1][1])


def _key(kind: int, ident: int, day: int = 0) -> int:
    """One bigint: what in the top bits, which in 36, the day's ordinal in 22 (till the year 11,000)."""
    return kind << 58 | ident << 22 | day
