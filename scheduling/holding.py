"""Holding: times kept for a while, seen by everybody at once and told to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduling import permissions
from scheduling.booking import sound_start
from scheduling.checking import check_series, check_visit
from scheduling.events import Actor, Entry, record
from scheduling.fresh_look import enter, enter_order, refusing_plainly
from scheduling.hold_length import Until, kept_until
from scheduling.holds import let_go
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import writing
from scheduling.models import Appointment, Clinic, Order, Patient, VisitType
from scheduling.options import options_of
from scheduling.picks import AnyPick, BookingRefused, as_said, number_of, pick_of, sound_picks
from scheduling.problems import because
from scheduling.repack_rows import move_chairs
from scheduling.visit_rows import Keeping, NewVisit, write_visits


def hold_series(
    *,
    order: Order,
    clinic: Clinic,
    picks: Sequence[AnyPick],
    by: Actor,
    now: datetime,
    until: Until = None,
    minutes: int | None = None,
    held_with: str = "",
    instead_of: Sequence[Appointment] = (),
    repack: bool = False,
    key: str = "",
) -> list[Appointment]:
    """Keeps the picked infusions, and reviews between them, all or none: until a time (of today at the clinic, or an
    instant), for so many minutes, or for the clinic's own. Never longer than till the first of them begins.

    Where some of them are held already, these are kept beside those as a second option (visits of kind "kept"); a third
    is refused. Kept times in `instead_of` are let go first, in the same transaction. Refuses with BookingRefused as
    booking does; `repack` as there. The same `key` again gives the same times. Records `appointment.held` for each;
    tells nobody.
    """
    permissions.check(by, "appointment.hold", organisation_id=order.organisation_id, clinic_id=clinic.pk)
    picks = sound_picks(picks, now=now)
    request = {
        "verb": "hold_series", "order": order.pk, "clinic": clinic.pk, "picks": as_said(picks), "until": until,
        "minutes": minutes, "instead_of": sorted(visit.pk for visit in instead_of), "repack": repack,
    }  # fmt: skip
    with refusing_plainly(), writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return list(Appointment.objects.filter(pk__in=answer).order_by("period"))
        order, clinic = enter_order(order=order, clinic=clinic, starts=[pick.start for pick in picks], now=now)
        let_go(instead_of, patient_id=order.patient_id, by=by, now=now)
        options = options_of(order, now=now)
        wanted = {(type(pick), number_of(pick)) for pick in picks}
        first = [visit for option in options if not option.is_second for visit in option.visits]
        clashes = any((type(pick), number_of(pick)) in wanted for pick in map(pick_of, first))
        second = [visit for option in options if option.is_second for visit in option.visits]
        if clashes and second:
            raise BookingRefused([because("two_options")])
        beside = [visit.pk for visit in ([*first, *second] if clashes else second)]
        visits = check_series(order=order, clinic=clinic, picks=picks, now=now, beside=beside, repack=repack)
        keeping = Keeping(kept_until(clinic, until, minutes, picks[0].start, now=now), held_with, as_option=clashes)
        held = write_held(visits, clinic, keeping, by=by, now=now)
        keep_answer(by=by, key=key, answer=[visit.pk for visit in held])
    return held


def hold_visit(
    *,
    patient: Patient,
    clinic: Clinic,
    visit_type: VisitType,
    start: datetime,
    by: Actor,
    now: datetime,
    until: Until = None,
    minutes: int | None = None,
    held_with: str = "",
    instead_of: Sequence[Appointment] = (),
    key: str = "",
) -> Appointment:
    """Keeps one visit that is no infusion; the rest as in `hold_series`. Records `appointment.held`."""
    permissions.check(by, "appointment.hold", organisation_id=patient.organisation_id, clinic_id=clinic.pk)
    start = sound_start(clinic, visit_type, start, now=now)
    request = {
        "verb": "hold_visit", "patient": patient.pk, "clinic": clinic.pk, "visit_type": visit_type.pk,
        "start": start.isoformat(), "until": until, "minutes": minutes,
        "instead_of": sorted(visit.pk for visit in instead_of),
    }  # fmt: skip
    with refusing_plainly(), writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return Appointment.objects.get(pk=answer)
        clinic = enter(clinic=clinic, patient_id=patient.pk, starts=[start], now=now)
        let_go(instead_of, patient_id=patient.pk, by=by, now=now)
        visit = check_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, now=now)
        keeping = Keeping(kept_until(clinic, until, minutes, start, now=now), held_with)
        [held] = write_held([visit], clinic, keeping, by=by, now=now)
        keep_answer(by=by, key=key, answer=held.pk)
    return held


def write_held(
    visits: Sequence[NewVisit], clinic: Clinic, keeping: Keeping, *, by: Actor, now: datetime
) -> list[Appointment]:
    """Writes checked visits as kept, with their events. Call it under `lock_for`."""
    entries = move_chairs([move for visit in visits for move in visit.moves], clinic=clinic, now=now)
    rows = write_visits(visits, clinic=clinic, by=by, now=now, keeping=keeping)
    entries += [
        Entry.of_visit(
            "appointment.held",
            row,
            data={"number": row.dose_number or row.kept_for_number, "until": keeping.until.isoformat()},
        )
        for row in rows
    ]
    record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=now)
    return rows
