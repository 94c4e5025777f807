"""Two hundred races of 64 processes for one opening each: one winner every time, and nobody meets an error."""

from __future__ import annotations

from collections import Counter
from statistics import quantiles

import pytest

from scheduling.models import Appointment, Event
from tests.counts import say
from tests.databases import Committed
from tests.races.booker import Answer
from tests.races.opening import Place, assert_one_winner, overlapping_claims
from tests.races.processes import bookers

pytestmark = pytest.mark.faults

RACES = 200
CLIENTS = 64


def test_one_of_sixty_four_wins_each_of_two_hundred_races(committed_database: Committed) -> None:
    answers: list[Answer] = []
    place = Place(CLIENTS, committed_database)
    with bookers(CLIENTS) as racing:
        for number in range(1, RACES + 1):
            raced = place.race(racing)
            assert_one_winner(raced)
            assert Appointment.objects.filter(live=True).count() == number
            answers += raced
    assert overlapping_claims() == 0
    assert Appointment.objects.count() == Event.objects.filter(verb="appointment.booked").count() == RACES
    say(summary(answers))


def summary(answers: list[Answer]) -> str:
    refusals = Counter(rule for answer in answers for rule in answer.refused)
    said = ", ".join(f"{rule} {count}" for rule, count in sorted(refusals.items()))
    lasted = quantiles([answer.seconds * 1000 for answer in answers], n=100)
    winners = sum(answer.booked for answer in answers)
    return (
        f"{RACES} races of {CLIENTS}: {winners} booked, {len(answers) - winners} refused ({said});"
        f" p50 {lasted[49]:.0f} ms, p95 {lasted[94]:.0f} ms, p99 {lasted[98]:.0f} ms"
    )
