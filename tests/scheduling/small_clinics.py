"""Small random clinics, visits and orders for Hypothesis: small enough for brute force, odd enough to find mistakes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from hypothesis import strategies as st

from scheduling.capacity import Busy, Chair, ClinicSnapshot, Nurse, Phase, Prescriber
from scheduling.clinic_time import WEEKDAYS, ClinicTime, WallRange
from scheduling.intervals import Interval
from scheduling.series_search import DoseRequest, PatientTimes, SeriesTerms, Wish
from scheduling.spacing import Back, InvalidFields, Spacing, Unit

ZONE = "America/New_York"
MONDAY = date(2026, 1, 5)
NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
ANCHORS: list[Literal["previous", "first"] | int | Back] = ["previous", "previous", "first", 1, 2, Back(1), Back(2)]
# A plain day, the days on which New York's clocks go forward and back, and the days before them.
ODD_DAYS = (MONDAY, date(2026, 3, 7), date(2026, 3, 8), date(2026, 10, 31), date(2026, 11, 1))


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


@st.composite
def clinics(
    draw: st.DrawFn, day: date, days: int, opens: int, minutes: int, *, grids: tuple[int, ...]
) -> ClinicSnapshot:
    """Open `minutes` from minute `opens` after the first instant of each day, some with a break, some closed."""
    clock = ClinicTime(ZONE)
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

    chairs = tuple(
        Chair(f"chair {index}", frozenset(draw(st.sampled_from([(), ("bed",)]))), draw(spans(first, whole, most=1)))
        for index in range(draw(st.integers(1, 3)))
    )
    nurses = []
    for index in range(draw(st.integers(0, 2))):
        watch = draw(st.integers(1, 3))
        others = draw(st.integers(-1, watch))
        nurses.append(Nurse(f"nurse {index}", watch, others, presence(), draw(spans(first, whole, most=1))))
    prescribers = tuple(Prescriber(f"prescriber {index}", presence()) for index in range(draw(st.integers(0, 2))))
    busy: list[Busy] = []
    for one in starts.values():
        for chair in chairs:
            busy += [Busy(chair.id, "seat", taken) for taken in draw(spans(one, minutes, most=1))]
        for nurse in nurses:
            busy += [
                Busy(nurse.id, draw(st.sampled_from(["watch", "watch", "attention"])), taken)
                for taken in draw(spans(one, minutes, most=2 if days > 1 else 5))
            ]
        for prescriber in prescribers:
            busy += [Busy(prescriber.id, "with-patient", taken) for taken in draw(spans(one, minutes, most=1))]
    return ClinicSnapshot(
        ZONE,
        draw(st.sampled_from(grids)),
        hours,
        chairs,
        tuple(nurses),
        prescribers,
        tuple(busy),
        min_staff=draw(st.sampled_from([0, 0, 1, 2])),
        prescriber_presence_rule=draw(st.sampled_from(["on-site", "not-with-patient"])),
    )


@st.composite
def roomy_clinics(draw: st.DrawFn, day: date, days: int) -> ClinicSnapshot:
    """One chair, no staff, open three hours on nearly all days, with a few chair hours taken."""
    hours = {
        one: (period(one, "08:00", "11:00"),) if draw(st.integers(0, 5)) else ()
        for one in (day + timedelta(days=index) for index in range(days))
    }
    busy = [Busy("chair", "seat", taken) for one in hours for taken in draw(spans(at(one, "08:00"), 120, most=1))]
    return ClinicSnapshot(ZONE, draw(st.sampled_from([60, 30])), hours, (Chair("chair"),), (), (), tuple(busy))


@st.composite
def roomy_orders(draw: st.DrawFn, day: date, days: int, phases: tuple[Phase, ...]) -> SeriesTerms:
    """Two or three infusions to place and at times one that stands, under loose rules."""
    numbers = draw(st.integers(2, 4))
    stands = draw(st.integers(1, numbers)) if numbers == 4 or draw(st.booleans()) else None
    when = at(day + timedelta(days=draw(st.integers(0, days - 1))), "09:00")
    units: list[Unit] = ["days", "days", "hours", "open_days"]
    rules = []
    for _ in range(draw(st.integers(0, 3))):
        each, scale = draw(st.sampled_from(units)), draw(st.sampled_from([1, 1, 2]))
        least = draw(st.sampled_from([None, 0, 1, 2]))
        most = draw(st.sampled_from([None, None, 3, 4]))
        if least is None and most is None:
            least = 1
        factor = 22 * scale if each == "hours" else 1
        rules.append(
            Spacing(
                "each",
                draw(st.sampled_from(ANCHORS)),
                None if least is None else least * factor,
                None,
                None if most is None else most * factor,
                each,
                draw(st.sampled_from([frozenset[str]()] * 3 + [frozenset({"min"}), frozenset({"max"})])),
            )
        )
    return SeriesTerms(
        tuple(DoseRequest(number, phases) for number in range(1, numbers + 1) if number != stands),
        tuple(rules),
        within_days=draw(st.sampled_from([None, None, 4, 5, 6])),
        per_week=draw(st.sampled_from([None, None, 2, 3])),
        given={stands: when} if stands else {},
    )


@st.composite
def spacings(draw: st.DrawFn, numbers: int) -> Spacing:
    units: list[Unit] = ["days", "days", "days", "hours", "open_days"]
    unit = draw(st.sampled_from(units))
    scale = 20 if unit == "hours" else 1
    least = (
        draw(st.one_of(st.none(), st.integers(0, 3))) if unit != "hours" else draw(st.sampled_from([None, 1, 20, 48]))
    )
    most = draw(st.one_of(st.none(), st.integers(least or 0, (least or 0) + 3 * scale)))
    doses: list[Literal["each"] | int] = ["each", "each", *range(2, numbers + 1)]
    dose = draw(st.sampled_from(doses))
    after = draw(st.sampled_from(ANCHORS))
    soft = frozenset(draw(st.sets(st.sampled_from(["min", "max"]), max_size=1)) if draw(st.integers(0, 3)) == 0 else ())
    try:
        return Spacing(dose, after, least, None, most, unit, soft)
    except InvalidFields:
        return Spacing("each", "previous", 1)


@st.composite
def orders(draw: st.DrawFn, day: date, days: int, phases: tuple[Phase, ...]) -> SeriesTerms:
    """Two to four infusions, of which up to three are to place and the others given or booked on random days."""
    numbers = draw(st.sampled_from([1, 2, 3, 3, 4]))
    to_place = draw(st.sets(st.integers(1, numbers), min_size=draw(st.sampled_from([1, min(numbers, 2)])), max_size=3))
    others = [number for number in range(1, numbers + 1) if number not in to_place and draw(st.integers(0, 3))]
    offsets = draw(st.lists(st.integers(0, days - 1), min_size=len(others), max_size=len(others)).map(sorted))
    stands = {
        number: at(day + timedelta(days=offset), draw(st.sampled_from(["08:00", "09:00"])))
        for number, offset in zip(others, offsets, strict=True)
    }
    given = {number: start for number, start in stands.items() if draw(st.booleans())}
    return SeriesTerms(
        tuple(DoseRequest(number, phases) for number in to_place),
        tuple(draw(st.lists(spacings(max(numbers, 2)), max_size=3))),
        within_days=draw(st.sampled_from([None, None, 3, 5, 7])),
        per_week=draw(st.sampled_from([None, None, 1, 2])),
        given=given,
        booked={number: start for number, start in stands.items() if number not in given},
        not_before=draw(st.sampled_from([None, None, day + timedelta(days=1)])),
        not_after=draw(st.sampled_from([None, None, day + timedelta(days=days - 2)])),
    )


@st.composite
def patients(draw: st.DrawFn, first: datetime) -> PatientTimes:
    ranges = st.sampled_from(
        [
            (),
            (WallRange(0, 1440),),
            (WallRange(8 * 60, 10 * 60 + 2), WallRange(10 * 60 + 2, 11 * 60)),
            (WallRange(9 * 60 + 3, 12 * 60),),
        ]
    )
    available = draw(st.one_of(st.none(), st.dictionaries(st.sampled_from(WEEKDAYS), ranges, min_size=4)))
    return PatientTimes(available, draw(spans(first, 5 * 24 * 60, longest=600, most=1)))


def wishes() -> st.SearchStrategy[Wish]:
    return st.builds(
        Wish,
        st.sampled_from([None, time(8, 0), time(9, 0), time(9, 40), time(18, 0)]),
        st.sampled_from([None, None, None, frozenset({"mon", "wed", "thu", "fri"})]),
    )
