"""Questions made to keep a search busy for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from scheduling.capacity import Busy, Chair, ClinicSnapshot, Nurse, Phase, Prescriber, Role, Seated, TakenSpans
from scheduling.clinic_time import ClinicTime
from scheduling.intervals import Interval
from scheduling.series_terms import DoseRequest, PatientTimes, SeriesTerms, Wish
from scheduling.spacing import Back, Spacing
from tests.scheduling.small_clinics import MONDAY, ZONE

VISIT = (Phase("infuse", 60), Phase("turnover", 10))
REVIEW = (Phase("review", 15, chair=False, prescriber="with-patient"),)


@dataclass(frozen=True)
class Question:
    clinic: ClinicSnapshot
    terms: SeriesTerms
    wish: Wish = field(default_factory=Wish)
    count: int = 10
    patient: PatientTimes = field(default_factory=PatientTimes)


def hours_of(days: int, minutes: int = 600) -> dict[datetime, Interval]:
    clock, found = ClinicTime(ZONE), {}
    for index in range(days):
        start = clock.at_wall(MONDAY + timedelta(days=index), time(8))
        found[start] = Interval(start, start + timedelta(minutes=minutes))
    return found


def wide_open(days: int, grid: int = 5, chairs: int = 3) -> ClinicSnapshot:
    """Every five minutes of every day is free."""
    periods = tuple(hours_of(days).values())
    opening = {ClinicTime(ZONE).local_day(one.start): (one,) for one in periods}
    there = (Prescriber("prescriber", periods),)
    return ClinicSnapshot(ZONE, grid, opening, tuple(Chair(f"chair {one}") for one in range(chairs)), (), there)


def doses(count: int) -> tuple[DoseRequest, ...]:
    return tuple(DoseRequest(number, VISIT) for number in range(1, count + 1))


def sixty_in_hours_from_the_first() -> Question:
    rules = (Spacing("each", "previous", 20, None, 70, "hours"), Spacing("each", "first", 1, None, 9000, "hours"))
    return Question(wide_open(200), SeriesTerms(doses(60), rules))


def hours_every_way() -> Question:
    anchors = [*(Back(one) for one in range(1, 8)), "first"]
    rules = tuple(
        Spacing("each", one, 7 * index, None, 60 * index, "hours")  # type: ignore[arg-type]
        for index, one in enumerate(anchors, 1)
    )
    return Question(wide_open(120), SeriesTerms(doses(20), rules), Wish(time(10)))


def several_a_day() -> Question:
    """Infusions that may share a day, with nothing that keeps them apart."""
    rules = (Spacing("each", "previous", 1, None, 500, "hours"),)
    return Question(wide_open(120), SeriesTerms(doses(30), rules), count=50)


def twenty_with_weeks_spans_and_backs() -> Question:
    rules = (
        Spacing("each", "previous", 1, None, 30),
        Spacing("each", Back(3), 4, None, 60),
        Spacing("each", Back(6), 9, None, 100),
        Spacing("each", "first", None, None, 300),
        Spacing(20, 2, 100, None, 250),
    )
    return Question(wide_open(365, 15), SeriesTerms(doses(20), rules, within_days=200, per_week=2))


def backs_that_contradict() -> Question:
    """No series at all, which shows only near the end."""
    rules = (
        Spacing("each", "previous", 1, None, 20),
        Spacing("each", Back(2), 3, None, 30),
        Spacing("each", Back(5), 9, None, 70),
        Spacing(20, "first", None, None, 35),
        Spacing(20, 5, 36),
    )
    return Question(wide_open(300, 15), SeriesTerms(doses(20), rules))


def reviews_after_each() -> Question:
    rules = (Spacing("each", "previous", 20, None, 200, "hours"),)
    reviews = dict.fromkeys(range(1, 20), REVIEW)
    return Question(wide_open(200), SeriesTerms(doses(20), rules, reviews=reviews))


def ten_thousand_claims() -> Question:
    random, claims = Random(1), list[TakenSpans]()
    clinic = wide_open(365, 5, 20)
    first = int(min(hours_of(1)).timestamp()) // 300
    for index in range(10_000):
        role: Role = "seat" if index % 2 else "watch"
        start = first + random.randrange(365) * 288 + random.randrange(100)
        claims.append((f"{'chair' if index % 2 else 'nurse'} {random.randrange(20)}", role, [start, start + 12]))
    busy = tuple(
        Busy("nurse 0", "attention", Interval(start + timedelta(minutes=one), start + timedelta(minutes=one + 5)))
        for start in hours_of(100)
        for one in range(0, 600, 6)
    )
    periods = tuple(hours_of(365).values())
    nurses = tuple(Nurse(f"nurse {index}", 3, shifts=periods) for index in range(20))
    visit = (Phase("infuse", 240, nurse="watch"),)
    terms = SeriesTerms(
        tuple(DoseRequest(number, visit) for number in range(1, 13)), (Spacing("each", "previous", 7, None, 21),)
    )
    clinic = ClinicSnapshot(
        ZONE, 5, clinic.open, clinic.chairs, nurses, clinic.prescribers, busy=busy, claims=tuple(claims)
    )
    return Question(clinic, terms)


def room_that_no_dealing_makes() -> Question:
    """Thirty chairs full but for short breaks at other times each, all of whose visits may move: nearly every start
    lacks only the chair, and hardly any can be had."""
    random, busy, seated = Random(3), list[Busy](), list[Seated]()
    chairs = [f"chair {index:02}" for index in range(30)]
    for opening in hours_of(40).values():
        for chair in chairs:
            start = opening.start + timedelta(minutes=5 * random.randint(-6, 0))
            while start < opening.end:
                stay = Interval(start, start + timedelta(minutes=random.choice([35, 40, 50, 55])))
                busy.append(Busy(chair, "seat", stay))
                seated.append(Seated.during(f"visit {len(seated)}", chair, stay, may_move=True))
                start = stay.end + timedelta(minutes=random.choice([0, 5, 10]))
    open_days = wide_open(40, 15)
    clinic = ClinicSnapshot(
        ZONE,
        15,
        open_days.open,
        tuple(Chair(one) for one in chairs),
        (),
        open_days.prescribers,
        tuple(busy),
        seated=lambda: seated,
    )
    return Question(clinic, SeriesTerms(doses(6), (Spacing("each", "previous", 2, None, 4),)))


QUESTIONS: tuple[Callable[[], Question], ...] = (
    sixty_in_hours_from_the_first,
    hours_every_way,
    several_a_day,
    twenty_with_weeks_spans_and_backs,
    backs_that_contradict,
    reviews_after_each,
    ten_thousand_claims,
    room_that_no_dealing_makes,
)
