"""Booking whole series with 1, 8 and 32 connections, in one clinic and in eight: the verb, and raw SQL.

Both begin with equal copies of a database, about half booked, and take the same series from one list until it is empty.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

import psycopg
from django.db import transaction

from bench.clinics import BenchClinic, create_clinic, create_signer, employ, in_series, split_blocks
from bench.crew import Act, Member, crew_at
from bench.databases import Database, clone
from bench.harness import Line, Must, ours_at_most, quantile, ratio_at_least, spread_of
from bench.loading import Place, Series, dose_ids_of, in_haste, load_series
from bench.raw_booking import ToBook, book_raw
from bench.yardsticks import at
from config.embedded.places import Places
from scheduling.booking import BookingRefused, Pick, book_series
from scheduling.events import Actor, events_committed
from scheduling.models import Clinic, Order, User
from tests import factories

MONDAY = date(2027, 1, 4)
NOW = at(MONDAY, 0, -8)
DAYS = 90
BOOKED = 0.35
# The number of connections that DESIGN 9 speaks of.
WATCHED = 8
WRITTEN = (
    "appointment", "appointmentphase", "claim", "event", "eventtoseal", "eventtoplan", "idempotencykey",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Race:
    """All series of a turn. `planned`: what is told outside is planned after each commit, as in a request."""

    series: tuple[ToBook, ...]
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of one side took: seconds in all, and seconds of each series."""

    seconds: float
    each: list[float]
    busy: int

    @property
    def a_second(self) -> float:
        return len(self.each) / self.seconds


def run(places: Places, *, connections: Sequence[int], clinics: Sequence[int], series: int, turns: int) -> list[Line]:
    """Series a second and latencies for each number of clinics and of connections."""
    lines: list[Line] = []
    for count in clinics:
        with clone(places) as template:
            with in_haste(places):
                race = Race(tuple(create_half_booked(template, count, series)))
            where = "one clinic" if count == 1 else f"{count} clinics"
            for connected in connections:
                lines += _measure(template, race, connected, turns, f"{where}, {connected} connections")
            if count == 1:
                connected = WATCHED if WATCHED in connections else connections[0]
                told = replace(race, planned=True)
                case = f"{where}, {connected} connections, messages planned"
                lines += _measure(template, told, connected, 1, case, must=False)
    return lines


