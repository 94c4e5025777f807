"""Small random orders, patients and wishes for Hypothesis, to go with small clinics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal

from hypothesis import strategies as st

from scheduling.capacity import Phase
from scheduling.clinic_time import WEEKDAYS, WallRange
from scheduling.series_terms import DoseRequest, PatientTimes, SeriesTerms, Wish
from scheduling.spacing import Back, InvalidFields, Spacing, Unit
from tests.scheduling.small_clinics import at, easy_phases, spans

ANCHORS: list[Literal["previous", "first"] | int | Back] = ["previous", "previous", "first", 1, 2, Back(1), Back(2)]
REVIEWS = (
    (Phase("review", 15, chair=False, prescriber="with-patient"),),
    (Phase("talk", 20, chair=False, prescriber="with-patient"), Phase("write", 20, chair=False)),
)


@st.composite
def doses(
    draw: st.DrawFn, numbers: Sequence[int], phases: st.SearchStrategy[tuple[Phase, ...]]
) -> tuple[DoseRequest, ...]:
    """All of one kind, or of two kinds."""
    kinds = [draw(phases), draw(phases)] if draw(st.booleans()) else [draw(phases)]
    return tuple(DoseRequest(number, draw(st.sampled_from(kinds))) for number in numbers)


@st.composite
def reviews(draw: st.DrawFn, to_place: set[int], stand: set[int]) -> dict[int, tuple[Phase, ...]]:
    """None, or one or two between neighbours of which one is to place."""
    there = to_place | stand
    between = [one for one in there if one + 1 in there and {one, one + 1} & to_place]
    if not between or draw(st.booleans()):
        return {}
    return draw(st.dictionaries(st.sampled_from(between), st.sampled_from(REVIEWS), min_size=1, max_size=2))


@st.composite
def roomy_orders(draw: st.DrawFn, day: date, days: int) -> SeriesTerms:
    """Two or three infusions to place and at times one that stands, under loose rules."""
    numbers = draw(st.integers(2, 4))
    stands = draw(st.integers(1, numbers)) if numbers == 4 or draw(st.booleans()) else None
    to_place = [number for number in range(1, numbers + 1) if number != stands]
    when = at(day + timedelta(days=draw(st.integers(0, days - 1))), "09:00")
    as_given = draw(st.booleans())
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
        draw(doses(to_place, easy_phases())),
        tuple(rules),
        within_days=draw(st.sampled_from([None, None, 4, 5, 6])),
        per_week=draw(st.sampled_from([None, None, 2, 3])),
        reviews=draw(reviews({*to_place}, {stands} if stands else set())),
        given={stands: when} if stands and as_given else {},
        booked={stands: when} if stands and not as_given else {},
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
def orders(draw: st.DrawFn, day: date, days: int, phases: st.SearchStrategy[tuple[Phase, ...]]) -> SeriesTerms:
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
        draw(doses(sorted(to_place), phases)),
        tuple(draw(st.lists(spacings(max(numbers, 2)), max_size=3))),
        within_days=draw(st.sampled_from([None, None, 3, 5, 7])),
        per_week=draw(st.sampled_from([None, None, 1, 2])),
        reviews=draw(reviews(to_place, {*stands})),
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
