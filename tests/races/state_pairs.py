"""The pairs in which an order is paused, stopped or withdrawn from while somebody else works on its visits."""

from __future__ import annotations

from typing import Final

from scheduling.models import Event, OrderState, Status
from scheduling.withdrawing import withdraw
from tests.factories import NOW
from tests.races.acts import (
    AT_EIGHT,
    ActOf,
    books,
    books_kept,
    cancels,
    cancels_all,
    confirms,
    keeps,
    moves,
    nurse_is_away,
    pauses,
    steps,
    stops,
)
from tests.races.pairs import BOTH, FIRST, SECOND, Two, visits_of
from tests.races.series_pairs import Also
from tests.races.stage import People
from tests.races.stepping import Schedule

EITHER: Final = frozenset({BOTH, SECOND})
ONE: Final = frozenset({FIRST, SECOND})


def withdraws(who: str) -> ActOf:
    return lambda people: withdraw(order=people.orders[who], by=people.by, now=NOW)


def nothing_left(who: str) -> Also:
    """The order is stopped, and nothing of it is booked or kept."""

    def also(people: People, schedule: Schedule) -> None:
        order = people.orders[who]
        order.refresh_from_db()
        assert order.state == OrderState.STOPPED, str(schedule)
        left = [visit.status for visit in visits_of(people, who) if visit.status in (Status.HELD, Status.BOOKED)]
        assert left == [], str(schedule)

    return also


def confirmed_before_the_pause_or_not_at_all(people: People, schedule: Schedule) -> None:
    events = {event.verb: event.pk for event in Event.objects.filter(verb__in=("appointment.confirmed", "order.pause"))}
    if schedule.ends == BOTH:
        assert events["appointment.confirmed"] < events["order.pause"], str(schedule)


def keeps_its_places(who: str) -> Also:
    def also(people: People, schedule: Schedule) -> None:
        people.orders[who].refresh_from_db()
        assert people.orders[who].state == OrderState.PAUSED, str(schedule)

    return also


STATE_PAIRS: Final = (
    Two("book / order stopped", books("ana", 5, 7), stops("ana"), EITHER, nothing_left("ana")),
    Two("hold / order stopped", keeps("ana", 5, 7), stops("ana"), EITHER, nothing_left("ana")),
    Two("book what was kept / order stopped", books_kept("dan"), stops("dan"), EITHER, nothing_left("dan")),
    Two("book what was kept / order paused", books_kept("dan"), pauses("dan"), EITHER, keeps_its_places("dan")),
    Two("move / order stopped", moves("cleo", 0, 5), stops("cleo"), EITHER, nothing_left("cleo")),
    Two("move / order paused", moves("cleo", 0, 5), pauses("cleo"), EITHER, keeps_its_places("cleo")),
    Two("cancel / order stopped", cancels("cleo"), stops("cleo"), EITHER, nothing_left("cleo")),
    Two("cancel the rest / order stopped", cancels_all("cleo"), stops("cleo"), EITHER, nothing_left("cleo")),
    Two("confirm / order paused", confirms("gil", now=AT_EIGHT), pauses("gil"), EITHER,
        confirmed_before_the_pause_or_not_at_all),
    Two("arrive / order stopped", steps("gil", Status.ARRIVED), stops("gil"), EITHER, nothing_left("gil")),
    Two("absence / order stopped", nurse_is_away(19, 21), stops("hal"), frozenset({BOTH}), nothing_left("hal")),
    Two("pause / stop", pauses("cleo"), stops("cleo"), EITHER, nothing_left("cleo")),
    Two("stop / stop", stops("cleo"), stops("cleo"), ONE, nothing_left("cleo")),
    Two("cancel / withdraw", cancels("cleo"), withdraws("cleo"), EITHER),
    Two("withdraw / order stopped", withdraws("cleo"), stops("cleo"), EITHER, nothing_left("cleo")),
)  # fmt: skip
