"""Which proposals are shown: they differ in kind, and each says what it is best at."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from scheduling.choosing import choose, unsteadiness
from scheduling.clinic_time import ClinicTime
from scheduling.series_terms import Proposal, ProposedVisit

CLOCK = ClinicTime("America/New_York")


def proposal(*starts: str, off: int = 0) -> Proposal:
    """A series with these starts of January 2027: "4 09:00" is Monday the fourth."""
    visits = []
    for number, said in enumerate(starts, 1):
        day, wall = said.split()
        start = datetime.fromisoformat(f"2027-01-{int(day):02}T{wall}-05:00")
        visits.append(ProposedVisit(number, start, start + timedelta(hours=2), "1", "2", (), ()))
    return Proposal(date(2027, 1, int(starts[-1].split()[0])), off, tuple(visits))


FIRST = proposal("4 08:00", "6 11:00", "8 09:00", off=180)
NEAR = proposal("4 09:00", "7 09:15", "11 09:00", off=15)
STEADY = proposal("5 10:00", "12 10:00", "19 10:00", off=60)
OTHERS = [proposal("4 08:00", "6 11:00", f"{day} 09:00", off=180) for day in (9, 10, 14)]


def test_first_nearest_and_steadiest_are_shown_in_this_order() -> None:
    chosen = choose([FIRST, *OTHERS, STEADY, NEAR], CLOCK, wished=True)
    assert [(one.proposal, one.best) for one in chosen] == [
        (FIRST, ("finish",)), (NEAR, ("wish",)), (STEADY, ("steady",)),
    ]  # fmt: skip


def test_one_that_is_best_at_everything_is_shown_once_and_the_next_best_follow() -> None:
    best = proposal("4 09:00", "11 09:00", "18 09:00")
    chosen = choose([best, *OTHERS], CLOCK, wished=True)
    assert [(one.proposal, one.best) for one in chosen] == [
        (best, ("finish", "wish", "steady")), (OTHERS[0], ()), (OTHERS[1], ()),
    ]  # fmt: skip


def test_nothing_is_nearest_to_a_wish_that_nobody_had() -> None:
    chosen = choose([FIRST, NEAR, STEADY], CLOCK, wished=False)
    assert [one.best for one in chosen] == [("finish",), ("steady",), ()]


def test_one_infusion_is_offered_on_different_days_first() -> None:
    starts = [proposal(f"4 {hour:02}:00") for hour in (8, 9, 10)] + [proposal("5 08:00"), proposal("6 08:00")]
    chosen = choose(starts, CLOCK, wished=False)
    assert [(one.proposal, one.best) for one in chosen] == [
        (starts[0], ("finish",)), (starts[3], ()), (starts[4], ()),
    ]  # fmt: skip


def test_one_infusion_has_no_weekdays_to_be_steady_on() -> None:
    [one, *_] = choose([proposal("4 08:00"), proposal("4 09:00")], CLOCK, wished=True)
    assert one.best == ("finish", "wish")


def test_fewer_than_three_are_all_shown_and_none_are_none() -> None:
    assert [one.proposal for one in choose([FIRST, NEAR], CLOCK, wished=True)] == [FIRST, NEAR]
    assert choose([], CLOCK, wished=True) == ()


def test_steadiness_counts_weekdays_and_times_where_the_clinic_is() -> None:
    assert unsteadiness(STEADY, CLOCK) == (1, 1)
    assert unsteadiness(NEAR, CLOCK) == (2, 2)
    # Half past eleven at night in New York is the next day by UTC.
    late = proposal("4 23:30", "11 23:30")
    assert unsteadiness(late, CLOCK) == (1, 1)