def create_half_booked(database: Database, clinics: int, series: int) -> list[ToBook]:
    """Clinics with about half of their times booked, and at least `series` to book, dealt to the clinics in turn."""
    organisation = factories.create_organisation()
    made = [create_clinic(organisation) for _ in range(clinics)]
    user, signer = create_signer(made[0].clinic, NOW)
    booked: list[Series] = []
    wanted: list[list[tuple[BenchClinic, list[Place]]]] = []
    for seed, clinic in enumerate(made, 1):
        employ(user, clinic.clinic)
        taken, free = split_blocks(seed, series=-(-series // clinics), booked=BOOKED, days=DAYS)
        # Watch places are dealt with all visits in view, so that raw SQL may write them without looking.
        visits = [*taken, *(visit for one in free for visit in one)]
        dealt = dict(zip(visits, clinic.places(MONDAY, visits), strict=True))
        booked += [clinic.series(one) for one in in_series([dealt[visit] for visit in taken])]
        wanted.append([(clinic, [dealt[visit] for visit in one]) for one in free])
    in_turn = [one for several in zip(*wanted, strict=True) for one in several]
    all_series = [*(clinic.series() for clinic, _ in in_turn), *booked]
    order_ids = load_series(database, all_series, signer=signer, now=NOW)
    return [
        to_book(order_id, clinic, where, user) for order_id, (clinic, where) in zip(order_ids, in_turn, strict=False)
    ]


def to_book(order_id: int, clinic: BenchClinic, places: Sequence[Place], user: User) -> ToBook:
    """A loaded order's first infusions at these places."""
    ids = tuple(dose_ids_of(order_id)[: len(places)])
    return ToBook(order_id, ids, tuple(places), clinic.clinic.pk, clinic.clinic.organisation_id, user.pk)


def _measure(template: Database, race: Race, count: int, turns: int, case: str, *, must: bool = True) -> list[Line]:
    taken: tuple[list[Turn], list[Turn]] = ([], [])
    for turn in range(turns):
        rows = []
        for side in (0, 1) if turn % 2 else (1, 0):
            with clone(template.places, template.name) as database:
                taken[side].append(_turn(database, (book_series_raw, book_series_ours)[side], race, count))
                rows.append(_written(database))
        if rows[0] != rows[1] and not race.planned:
            raise AssertionError(f"the two sides wrote different rows: {rows}")
    raw, ours = taken
    rate = statistics.median(one.a_second / other.a_second for one, other in zip(ours, raw, strict=True))
    rates = [statistics.median(one.a_second for one in side) for side in taken]
    each = [[seconds for turn in side for seconds in turn.each] for side in taken]
    busy = [sum(turn.busy for turn in side) for side in taken]
    detail = {"turns": turns, "busy": busy, "yardstick_ms": spread_of(each[0]), "ours_ms": spread_of(each[1])}
    limit: tuple[Must, ...] = (ours_at_most(150),) if must and count == WATCHED else ()
    least: tuple[Must, ...] = (ratio_at_least(0.2),) if must and count == WATCHED else ()
    return [
        Line(case, "series/s", rates[0], rates[1], rate, least, detail),
        _latency("p50", 0.5, each),
        _latency("p95", 0.95, each, *limit),
    ]


def _latency(name: str, share: float, each: Sequence[Sequence[float]], *must: Must) -> Line:
    raw, ours = (quantile(side, share) * 1e3 for side in each)
    return Line(f"    {name}", "ms", raw, ours, ours / raw, must)


def _turn(database: Database, act: Act, race: Race, count: int) -> Turn:
    with crew_at(database, count) as crew:
        answers = crew.all_do(act, race)
    began = min(answer[0] for answer in answers)
    ended = max(answer[1] for answer in answers)
    each = [seconds for answer in answers for seconds in answer[2]]
    return Turn(ended - began, each, sum(answer[3] for answer in answers))


def _written(database: Database) -> dict[str, int]:
    with psycopg.connect(database.url("postgres")) as connection:
        counts = {}
        for table in WRITTEN:
            found = connection.execute(f"SELECT count(*) FROM scheduling_{table}".encode()).fetchone()
            counts[table] = found[0] if found else 0
    return counts


# What runs in the members. Each tries its own series first and takes it back, so that plans and caches are warm.
Answer = tuple[float, float, list[float], int]


def book_series_ours(me: Member, race: Race) -> Answer:
    """Books through the verb until no series is left: began, ended, the seconds of each, how often it was "busy"."""
    if not race.planned:
        events_committed.disconnect(dispatch_uid="notifications.plan_committed_events")
    clinics = Clinic.objects.in_bulk({one.clinic_id for one in race.series})
    user = User.objects.get(pk=race.series[0].user_id)
    actors = {pk: Actor.staff(user, clinic) for pk, clinic in clinics.items()}
    orders = Order.objects.in_bulk([one.order_id for one in race.series])

    def book(one: ToBook, key: str) -> None:
        picks = [Pick(number, place.starts) for number, place in enumerate(one.places, 1)]
        by, clinic = actors[one.clinic_id], clinics[one.clinic_id]
        book_series(order=orders[one.order_id], clinic=clinic, picks=picks, by=by, now=NOW, key=key)

    # Many processes that begin at once are slow enough for "busy"; that warms them too.
    with suppress(BookingRefused), transaction.atomic():
        book(race.series[me.number % len(race.series)], f"warm-{me.number}")
        transaction.set_rollback(True)
    return _until_none_is_left(me, race, book)


def book_series_raw(me: Member, race: Race) -> Answer:
    """The same by raw SQL."""

    def book(one: ToBook, key: str) -> None:
        book_raw(me.raw, one, NOW, key)

    with suppress(psycopg.errors.LockNotAvailable), me.raw.transaction(force_rollback=True):
        book(race.series[me.number % len(race.series)], f"warm-{me.number}")
    return _until_none_is_left(me, race, book)


def _until_none_is_left(me: Member, race: Race, book: Callable[[ToBook, str], None]) -> Answer:
    """Whoever hears "busy" tries again at once, as a person would; the wait counts."""
    each: list[float] = []
    busy = 0
    me.wait_for_all()
    began = time.monotonic()
    while (number := me.next_job()) < len(race.series):
        started = time.monotonic()
        while not _books(book, race.series[number], f"series-{number}"):
            busy += 1
        each.append(time.monotonic() - started)
    return began, time.monotonic(), each, busy


def _books(book: Callable[[ToBook, str], None], one: ToBook, key: str) -> bool:
    try:
        book(one, key)
    except psycopg.errors.LockNotAvailable:
        return False
    except BookingRefused as refused:
        if [problem.rule for problem in refused.problems] != ["busy"]:
            raise
        return False
    return True
