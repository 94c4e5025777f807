"""Moving the rest of a series in one transaction: this infusion, all later ones, and reviews between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from scheduling import permissions
from scheduling.booking import write_again, write_booked
from scheduling.checking import check_series
from scheduling.claim_rows import resources_of
from scheduling.events import Actor
from scheduling.fresh_look import enter_order, refusing_plainly
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import writing
from scheduling.models import Appointment, Clinic, Order, Status
from scheduling.overrides import Allowed, as_asked, check_allowed
from scheduling.picks import AnyPick, BookingRefused, Pick, ReviewPick, as_said, number_of, pick_of, sound_picks
from scheduling.problems import because


def move_rest(
    *,
    order: Order,
    from_number: int,
    picks: Sequence[AnyPick],
    by: Actor,
    now: datetime,
    key: str = "",
    allow: Sequence[Allowed] = (),
    repack: bool = False,
) -> list[Appointment]:
    """Moves all booked infusions from `from_number` on, and the picked reviews, to the starts picked for them: in one
    transaction, all or none. A review that is picked and has no visit yet is booked.

    Refuses as `move` does, and with BookingRefused unless exactly the booked ones are picked. Whatever keeps its start
    stays untouched. `repack` as in `move`. Records `appointment.moved` for each, or `appointment.booked`.
    """
    permissions.check(by, "appointment.move", organisation_id=order.organisation_id, clinic_id=by.clinic_id)
    check_allowed(allow, by)
    picks = sound_picks(picks, now=now)
    request = {
        "verb": "move_rest", "order": order.pk, "from": from_number, "picks": as_said(picks), "allow": as_asked(allow),
        "repack": repack,
    }  # fmt: skip
    with refusing_plainly(), writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return list(Appointment.objects.filter(pk__in=answer).order_by("period"))
        clinic = _clinic_of_rest(order, from_number, by)
        order, clinic = enter_order(order=order, clinic=clinic, starts=[pick.start for pick in picks], now=now)
        rows = _rest(order, clinic, from_number, picks)
        written = _move_rest(order, clinic, rows, picks, allow, repack=repack, by=by, now=now)
        keep_answer(by=by, key=key, answer=[visit.pk for visit in written])
    return written


def _clinic_of_rest(order: Order, from_number: int, by: Actor) -> Clinic:
    booked = Appointment.objects.filter(order=order, status=Status.BOOKED, dose_number__gte=from_number)
    visit = booked.select_related("clinic").order_by("dose_number").first()
    if visit is None:
        raise BookingRefused([because("not_the_rest", from_number)])
    permissions.check(by, "appointment.move", organisation_id=order.organisation_id, clinic_id=visit.clinic_id)
    return visit.clinic


def _rest(order: Order, clinic: Clinic, from_number: int, picks: Sequence[AnyPick]) -> dict[AnyPick, Appointment]:
    """The locked row of each pick that has one; refuses unless the infusions picked are the booked ones here."""
    locked = Appointment.objects.select_for_update(of=("self",)).select_related("clinic", "patient")
    of_series = Q(dose_number__isnull=False) | Q(review_after__isnull=False)
    booked = list(locked.filter(of_series, order=order, status=Status.BOOKED).order_by("pk"))
    infusions = [row for row in booked if row.dose_number is not None and row.dose_number >= from_number]
    numbers = {pick.number for pick in picks if isinstance(pick, Pick)}
    known = {(type(pick), number_of(pick)): row for row in booked for pick in [pick_of(row)]}
    rows = {pick: known[key] for pick in picks if (key := (type(pick), number_of(pick))) in known}
    if {row.dose_number for row in infusions} != numbers or any(row.clinic_id != clinic.pk for row in rows.values()):
        raise BookingRefused([because("not_the_rest", from_number)])
    return rows


def _move_rest(
    order: Order,
    clinic: Clinic,
    rows: dict[AnyPick, Appointment],
    picks: Sequence[AnyPick],
    allow: Sequence[Allowed],
    *,
    repack: bool,
    by: Actor,
    now: datetime,
) -> list[Appointment]:
    unchanged = [pick for pick, row in rows.items() if row.period.lower == pick.start]
    moving = [pick for pick in picks if pick not in unchanged]
    if moving:
        had = resources_of(rows.values())
        new = check_series(
            order=order,
            clinic=clinic,
            picks=moving,
            now=now,
            without=[row.pk for pick, row in rows.items() if pick in moving],
            keep={pick: had.get(row.pk, frozenset()) for pick, row in rows.items()},
            allow=allow,
            repack=repack,
            adds=False,
        )
        of_pick = dict(zip(moving, new, strict=True))
        again = [pick for pick in moving if pick in rows]
        if again:
            moved = write_again(
                [rows[pick] for pick in again], [of_pick[pick] for pick in again],
                verb="appointment.moved", allow=allow, by=by, now=now,
            )  # fmt: skip
            rows = {**rows, **dict(zip(again, moved, strict=True))}
        first = [visit for pick, visit in of_pick.items() if isinstance(pick, ReviewPick) and pick not in rows]
        if first:
            booked = write_booked(first, clinic=clinic, allow=allow, by=by, now=now)
            return sorted([*rows.values(), *booked], key=lambda row: row.period.lower)
    return sorted(rows.values(), key=lambda row: row.period.lower)
