"""The same searches and bookings in one clinic, when the database holds that clinic alone and when it holds many.

The yardstick's column is the database with one clinic. Both book the same series in turn and take them back, so they
stay alike, and as full as they were.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime

import psycopg

from bench import yardsticks
from bench.clinics import as_in, create_clinic, create_signer, set_up_as_in
from bench.crew import Member, crew_at
from bench.databases import Database, clone
from bench.harness import Line, Must, quantile, ratio_at_most, spread_of
from bench.loading import in_haste, load_series
from config.embedded.places import Places
from scheduling.booking import Pick, book_series
from scheduling.cancelling import cancel_rest
from scheduling.events import Actor, events_committed
from scheduling.models import CancelledBy, Clinic, Order, User
from scheduling.proposals import propose_series
from scheduling.series_terms import Wish
from tests import factories

MONDAY = date(2027, 1, 4)
NOW = yardsticks.at(MONDAY, 0, -8)
COUNT = 3


@dataclass(frozen=True, slots=True)
class Step:
    """A series to look for and to book."""

    order_id: int
    clinic_id: int
    user_id: int
    wish: Wish


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of the search and of the booking, and what was booked."""

    searching: float
    booking: float
    starts: tuple[datetime, ...]


def run(places: Places, *, clinics: int, steps: int) -> list[Line]:
    """p50 and p95 of both databases; refuses (AssertionError) where they book different times."""
    with ExitStack() as open_all:
        crews, wanted, visits = [], [], []
        for count in (1, clinics):
            database = open_all.enter_context(clone(places))
            with in_haste(places):
                wanted.append(create_filled(database, count, steps))
            visits.append(_visits(database))
            crews.append(open_all.enter_context(crew_at(database, 1)))
        took: list[list[Took]] = [[], []]
        for number, pair in enumerate(zip(*wanted, strict=True)):
            for side in (0, 1) if number % 2 else (1, 0):
                took[side].extend(crews[side].all_do(find_and_book, pair[side]))
            if took[0][-1].starts != took[1][-1].starts:
                raise AssertionError(f"step {number}: the two databases gave different times")
    # The first steps of a connection read what the later ones find at hand.
    took = [side[len(side) // 10 :] for side in took]
    case = f"{visits[0]:,} and {visits[1]:,} visits"
    searching, booking = ([[getattr(one, what) for one in side] for side in took] for what in ("searching", "booking"))
    return [
        _line(f"search p50, 1 and {clinics} clinics ({case})", 0.5, searching),
        _line("search p95", 0.95, searching, ratio_at_most(1.3)),
        _line("booking p50", 0.5, booking),
        _line("booking p95", 0.95, booking, ratio_at_most(1.3)),
    ]


def _line(case: str, share: float, both: list[list[float]], *must: Must) -> Line:
    one, many = (quantile(side, share) * 1e3 for side in both)
    spread = {"one_clinic_ms": spread_of(both[0]), "many_clinics_ms": spread_of(both[1])}
    return Line(case, "ms", one, many, many / one, must, spread)


def create_filled(database: Database, clinics: int, steps: int) -> list[Step]:
    """Clinics filled as the instances of seeds 1, 2, ...; in the first of them orders to book."""
    organisation = factories.create_organisation()
    made = [create_clinic(organisation, prescribers=0) for _ in range(clinics)]
    instances = [yardsticks.any_time_of_day(yardsticks.make_instance(seed)) for seed in range(1, clinics + 1)]
    for instance, place in zip(instances, made, strict=True):
        set_up_as_in(instance, place.clinic, MONDAY, MONDAY)
    user, signer = create_signer(made[0].clinic, NOW)
    booked = [series for one, place in zip(instances, made, strict=True) for series in as_in(one, place, MONDAY)]
    ids = load_series(database, [*(made[0].series() for _ in range(steps)), *booked], signer=signer, now=NOW)
    wishes = [Wish(yardsticks.wish_of(one).time) for one in map(yardsticks.make_instance, range(1, 6))]
    return [
        Step(order_id, made[0].clinic.pk, user.pk, wishes[number % len(wishes)])
        for number, order_id in enumerate(ids[:steps])
    ]


def _visits(database: Database) -> int:
    with psycopg.connect(database.url("postgres")) as connection:
        found = connection.execute("SELECT count(*) FROM scheduling_appointment").fetchone()
    return int(found[0]) if found else 0


def find_and_book(_: Member, step: Step) -> Took:
    """Runs in a member: the search that the desk's page asks for, and the booking of its best proposal, which is
    cancelled after the clock has stopped."""
    events_committed.disconnect(dispatch_uid="notifications.plan_committed_events")
    clinic = Clinic.objects.get(pk=step.clinic_id)
    by = Actor.staff(User.objects.get(pk=step.user_id), clinic)
    order = Order.objects.select_related("patient", "current_version").get(pk=step.order_id)
    began = time.perf_counter()
    found = propose_series(order=order, clinic=clinic, wish=step.wish, how_many=6, count=COUNT, now=NOW)
    searched = time.perf_counter()
    if not found.proposals:
        raise AssertionError(f"nothing was found to book: {[str(problem) for problem in found.problems]}")
    visits = found.proposals[0].visits
    picks, repack = [Pick(visit.number, visit.start) for visit in visits], any(visit.by_repack for visit in visits)
    book_series(order=order, clinic=clinic, picks=picks, by=by, now=NOW, key=f"step-{step.order_id}", repack=repack)
    booked = time.perf_counter()
    # So that the clinic stays as full as it was.
    cancel_rest(order=order, from_number=1, side=CancelledBy.CLINIC, reason="", by=by, now=NOW)
    return Took(searched - began, booked - searched, tuple(pick.start for pick in picks))
