"""Booking: one write path for all edges. What is picked is booked whole or not at all.

Order of a write: idempotency key, locks, a fresh look at what is free, the check, the rows, their events.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from scheduling import permissions
from scheduling.checking import check_series, check_visit
from scheduling.events import Actor, Entry, record
from scheduling.fresh_look import enter, enter_order, refusing_plainly
from scheduling.gap_exceptions import lower_gaps
from scheduling.holds import let_go
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import writing
from scheduling.models import Appointment, Clinic, Order, Patient, VisitKind, VisitType
from scheduling.override_rows import write_overrides
from scheduling.overrides import Allowed, as_asked, check_allowed
from scheduling.picks import AnyPick, BookingRefused, Pick, ReviewPick, as_said, sound_picks
from scheduling.problems import because, out_of_time
from scheduling.repack_rows import move_chairs
from scheduling.visit_rows import NewVisit, rewrite_visits, write_visits

__all__ = ["Allowed", "BookingRefused", "Pick", "ReviewPick", "book_series", "book_visit"]


def book_series(
    *,
    order: Order,
    clinic: Clinic,
    picks: Sequence[AnyPick],
    by: Actor,
    now: datetime,
    key: str = "",
    allow: Sequence[Allowed] = (),
    instead_of: Sequence[Appointment] = (),
    repack: bool = False,
) -> list[Appointment]:
    """Books the picked infusions, and reviews between them, all or none. The same `key` again gives the same
    appointments and books nothing.

    Refuses with BookingRefused, and with NotAllowed a rule in `allow` that `by` does not own. Chair and nurse are
    chosen here, under the lock. Infusions behind a review that stands are booked as waiting for it. Kept times of the
    patient in `instead_of` are let go first. With `repack` other visits may change their chair to make room. Records
    `appointment.booked` for each, `appointment.rule_allowed` and `appointment.chair_changed`.
    """
    permissions.check(by, "appointment.book", organisation_id=order.organisation_id, clinic_id=clinic.pk)
    check_allowed(allow, by)
    picks = sound_picks(picks, now=now)
    request = {
        "verb": "book_series", "order": order.pk, "clinic": clinic.pk, "picks": as_said(picks),
        "allow": as_asked(allow), "instead_of": sorted(visit.pk for visit in instead_of), "repack": repack,
    }  # fmt: skip
    with refusing_plainly(), writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return list(Appointment.objects.filter(pk__in=answer).order_by("period"))
        starts = [pick.start for pick in picks]
        # Times that are let go hold chairs until then.
        seats = {} if instead_of else {pick.number: pick.start for pick in picks if isinstance(pick, Pick)}
        order, clinic = enter_order(order=order, clinic=clinic, starts=starts, now=now, seats=seats)
        let_go(instead_of, patient_id=order.patient_id, by=by, now=now)
        visits = check_series(order=order, clinic=clinic, picks=picks, now=now, allow=allow, repack=repack)
        appointments = write_booked(visits, clinic=clinic, allow=allow, by=by, now=now)
        keep_answer(by=by, key=key, answer=[appointment.pk for appointment in appointments])
    return appointments


def book_visit(
    *,
    patient: Patient,
    clinic: Clinic,
    visit_type: VisitType,
    start: datetime,
    by: Actor,
    now: datetime,
    key: str = "",
    allow: Sequence[Allowed] = (),
) -> Appointment:
    """Books one visit that is no infusion (consultation, review, nurse visit). Refuses with BookingRefused, and with
    NotAllowed a rule in `allow` that `by` does not own.

    Records `appointment.booked`, and `appointment.rule_allowed`.
    """
    permissions.check(by, "appointment.book", organisation_id=patient.organisation_id, clinic_id=clinic.pk)
    check_allowed(allow, by)
    start = sound_start(clinic, visit_type, start, now=now)
    request = {
        "verb": "book_visit", "patient": patient.pk, "clinic": clinic.pk, "visit_type": visit_type.pk,
        "start": start.isoformat(), "allow": as_asked(allow),
    }  # fmt: skip
    with refusing_plainly(), writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return Appointment.objects.get(pk=answer)
        clinic = enter(clinic=clinic, patient_id=patient.pk, starts=[start], now=now)
        visit = check_visit(
            patient=patient, clinic=clinic, visit_type=visit_type, start=start, now=now, allow=allow
        )  # fmt: skip
        [appointment] = write_booked([visit], clinic=clinic, allow=allow, by=by, now=now)
        keep_answer(by=by, key=key, answer=appointment.pk)
    return appointment


def sound_start(clinic: Clinic, visit_type: VisitType, start: datetime, *, now: datetime) -> datetime:
    """The start in UTC. Refuses with BookingRefused a visit that the clinic does not offer, or one out of all time."""
    if visit_type.clinic_id != clinic.pk or visit_type.kind == VisitKind.INFUSION:
        raise BookingRefused([because("not_offered")])
    if wrong := out_of_time(start, now=now):
        raise BookingRefused([because(wrong)])
    return start.astimezone(UTC)


def write_booked(
    visits: Sequence[NewVisit], *, clinic: Clinic, allow: Sequence[Allowed], by: Actor, now: datetime
) -> list[Appointment]:
    """Writes checked visits as booked, with what was allowed for them and their events. Call it under `lock_for`."""
    visits, entries = lower_gaps(visits, zone=clinic.time_zone, allow=allow, by=by, now=now)
    entries += move_chairs([move for visit in visits for move in visit.moves], clinic=clinic, now=now)
    rows = write_visits(visits, clinic=clinic, by=by, now=now)
    entries += [Entry.of_visit("appointment.booked", row, data={"number": row.dose_number}, tell=True) for row in rows]
    entries += write_overrides(rows, visits, allow, by=by, now=now)
    record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=now)
    return rows


def write_again(
    rows: Sequence[Appointment],
    visits: Sequence[NewVisit],
    *,
    verb: str,
    told: int = 1,
    allow: Sequence[Allowed] = (),
    by: Actor,
    now: datetime,
) -> list[Appointment]:
    """Makes locked rows the checked visits beside them, booked, and records `verb` for each with where it was before.

    `told` as in `rewrite_visits`. Call it under `lock_for`.
    """
    zone, moving = rows[0].time_zone, [row.pk for row in rows]
    visits, entries = lower_gaps(visits, zone=zone, allow=allow, by=by, now=now, moving=moving)
    entries += move_chairs([move for visit in visits for move in visit.moves], clinic=rows[0].clinic, now=now)
    written = rewrite_visits(rows, visits, by=by, now=now, told=told)
    for before, after in zip(rows, written, strict=True):
        data = {
            "number": after.dose_number, "was": before.status, "was_at": before.period.lower.isoformat(),
            "confirmed_by": before.confirmed_by,
        }  # fmt: skip
        entries.append(Entry.of_visit(verb, after, data=data, tell=True))
    entries += write_overrides(written, visits, allow, by=by, now=now)
    record(organisation_id=rows[0].organisation_id, entries=entries, by=by, now=now)
    return written
