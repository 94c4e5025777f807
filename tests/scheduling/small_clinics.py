"""Small random clinics, visits and orders for Hypothesis: small enough for brute force, odd enough to find mistakes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from hypothesis import strategies as st

from scheduling.capacity import Busy, Chair, ClinicSnapshot, Equipment, Nurse, Phase, Prescriber
from scheduling.clinic_time import ClinicTime
from scheduling.intervals import Interval

ZONE = "America/New_York"
MONDAY = date(2026, 1, 5)
NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
# A plain day, days on which clocks go forward and back (by an hour, by half of one, at midnight), and days before them.
ODD_DAYS = (
    (ZONE, MONDAY),
    (ZONE, date(2026, 3, 7)),
    (ZONE, date(2026, 3, 8)),
    (ZONE, date(2026, 10, 31)),
    (ZONE, date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Havana", date(2026, 10, 31)),
    ("Asia/Kathmandu", MONDAY),
)
# For days that open in the morning, and for those that open in the hours that clocks skip or show twice.
LATE_ENDS, EARLY_ENDS = (time(10, 25),), (time(1, 30), time(2, 40))
PLACES_DRAWN: tuple[Literal["chair", "bay"], ...] = ("chair", "chair", "bay")
PIECES_DRAWN = 3
WORDS_DRAWN = (0, 0, 2)
EQUIPMENT_WORDS = ("monitor", "pump")


def at(day: date, wall: str, zone: str = ZONE) -> datetime:
    return ClinicTime(zone).at_wall(day, time.fromisoformat(wall))


def period(day: date, start: str, end: str, zone: str = ZONE) -> Interval:
    return Interval(at(day, start, zone), at(day, end, zone))


@st.composite
def phase_lists(draw: st.DrawFn) -> tuple[Phase, ...]:
    minutes = st.integers(1, 6).map(lambda count: count * 5)
    phases = [
        Phase(
            f"part {index}",
            draw(minutes),
            chair=draw(st.booleans()),
            nurse=draw(st.sampled_from(["none", "watch", "attention"])),
            prescriber=draw(st.sampled_from(["none", "none", "present", "with-patient"])),
            features=frozenset(draw(st.sets(st.sampled_from(["bed"]), max_size=1))),
            place=draw(st.sampled_from(PLACES_DRAWN)),
            equipment=frozenset(
                draw(st.sets(st.sampled_from(EQUIPMENT_WORDS), max_size=draw(st.sampled_from(WORDS_DRAWN))))
            ),
        )
        for index in range(draw(st.integers(1, 4)))
    ]
    if draw(st.booleans()):
        phases.append(Phase("turnover", draw(minutes)))
    return tuple(phases)


def easy_phases() -> st.SearchStrategy[tuple[Phase, ...]]:
    return st.sampled_from(
        [
            (Phase("infuse", 20, nurse="none"),),
            (Phase("infuse", 30), Phase("turnover", 45)),
            (Phase("set up", 10, nurse="attention"), Phase("infuse", 25, nurse="watch"), Phase("turnover", 10)),
        ]
    )


def spans(
    first: datetime, minutes: int, *, longest: int = 60, most: int = 3
) -> st.SearchStrategy[tuple[Interval, ...]]:
    """Periods of whole minutes, not on the 5-minute steps, from `first` on."""
    one = st.tuples(st.integers(0, minutes), st.integers(1, longest)).map(
        lambda pair: Interval(first + timedelta(minutes=pair[0]), first + timedelta(minutes=sum(pair)))
    )
    return st.lists(one, max_size=most).map(tuple)


def one_attention_at_a_time(of_one_nurse: Iterable[Busy]) -> list[Busy]:
    """What a nurse is busy with, without a second attention at the same time: she has one place for it, and the
    database lets nobody else in."""
    kept: list[Busy] = []
    for one in of_one_nurse:
        beside = [other for other in kept if other.role == one.role == "attention"]
        if not any(other.period.overlaps(one.period) for other in beside):
            kept.append(one)
    return kept


@st.composite
def clinics(
    draw: st.DrawFn, day: date, days: int, opens: int, minutes: int, *, grids: tuple[int, ...], zone: str = ZONE
) -> ClinicSnapshot:
    """Open `minutes` from minute `opens` after the first instant of each day, some with a break, some closed."""
    clock = ClinicTime(zone)
    starts = {
        one: clock.day_start(one) + timedelta(minutes=opens)
        for one in (day + timedelta(days=index) for index in range(days))
    }
    hours: dict[date, tuple[Interval, ...]] = {}
    for one, first in starts.items():
        end = min(first + timedelta(minutes=minutes), clock.day_bounds(one).end)
        split = first + timedelta(minutes=draw(st.sampled_from([0, 0, 40, 60])))
        kept = [part for part in ((first, split - timedelta(minutes=10)), (split, end)) if part[0] < part[1]]
        hours[one] = tuple(Interval(*part) for part in kept) if days == 1 or draw(st.integers(0, 4)) else ()
    first, last = min(starts.values()), max(starts.values()) + timedelta(minutes=minutes)
    whole = int((last - first).total_seconds()) // 60 + 60
    on = (Interval(first, last + timedelta(hours=3)),)

    def presence() -> tuple[Interval, ...]:
        return draw(st.sampled_from([on, on, (Interval(first + timedelta(minutes=23), last),)]))

    def seats(name: str, least: int, most: int) -> tuple[Chair, ...]:
        return tuple(
            Chair(
                f"{name} {index}", frozenset(draw(st.sampled_from([(), ("bed",)]))), draw(spans(first, whole, most=1))
            )
            for index in range(draw(st.integers(least, most)))
        )

    chairs, bays = seats("chair", 1, 3), seats("bay", 0, 2)
    equipment = tuple(
        Equipment(
            f"piece {index}",
            frozenset(draw(st.sets(st.sampled_from(EQUIPMENT_WORDS), min_size=1))),
            draw(spans(first, whole, most=1)),
        )
        for index in range(draw(st.integers(0, PIECES_DRAWN)))
    )
    nurses = []
    for index in range(draw(st.integers(0, 2))):
        watch = draw(st.integers(1, 3))
        others = draw(st.integers(-1, watch))
        nurses.append(Nurse(f"nurse {index}", watch, others, presence(), draw(spans(first, whole, most=1))))
    prescribers = tuple(Prescriber(f"prescriber {index}", presence()) for index in range(draw(st.integers(0, 2))))
    busy: list[Busy] = []
    for one in starts.values():
        for seat in (*chairs, *bays):
            busy += [Busy(seat.id, "seat", taken) for taken in draw(spans(one, minutes, most=1))]
        for piece in equipment:
            busy += [Busy(piece.id, "use", taken) for taken in draw(spans(one, minutes, most=1))]
        for nurse in nurses:
            busy += one_attention_at_a_time(
                Busy(nurse.id, draw(st.sampled_from(["watch", "watch", "attention"])), taken)
                for taken in draw(spans(one, minutes, most=2 if days > 1 else 5))
            )
        for prescriber in prescribers:
            busy += [Busy(prescriber.id, "with-patient", taken) for taken in draw(spans(one, minutes, most=1))]
    return ClinicSnapshot(
        zone,
        draw(st.sampled_from(grids)),
        hours,
        chairs,
        tuple(nurses),
        prescribers,
        tuple(busy),
        last_end=draw(st.sampled_from([None, None, *(LATE_ENDS if opens >= 8 * 60 else EARLY_ENDS)])),
        min_staff=draw(st.sampled_from([0, 0, 1, 2])),
        prescriber_presence_rule=draw(st.sampled_from(["on-site", "not-with-patient"])),
        bays=bays,
        equipment=equipment,
    )


@st.composite
def roomy_clinics(draw: st.DrawFn, day: date, days: int) -> ClinicSnapshot:
    """One chair, no nurse, open three hours on nearly all days, with a few chair hours taken; on many days there is a
    prescriber who sees patients."""
    hours = {
        one: (period(one, "08:00", "11:00"),) if draw(st.integers(0, 5)) else ()
        for one in (day + timedelta(days=index) for index in range(days))
    }
    busy = [Busy("chair", "seat", taken) for one in hours for taken in draw(spans(at(one, "08:00"), 120, most=1))]
    there = [draw(st.sampled_from([None, ("08:00", "11:00"), ("09:30", "10:30")])) for _ in hours]
    on_site = tuple(period(one, *when) for one, when in zip(hours, there, strict=True) if when)
    return ClinicSnapshot(
        ZONE,
        draw(st.sampled_from([60, 30])),
        hours,
        (Chair("chair"),),
        (),
        (Prescriber("prescriber", on_site),),
        tuple(busy),
    )
