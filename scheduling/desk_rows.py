"""Work on a row of the desk's lists: had in hand by one person, tried, put off. Each row once for all desks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from scheduling import permissions
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry, record
from scheduling.in_hand import refuse_anothers
from scheduling.locking import writing
from scheduling.models import CallOutcome, Clinic, DeskRow, Patient, RowKind, User

TRY_AGAIN_AFTER: Final = timedelta(hours=1)
TRIED: Final = "desk_row.tried"
FREE: Final[dict[str, object]] = {"taken_by": None, "taken_at": None}
# What leaves the thing to do, and the patient to be called again.
REACHED_NOBODY: Final = frozenset({CallOutcome.NO_ANSWER, CallOutcome.VOICEMAIL})


@dataclass(frozen=True, slots=True)
class RowOf:
    """Which row: its kind, the id of what it is about, at which clinic, and whose it is where that is known."""

    kind: RowKind
    subject: int
    clinic: Clinic
    patient: Patient | None = None


def take_row(*, row: RowOf, by: Actor, now: datetime, instead_of: int | None = None) -> None:
    """This person has it in hand until the clinic's day is over; `instead_of` is the person they take it over from.

    Refuses with HadByAnother where somebody else has it by now. Records `desk_row.taken`.
    """
    _check(row, by)
    with writing():
        locked = _locked(row)
        holder = held_by(locked, row.clinic, now)
        if holder is not None and holder.pk == by.user_id:
            return
        refuse_anothers(holder, by, instead_of)
        _change(locked, row, "desk_row.taken", by=by, now=now, taken_by=by.staff_id, taken_at=now)


def give_row_back(*, row: RowOf, by: Actor, now: datetime) -> None:
    """Somebody else may do it; it waits no longer either. Refuses with HadByAnother what somebody else has in hand.
    Records `desk_row.given_back`."""
    _check(row, by)
    with writing():
        locked = _locked(row)
        refuse_anothers(held_by(locked, row.clinic, now), by)
        _change(locked, row, "desk_row.given_back", "", by=by, now=now, **FREE, snoozed_until=None)


def record_row_try(
    *, row: RowOf, outcome: CallOutcome, by: Actor, now: datetime, instead_of: int | None = None
) -> None:
    """Keeps that the patient was called and what came of it. Who reached nobody puts it off for an hour, for anybody:
    refused with HadByAnother while somebody else than `instead_of` has it in hand.

    Records `desk_row.tried` with the outcome.
    """
    _check(row, by)
    with writing():
        locked, again = _locked(row), dict[str, object]()
        if outcome in REACHED_NOBODY:
            refuse_anothers(held_by(locked, row.clinic, now), by, instead_of)
            again = {**FREE, "snoozed_until": now + TRY_AGAIN_AFTER}
        _change(locked, row, TRIED, outcome, by=by, now=now, **again)


def put_row_off(*, row: RowOf, until: datetime, by: Actor, now: datetime, instead_of: int | None = None) -> None:
    """It is on no desk's list before `until`, and then for anybody. Refuses with HadByAnother while somebody else than
    `instead_of` has it in hand. Records `desk_row.put_off`."""
    _check(row, by)
    with writing():
        locked = _locked(row)
        refuse_anothers(held_by(locked, row.clinic, now), by, instead_of)
        _change(locked, row, "desk_row.put_off", "", by=by, now=now, **FREE, snoozed_until=max(now, until))


def held_by(row: DeskRow, clinic: Clinic, now: datetime) -> User | None:
    """Who has it in hand: whoever took it today. A new day begins with nobody's."""
    clock = ClinicTime(clinic.time_zone)
    if row.taken_at is None or clock.local_day(row.taken_at) < clock.local_day(now):
        return None
    return row.taken_by


def rows_in_use(clinic: Clinic, now: datetime) -> QuerySet[DeskRow]:
    """Rows that somebody has in hand today, or that were put off until later than now."""
    clock = ClinicTime(clinic.time_zone)
    is_taken = Q(taken_at__gte=clock.day_start(clock.local_day(now)))
    return DeskRow.objects.filter(is_taken | Q(snoozed_until__gt=now), clinic=clinic)


def can_wait(clinic: Clinic, kind: RowKind, now: datetime) -> Exists:
    """Whether what a query is about was put off until later than now."""
    return Exists(put_off_rows(clinic, kind, now).filter(subject=OuterRef("pk")))


def put_off_rows(clinic: Clinic, kind: RowKind, now: datetime) -> QuerySet[DeskRow]:
    """The rows of a kind that were put off until later than now."""
    return DeskRow.objects.filter(clinic=clinic, kind=kind, snoozed_until__gt=now)


def _check(row: RowOf, by: Actor) -> None:
    permissions.check(by, "list.work", organisation_id=row.clinic.organisation_id, clinic_id=row.clinic.pk)


def _locked(row: RowOf) -> DeskRow:
    """The row, locked; made where nothing was kept of it yet. A twin of this request waits for its insert."""
    one = DeskRow(clinic=row.clinic, kind=row.kind, subject=row.subject)
    DeskRow.objects.bulk_create([one], ignore_conflicts=True)
    # Not with who has it beside it: a row that was waited for comes new, and what was joined to it as it was before.
    return DeskRow.objects.select_for_update().get(clinic=row.clinic, kind=row.kind, subject=row.subject)


def _change(
    locked: DeskRow, row: RowOf, verb: str, outcome: str = "", *, by: Actor, now: datetime, **changes: object
) -> None:
    DeskRow.objects.filter(pk=locked.pk).update(row_version=F("row_version") + 1, **changes)
    entry = Entry(
        verb,
        clinic_id=row.clinic.pk,
        patient_id=row.patient.pk if row.patient else None,
        reason=outcome,
        data={"kind": row.kind, "subject": row.subject},
    )
    record(organisation_id=row.clinic.organisation_id, entries=[entry], by=by, now=now)
