"""Seeded clinics of everyday size, some 75% booked, and the series that are asked of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from scheduling.capacity import Busy, Chair, ClinicSnapshot, Nurse, Phase, Prescriber
from scheduling.clinic_time import WEEKDAYS, ClinicTime, WallRange
from scheduling.intervals import Interval
from scheduling.series_terms import DoseRequest, PatientTimes, SeriesTerms, Wish
from scheduling.spacing import Back, Spacing
from tests.scheduling.small_clinics import MONDAY, ZONE, at, period

Phases = tuple[Phase, ...]
SHORT: Phases = (
    Phase("arrive", 10, nurse="watch"),
    Phase("set up", 15, nurse="attention", prescriber="present"),
    Phase("infuse", 40, nurse="watch"),
    Phase("recover", 45, nurse="watch"),
    Phase("discharge", 10, chair=False, nurse="attention"),
    Phase("turnover", 15),
)
LONG: Phases = (
    Phase("talk", 15, prescriber="with-patient"),
    Phase("set up", 30, nurse="attention"),
    Phase("infuse", 150, nurse="watch", prescriber="present", features=frozenset({"bed"})),
    Phase("turnover", 10),
)
DAY_START, DAY_MINUTES = time(8), 600


@dataclass(frozen=True)
class Asked:
    """A series asked of a clinic."""

    clinic: ClinicSnapshot
    terms: SeriesTerms
    patient: PatientTimes
    wish: Wish
    now: datetime


def medium_clinic(random: Random, days: int) -> ClinicSnapshot:
    """Six to twelve chairs, three or four nurses with breaks and days off, two prescribers, a closed day or two."""
    clock = ClinicTime(ZONE)
    dates = [MONDAY + timedelta(days=index) for index in range(days)]
    closed = set(random.sample(dates, 2))
    hours: dict[date, tuple[Interval, ...]] = {
        one: () if one in closed or one.weekday() == 6 else (_opening(clock, one),) for one in dates
    }
    open_days = [one for one in dates if hours[one]]
    chairs = tuple(
        Chair(f"chair {index}", frozenset({"bed"} if index % 3 == 0 else ()), _some(random, open_days, 0.05))
        for index in range(random.randint(6, 12))
    )
    nurses = tuple(
        Nurse(
            f"nurse {index}",
            random.choice([2, 3, 3, 4]),
            shifts=tuple(hours[one][0] for one in open_days if random.random() < 0.85),
            absent=tuple(period(one, "12:00", "12:30") for one in open_days if index % 2)
            + _some(random, open_days, 0.05),
        )
        for index in range(random.randint(3, 4))
    )
    prescribers = tuple(
        Prescriber(
            f"prescriber {index}",
            tuple(
                period(one, *random.choice([("08:00", "14:00"), ("10:00", "18:00"), ("08:00", "18:00")]))
                for one in open_days
                if random.random() < 0.75
            ),
        )
        for index in range(2)
    )
    clinic = ClinicSnapshot(
        ZONE,
        15,
        hours,
        chairs,
        nurses,
        prescribers,
        min_staff=random.choice([0, 2]),
        last_end=random.choice([None, time(17, 30)]),
    )
    return replace(clinic, busy=tuple(_booked(random, clinic, open_days, random.choice([0.7, 0.8, 0.9]))))


def _opening(clock: ClinicTime, day: date) -> Interval:
    first = clock.at_wall(day, DAY_START)
    return Interval(first, first + timedelta(minutes=DAY_MINUTES if day.weekday() < 5 else 240))


def _some(random: Random, days: list[date], share: float) -> tuple[Interval, ...]:
    return tuple(period(one, "09:00", random.choice(["11:00", "18:00"])) for one in days if random.random() < share)


def _booked(random: Random, clinic: ClinicSnapshot, days: list[date], load: float) -> list[Busy]:
    """Visits one after another on each chair, each with a nurse who can take it; those without one are left out."""
    found: list[Busy] = []
    for day in days:
        opening, nurses = clinic.open[day][0], [_Duties(nurse) for nurse in clinic.nurses]
        for chair in clinic.chairs:
            start = opening.start + timedelta(minutes=5 * random.randint(0, 24))
            while start < opening.end:
                kind = random.choice([SHORT, SHORT, LONG])
                end = start + timedelta(minutes=sum(phase.minutes for phase in kind))
                takes = [one for one in nurses if one.can_take(start, kind)]
                is_out = any(out.overlaps(Interval(start, end)) for out in chair.out)
                if end <= opening.end and takes and not is_out and random.random() < load:
                    found.append(Busy(chair.id, "seat", Interval(start, end)))
                    found += random.choice(takes).take(start, kind)
                start = end + timedelta(minutes=5 * random.randint(0, 5))
    return found


class _Duties:
    """What a nurse does on one day."""

    def __init__(self, nurse: Nurse) -> None:
        self.nurse = nurse
        self.watching: list[Interval] = []
        self.attending: list[Interval] = []

    def can_take(self, start: datetime, phases: Phases) -> bool:
        for role, one in _duties(start, phases):
            at_work = any(shift.covers(one) for shift in self.nurse.shifts)
            if not at_work or any(away.overlaps(one) for away in self.nurse.absent):
                return False
            attended = sum(other.overlaps(one) for other in self.attending)
            watched = sum(other.overlaps(one) for other in self.watching)
            if role == "attention" and (attended or watched > self.nurse.watch_while_attending):
                return False
            if role == "watch" and watched >= (self.nurse.watch_while_attending if attended else self.nurse.watch):
                return False
        return True

    def take(self, start: datetime, phases: Phases) -> list[Busy]:
        found = []
        for role, one in _duties(start, phases):
            (self.attending if role == "attention" else self.watching).append(one)
            found.append(Busy(self.nurse.id, "attention" if role == "attention" else "watch", one))
        return found


def _duties(start: datetime, phases: Phases) -> list[tuple[str, Interval]]:
    found: list[tuple[str, Interval]] = []
    for phase in phases:
        end = start + timedelta(minutes=phase.minutes)
        if phase.nurse != "none":
            found.append((phase.nurse, Interval(start, end)))
        start = end
    return found


# ------------------------------------------------------------------------------------------------------------ series

Shape = Callable[[Random], SeriesTerms]


def _doses(random: Random, count: int, first: int = 1) -> tuple[DoseRequest, ...]:
    """The first is long at times, the others short; or all are of one kind."""
    kinds = random.choice([(SHORT, SHORT), (LONG, SHORT), (LONG, LONG), (SHORT, LONG)])
    return tuple(DoseRequest(number, kinds[number > 1]) for number in range(first, count + 1))


def ketamine(random: Random) -> SeriesTerms:
    return SeriesTerms(_doses(random, 6), (Spacing("each", "previous", 2, 3, 4),), within_days=random.choice([14, 21]))


def ocrelizumab(random: Random) -> SeriesTerms:
    """Its shape in weeks of a medium clinic: the third counts from the first, and lies a hard minimum after the
    second."""
    rules = (
        Spacing(2, "first", 13, 14, 15),
        Spacing(3, "first", 40, 42, 44),
        Spacing(3, "previous", random.choice([26, 28])),
    )
    return SeriesTerms(_doses(random, 3), rules)


def natalizumab(random: Random) -> SeriesTerms:
    """The first was given before; then every four weeks, up to eight weeks and five days."""
    given = {1: at(MONDAY - timedelta(days=random.choice([10, 30, 40])), "09:00")}
    return SeriesTerms(_doses(random, 3, 2), (Spacing("each", "previous", 28, 28, 61),), given=given)


def chemo(random: Random) -> SeriesTerms:
    rules = (Spacing(2, 1, 7, 7, 7), Spacing(3, 1, 14, 14, 14), Spacing("each", Back(3), 27, 28, 29))
    return SeriesTerms(_doses(random, random.choice([3, 4, 5, 6])), rules)


def five_in_fourteen(random: Random) -> SeriesTerms:
    return SeriesTerms(_doses(random, 5), within_days=random.choice([14, 8, 7, 6]))


def per_week(random: Random) -> SeriesTerms:
    return SeriesTerms(_doses(random, 6), (Spacing("each", "previous", random.choice([1, 2, 3])),), per_week=2)


def open_days(random: Random) -> SeriesTerms:
    return SeriesTerms(_doses(random, 5), (Spacing("each", "previous", 1, 1, random.choice([1, 2]), "open_days"),))


def in_hours(random: Random) -> SeriesTerms:
    least = random.choice([3, 22, 46])
    rules = (Spacing("each", "previous", least, None, least + random.choice([24, 30, 50]), "hours"),)
    return SeriesTerms(_doses(random, 4), rules, within_days=random.choice([None, 9]))


def among_others(random: Random) -> SeriesTerms:
    """The first was given, the fourth is booked and stays, the others go around it."""
    doses = tuple(one for one in _doses(random, 6, 2) if one.number != 4)
    stands = at(MONDAY + timedelta(days=random.randint(9, 16)), "10:00")
    rules = (Spacing("each", "previous", 2, None, 6), Spacing("each", "first", None, None, 35))
    return SeriesTerms(doses, rules, per_week=3, given={1: at(MONDAY, "09:00")}, booked={4: stands})


SHAPES: tuple[Shape, ...] = (
    ketamine,
    ocrelizumab,
    natalizumab,
    chemo,
    five_in_fourteen,
    per_week,
    open_days,
    in_hours,
    among_others,
)


def asked(seed: int) -> Asked:
    """One of the shapes in turn, of a clinic and for a patient of the seed's own."""
    random = Random(seed)
    shape = SHAPES[seed % len(SHAPES)]
    clinic = medium_clinic(random, 60 if shape in (ocrelizumab, natalizumab, chemo) else random.randint(30, 45))
    weekdays = random.sample(WEEKDAYS[:6], random.choice([3, 4, 5, 6]))
    available = {one: (WallRange(60 * (first := random.choice([8, 8, 9, 12])), 60 * (first + 6)),) for one in weekdays}
    wish = Wish(random.choice([None, time(9), time(10, 30), time(14)]))
    return Asked(clinic, shape(random), PatientTimes(available), wish, at(MONDAY, "07:00"))
