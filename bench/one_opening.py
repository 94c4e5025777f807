"""64 clients want one opening at once: exactly one gets it, the others are refused plainly. The verb, and raw SQL.

Raw SQL takes the same lock, looks whether the chair is taken, and writes the same rows.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import transaction

from bench.clinics import BLOCK_SLOTS, block_visits, create_clinic, create_signer, in_series
from bench.crew import Act, Crew, Member, crew_at
from bench.databases import Database, clone
from bench.harness import Line, Must, quantile, ratio_at_most, spread_of
from bench.loading import in_haste, load_series
from bench.raw_booking import ToBook, book_raw
from bench.series_booking import MONDAY, NOW, to_book
from config.embedded.places import Places
from scheduling.booking import BookingRefused, Pick, book_series
from scheduling.events import Actor, events_committed
from scheduling.models import Clinic, Order, User
from tests import factories

# What a refusal may say. "busy" is counted in the detail: then the lock's 3 seconds were not enough.
JUST_TAKEN = {"chairs", "nurses", "nurses,chairs", "taken_by_other", "busy"}
# Slot, chair and nurse of the one that is left.
OPENING = (2, 8, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try. `said` is "booked", the rules of a refusal, or the error nobody expected."""

    said: str
    seconds: float


def run(places: Places, *, clients: int, rounds: int) -> list[Line]:
    """Each round a new opening and new orders; refuses (AssertionError) any round without exactly one winner."""
    with clone(places) as database:
        with in_haste(places):
            asked = create_openings(database, clients, 2 * rounds)
        each: tuple[list[float], list[float]] = ([], [])
        said: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        with crew_at(database, clients) as crew:
            # Each on a morning of its own, so that nobody waits.
            crew.each_do(get_ready, [asked[number % len(asked)][number] for number in range(clients)])
            for number, wanted in enumerate(asked):
                side = number % 2
                answers = race(crew, (try_raw, try_ours)[side], wanted)
                each[side].extend(answer.seconds for answer in answers)
                said[side].update(answer.said for answer in answers)
        one_visit_each(database, 2 * rounds)
    words = [dict(side) for side in said]
    return [
        _line("one winner a round, p50", 0.5, each),
        _line("p95", 0.95, each, ratio_at_most(2), said=words, rounds=rounds),
        Line("longest", "ms", max(each[0]) * 1e3, max(each[1]) * 1e3, max(each[1]) / max(each[0])),
    ]


def _line(case: str, share: float, each: tuple[list[float], list[float]], *must: Must, **detail: object) -> Line:
    raw, ours = (quantile(side, share) * 1e3 for side in each)
    spread = {"yardstick_ms": spread_of(each[0]), "ours_ms": spread_of(each[1])}
    return Line(case, "ms", raw, ours, ours / raw, must, spread | detail)


def create_openings(database: Database, clients: int, openings: int) -> list[list[ToBook]]:
    """A clinic whose mornings are full but for one chair, and for each morning an order a client."""
    clinic = create_clinic(factories.create_organisation())
    user, signer = create_signer(clinic.clinic, NOW)
    days = [day for day in range(7 * (openings // 5 + 1)) if day % 7 < 5][:openings]
    visits = [visit for visit in block_visits(days) if visit[1] < BLOCK_SLOTS]
    dealt = dict(zip(visits, clinic.places(MONDAY, visits), strict=True))
    left = [dealt.pop((day, *OPENING)) for day in days]
    orders = [clinic.series() for _ in range(clients * openings)]
    booked = [clinic.series(one) for one in in_series(list(dealt.values()))]
    ids = load_series(database, [*orders, *booked], signer=signer, now=NOW)
    return [
        [to_book(order_id, clinic, [place], user) for order_id in ids[number * clients : (number + 1) * clients]]
        for number, place in enumerate(left)
    ]


def race(crew: Crew, act: Act, wanted: Sequence[ToBook]) -> list[Answer]:
    """All want it in the same moment."""
    answers: list[Answer] = crew.each_do(act, wanted)
    said = Counter(answer.said for answer in answers)
    if said.pop("booked", 0) != 1 or not set(said) <= JUST_TAKEN:
        raise AssertionError(f"one winner and plain refusals were expected, not {said}")
    return answers


def one_visit_each(database: Database, openings: int) -> None:
    """Whatever was answered, each opening has one visit."""
    with psycopg.connect(database.url("postgres")) as connection:
        found = connection.execute(
            "SELECT count(*), count(DISTINCT period) FROM scheduling_appointment WHERE booked_by_id IS NOT NULL"
        ).fetchone()
    if found != (openings, openings):
        raise AssertionError(f"{openings} openings have (visits, times): {found}")


# What runs in the members. `get_ready` reads what a signed-in desk has at hand and warms both sides.
ready: dict[str, Any] = {}


def get_ready(me: Member, one: ToBook) -> None:
    """Who books and where, and bookings of each side that are taken back."""
    events_committed.disconnect(dispatch_uid="notifications.plan_committed_events")
    clinic = Clinic.objects.get(pk=one.clinic_id)
    ready.update(clinic=clinic, by=Actor.staff(User.objects.get(pk=one.user_id), clinic))
    order = Order.objects.get(pk=one.order_id)
    with suppress(BookingRefused), transaction.atomic():
        _book(order, one, f"warm-{me.number}")
        transaction.set_rollback(True)
    for _ in range(6):  # after five times PostgreSQL keeps a statement's plan
        with suppress(psycopg.errors.LockNotAvailable), me.raw.transaction(force_rollback=True):
            book_raw(me.raw, one, NOW, f"warm-{me.number}", look_first=True)


def try_ours(me: Member, one: ToBook) -> Answer:
    """The verb."""
    order = Order.objects.get(pk=one.order_id)
    me.wait_for_all()
    began = time.monotonic()
    try:
        _book(order, one, f"key-{one.order_id}")
    except BookingRefused as refused:
        return Answer(",".join(problem.rule for problem in refused.problems), time.monotonic() - began)
    return Answer("booked", time.monotonic() - began)


def _book(order: Order, one: ToBook, key: str) -> None:
    pick = Pick(1, one.places[0].starts)
    book_series(order=order, clinic=ready["clinic"], picks=[pick], by=ready["by"], now=NOW, key=key)


def try_raw(me: Member, one: ToBook) -> Answer:
    """Raw SQL that looks first."""
    me.wait_for_all()
    began = time.monotonic()
    try:
        said = "booked" if book_raw(me.raw, one, NOW, f"key-{one.order_id}", look_first=True) else "taken_by_other"
    except psycopg.errors.LockNotAvailable:
        said = "busy"
    return Answer(said, time.monotonic() - began)
