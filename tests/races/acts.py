"""What somebody does to somebody's visits, said in one line each: the acts that pairs are made of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Final

from scheduling.absences import record_absence
from scheduling.answering import allow, refuse
from scheduling.booking import book_series, book_visit
from scheduling.booking_kept import book_held
from scheduling.cancelling import cancel, cancel_rest
from scheduling.ending_orders import stop_order
from scheduling.gates import decide
from scheduling.holding import hold_series
from scheduling.intervals import Interval
from scheduling.kept_times import extend_hold, release_hold, take_over_hold
from scheduling.merging import merge_patients
from scheduling.models import AbsenceKind, CancelledBy, Decision, Status
from scheduling.moving import move
from scheduling.moving_rest import move_rest
from scheduling.opening_hours import change_hours, record_closure
from scheduling.patients import record_death
from scheduling.pausing import pause_order
from scheduling.restoring import un_cancel
from scheduling.running_visits import record_overrun
from scheduling.visits import confirm, record_step
from scheduling.word_of_mouth import Word
from tests.factories import NOW, checks_for
from tests.races.stage import People, on, picks

AT_EIGHT: Final = on(4, "08:05")
ActOf = Callable[[People], object]


def books(who: str, *days: int, wall: str = "09:00", key: str = "", now: datetime = NOW) -> ActOf:
    """Books the first infusions at nine, or another time, on these days of January."""
    return lambda people: book_series(
        order=people.orders[who], clinic=people.clinic, picks=picks(*days, wall=wall), by=people.by, now=now, key=key
    )


def keeps(who: str, *days: int) -> ActOf:
    """Keeps the first infusions at nine on these days of January."""
    return lambda people: hold_series(
        order=people.orders[who], clinic=people.clinic, picks=picks(*days), by=people.by, now=NOW
    )


def books_kept(who: str, *, now: datetime = NOW) -> ActOf:
    return lambda people: book_held(visits=people.visits[who], by=people.by, now=now)


def keeps_longer(who: str) -> ActOf:
    return lambda people: extend_hold(visits=people.visits[who], minutes=60, by=people.by, now=NOW)


def lets_go(who: str) -> ActOf:
    return lambda people: release_hold(visits=people.visits[who], by=people.by, now=NOW)


def takes_over(who: str) -> ActOf:
    return lambda people: take_over_hold(visits=people.visits[who], by=people.by, now=NOW)


def moves(who: str, index: int, day: int, wall: str = "09:00", *, seen: bool = False) -> ActOf:
    """Moves a visit to this time in January; `seen`: only if it still is as the page showed it."""

    def act(people: People) -> None:
        visit = people.visits[who][index]
        version = visit.row_version if seen else None
        move(appointment=visit, start=on(day, wall), row_version=version, by=people.by, now=NOW)

    return act


def moves_all(who: str, *days: int) -> ActOf:
    return lambda people: move_rest(order=people.orders[who], from_number=1, picks=picks(*days), by=people.by, now=NOW)


def cancels(who: str, index: int = 0, *, now: datetime = NOW, seen: bool = False) -> ActOf:
    def act(people: People) -> None:
        visit = people.visits[who][index]
        version = visit.row_version if seen else None
        cancel(
            appointment=visit, side=CancelledBy.PATIENT, reason="ill", row_version=version, by=people.by, now=now
        )  # fmt: skip

    return act


def cancels_all(who: str) -> ActOf:
    return lambda people: cancel_rest(
        order=people.orders[who], from_number=1, side=CancelledBy.PATIENT, reason="ill", by=people.by, now=NOW
    )


def takes_back(who: str, index: int = 0) -> ActOf:
    """Books a cancelled visit again at its old time."""
    return lambda people: un_cancel(appointment=people.visits[who][index], by=people.by, now=NOW)


def confirms(who: str, *, now: datetime = NOW) -> ActOf:
    def act(people: People) -> None:
        visit = people.visits[who][0]
        confirm(appointment=visit, how="link", told_version=visit.told_version, by=people.by, now=now)

    return act


def steps(who: str, to: Status, index: int = 0, *, now: datetime = AT_EIGHT) -> ActOf:
    return lambda people: record_step(
        appointment=people.visits[who][index], to=to, checks=checks_for(to), happened_at=now, by=people.by, now=now
    )


def decides(who: str) -> ActOf:
    """The prescriber lets the series go on after its first infusion."""
    at = on(4, "16:00")
    return lambda people: decide(
        order=people.orders[who], after_number=1, decision=Decision.CONTINUE, decided_by=people.user, by=people.by,
        now=at,
    )  # fmt: skip


def dies(who: str) -> ActOf:
    return lambda people: record_death(patient=people.orders[who].patient, died_at=NOW, by=people.by, now=NOW)


def pauses(who: str) -> ActOf:
    return lambda people: pause_order(order=people.orders[who], word=Word(people.user, "dizzy"), by=people.by, now=NOW)


def stops(who: str) -> ActOf:
    return lambda people: stop_order(order=people.orders[who], word=Word(people.user, "dizzy"), by=people.by, now=NOW)


def nurse_is_away(*days: int) -> ActOf:
    """The only nurse is away from the first to the last of these days of January."""
    period = Interval(on(days[0], "00:00"), on(days[-1], "23:00"))
    return lambda people: record_absence(
        resource=people.nurse, period=period, kind=AbsenceKind.AWAY, by=people.by, now=NOW
    )


def closes(day: int) -> ActOf:
    """The clinic takes nobody on this day of January."""
    period = Interval(on(day, "00:00"), on(day, "23:00"))
    return lambda people: record_closure(clinic=people.clinic, period=period, by=people.by, now=NOW)


def opens_late() -> ActOf:
    """The clinic opens at noon from now on."""
    week = {day: [(time(12), time(18))] for day in ("mon", "tue", "wed", "thu", "fri")}
    return lambda people: change_hours(clinic=people.clinic, hours=week, by=people.by, now=NOW)


def takes_longer(who: str, until: str) -> ActOf:
    """Whose infusion is under way today stays until then."""
    at = on(4, "11:00")
    return lambda people: record_overrun(appointment=people.visits[who][0], until=on(4, until), by=people.by, now=at)


def allows(*, now: datetime = NOW) -> ActOf:
    return lambda people: allow(asked=people.asked[0], reason="for once", by=people.by, now=now)


def refuses(*, now: datetime = NOW) -> ActOf:
    return lambda people: refuse(asked=people.asked[0], reason="not then", by=people.by, now=now)


def makes_room_for(who: str) -> ActOf:
    """Books at the wide clinic's 11:30, for which somebody has to change the chair."""
    return lambda people: book_series(
        order=people.orders[who], clinic=people.wide.clinic, picks=picks(5, wall="11:30"), by=people.wide.by, now=NOW,
        repack=True,
    )  # fmt: skip


def talks_to(who: str, day: int) -> ActOf:
    """Books a consultation at the wide clinic at nine."""
    return lambda people: book_visit(
        patient=people.orders[who].patient, clinic=people.wide.clinic, visit_type=people.wide.talk, start=on(day),
        by=people.wide.by, now=NOW,
    )  # fmt: skip


def calls_off(who: str) -> ActOf:
    """Cancels a visit at the wide clinic."""
    return lambda people: cancel(
        appointment=people.visits[who][0], side=CancelledBy.PATIENT, reason="ill", by=people.wide.by, now=NOW
    )


def puts_off(who: str) -> ActOf:
    """Moves a visit at the wide clinic to the day after."""
    return lambda people: move(appointment=people.visits[who][0], start=on(6), by=people.wide.by, now=NOW)


def is_merged(who: str, into: str) -> ActOf:
    """One person on file twice: the first record is retired in favour of the second."""
    return lambda people: merge_patients(
        duplicate=people.visits[who][0].patient, into=people.orders[into].patient, by=people.by, now=NOW
    )
