"""Whether visits may be written as asked, seen fresh under the lock; refuses with every problem there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from scheduling.assigning import Assigner
from scheduling.availability import snapshot
from scheduling.capacity import STEP_SECONDS, Phase
from scheduling.claim_rows import resources_of
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.clinic_time import ClinicTime
from scheduling.drafted_series import read_drafted
from scheduling.models import Appointment, Clinic, Order, Patient, VisitType
from scheduling.order_visits import visit_of_order
from scheduling.overrides import Allowed, overruled, sort_out
from scheduling.picks import AnyPick, BookingRefused, Pick, ReviewPick, number_of, pick_of
from scheduling.problems import because, find_problems, presence, visit_problems
from scheduling.proposals import patient_busy, reasons_not_to_book, reasons_not_to_pencil
from scheduling.repack_rows import Room, find_room
from scheduling.repeat_misses import waits_for_prescriber
from scheduling.review_visits import review_problems
from scheduling.series import Series, read_series, review_phases
from scheduling.visit_rows import NewVisit
from scheduling.why_not import WhyNot


def check_series(
    *,
    order: Order,
    clinic: Clinic,
    picks: Sequence[AnyPick],
    now: datetime,
    as_of: datetime | None = None,
    without: Collection[int] = (),
    beside: Collection[int] = (),
    keep: Mapping[AnyPick, frozenset[str]] | None = None,
    allow: Sequence[Allowed] = (),
    repack: bool = False,
    pencil: bool = False,
    adds: bool = True,
) -> list[NewVisit]:
    """The visits to write for these picks, in their order; refuses with BookingRefused. With `pencil` of a draft, whose
    times can be kept and not booked.

    `without` are visits that count as not there at all, for they are about to move; `beside` are another option's: they
    hold their places, but neither the order nor the patient is bound by them. `keep` are the resources a pick would
    like to have again. `as_of`: starts from then on are not past, though they may be before `now`. What `allow` lets
    pass stands in the visits' `overruled`. With `repack` others may change their chair where none is free: `moves`.
    `adds` is False where nothing more is booked: what is booked stays and may move, whatever was missed.
    """
    reasons = reasons_not_to_pencil(order, clinic) if pencil else reasons_not_to_book(order, clinic)
    if reasons:
        raise BookingRefused(reasons)
    gone = [*without, *beside]
    read = read_series(order, now=now, without=gone) if not pencil else None
    series = read or read_drafted(order, clinic, now=now, without=gone)
    days = [ClinicTime(clinic.time_zone).local_day(pick.start) for pick in picks]
    first = series.first_day_needed(min(days), ClinicTime(clinic.time_zone))
    around = snapshot(clinic=clinic, first_day=first, last_day=max(days), now=now, without=list(without))
    capacity = ClinicCapacity(around)
    busy = series.patient_busy
    starts = {pick.number: pick.start for pick in picks if isinstance(pick, Pick)}
    reviews = {pick.after: pick.start for pick in picks if isinstance(pick, ReviewPick)}
    asked_at = as_of or now
    problems = find_problems(series=series, starts=starts, capacity=capacity, patient_busy=busy, now=asked_at)
    problems += review_problems(
        series=series, starts=starts, reviews=reviews, capacity=capacity, patient_busy=busy, now=asked_at
    )
    if starts and adds and waits_for_prescriber(order):
        problems.append(because("missed_visits"))
    rooms = _rooms(series, starts, problems, capacity, now=now) if repack else {}
    left, broken = sort_out([one for one in problems if one.rule != "chairs" or one.number not in rooms], allow)
    if left:
        raise BookingRefused(left)
    assigner = Assigner(around, capacity)
    visits = {}
    for pick in sorted(picks, key=lambda one: one.start):
        phases = series.phases(pick.number) if isinstance(pick, Pick) else review_phases(series.gates[pick.after])
        room = rooms.get(pick.number) if isinstance(pick, Pick) else None
        if room:
            found = capacity.assign(pick.start, phases, chair=room.chair)
        else:
            found = assigner.assign(pick.start, phases, (keep or {}).get(pick, frozenset()))
        if found is None:
            raise BookingRefused([_nothing_free(pick.start, number_of(pick))])
        visit = visit_of_order(series, pick, phases, found.claims, overruled(broken, pick, picks))
        visits[pick] = replace(visit, moves=room.moves) if room else visit
    return [visits[pick] for pick in picks]


def _rooms(
    series: Series,
    starts: Mapping[int, datetime],
    problems: Sequence[WhyNot],
    capacity: ClinicCapacity,
    *,
    now: datetime,
) -> dict[int, Room]:
    """For infusions that lack only a chair, the one they can have by repack; none where two share a day, since their
    moves could contradict each other."""
    days = Counter(capacity.clock.local_day(start) for start in starts.values())
    rooms = {}
    for number in {one.number for one in problems if one.rule == "chairs" and one.number in starts}:
        if number is not None and days[capacity.clock.local_day(starts[number])] == 1:
            room = find_room(capacity, starts[number], series.phases(number), now=now)
            if room:
                rooms[number] = room
    return rooms


def check_again(
    rows: Sequence[Appointment],
    starts: Sequence[datetime],
    *,
    order: Order | None,
    clinic: Clinic,
    now: datetime,
    as_of: datetime | None = None,
    allow: Sequence[Allowed] = (),
    repack: bool = False,
    beside: bool = False,
    adds: bool = False,
) -> list[NewVisit]:
    """What these rows (of `order`, or one of none) are to be from these starts on, in their order: with the chairs and
    people they had, where those are free. `beside`: they keep what they have as well. `adds`: they were not booked, and
    are to be. Refuses with BookingRefused."""
    had, ids = resources_of(rows), [row.pk for row in rows]
    gone: dict[str, Any] = {"beside": ids} if beside else {"without": ids}
    if order is None:
        [row], [start] = rows, starts
        if row.visit_type is None:
            raise BookingRefused([because("not_offered")])
        visit = check_visit(
            patient=row.patient,
            clinic=clinic,
            visit_type=row.visit_type,
            start=start,
            now=now,
            as_of=as_of,
            keep=had.get(row.pk, frozenset()),
            allow=allow,
            **gone,
        )
        return [visit]
    picks = [pick_of(row, start) for row, start in zip(rows, starts, strict=True)]
    keep = {pick: had.get(row.pk, frozenset()) for pick, row in zip(picks, rows, strict=True)}
    return check_series(
        order=order,
        clinic=clinic,
        picks=picks,
        now=now,
        as_of=as_of,
        keep=keep,
        allow=allow,
        repack=repack,
        adds=adds,
        **gone,
    )


def check_visit(
    *,
    patient: Patient,
    clinic: Clinic,
    visit_type: VisitType,
    start: datetime,
    now: datetime,
    as_of: datetime | None = None,
    without: Collection[int] = (),
    beside: Collection[int] = (),
    keep: frozenset[str] = frozenset(),
    allow: Sequence[Allowed] = (),
) -> NewVisit:
    """The visit to write, one that is no order's; refuses with BookingRefused. The rest as in `check_series`."""
    patient.refresh_from_db()
    if patient.is_gone:
        raise BookingRefused([because("patient_gone")])
    phases = Phase.list_from(visit_type.phases)
    day = ClinicTime(clinic.time_zone).local_day(start)
    around = snapshot(clinic=clinic, first_day=day, last_day=day, now=now, without=list(without))
    capacity = ClinicCapacity(around)
    busy = patient_busy(patient, now=now, without=[*without, *beside])
    left, broken = sort_out(visit_problems(start, phases, capacity, busy, now=as_of or now), allow)
    found = None if left else Assigner(around, capacity).assign(start, phases, keep)
    if found is None:
        raise BookingRefused(left or [_nothing_free(start)])
    return NewVisit(
        patient=patient,
        kind=visit_type.kind,
        period=presence(start, phases),
        phases=phases,
        claims=found.claims,
        mode=visit_type.mode,
        visit_type_id=visit_type.pk,
        overruled=tuple(sorted({problem.rule for problem in broken})),
    )


def _nothing_free(start: datetime, number: int | None = None) -> WhyNot:
    """Why an allowed start can't be had after all: nobody plans between two steps of time, or no chair is whole."""
    return because("grid" if start.timestamp() % STEP_SECONDS else "chairs", number)
