from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from scheduling.binding_sides import NO_LIMIT
from scheduling.capacity import Chair, ClinicSnapshot, Nurse, Phase, Prescriber
from scheduling.clinic_time import weekday_key
from scheduling.other_terms import with_side
from scheduling.series_search import DoseRequest, PatientTimes, SeriesTerms, WhyNot, Wish, propose
from scheduling.spacing import Spacing
from scheduling.what_if import Asked
from scheduling.why_not import TEXTS
from tests.counts import count
from tests.scheduling.proofs.small_orders import orders, patients, wishes
from tests.scheduling.small_clinics import MONDAY, NOW, at, clinics, easy_phases, period
from tests.scheduling.test_no_free_start import BED, with_plenty
from tests.scheduling.test_why_not import DAILY, DAYS, VISIT, clinic, mornings, terms

NINE = Wish(time(9, 0))
SHORT = (Phase("infuse", 30, nurse="watch"),)


def problems(snapshot: ClinicSnapshot, order: SeriesTerms, wish: Wish = NINE) -> tuple[WhyNot, ...]:
    result = propose(snapshot, order, PatientTimes(), wish, NOW, 1)
    assert result.proposals == ()
    return result.problems


def said(snapshot: ClinicSnapshot, order: SeriesTerms, wish: Wish = NINE) -> list[str]:
    return [one.message for one in problems(snapshot, order, wish)]


def standing(numbers: tuple[int, ...], rule: Spacing, **rules: Any) -> SeriesTerms:
    return SeriesTerms(tuple(DoseRequest(number, VISIT) for number in numbers), (rule,), **rules)


def test_each_infusion_has_its_own_reason() -> None:
    first_week_only = Nurse("n", 2, shifts=tuple(period(day, "08:00", "18:00") for day in DAYS[:2]))
    found = problems(clinic(nurses=(first_week_only,), busy=mornings("seat", "c", DAYS[:1])), terms())
    assert [(one.number, one.resource) for one in found] == [(2, "nurses"), (3, "nurses")]
    assert (
        found[0].message == "Infusion 2: no nurse is on duty for the whole visit from Wed 7 Jan 2026 to Fri 9 Jan 2026."
    )


def test_an_infusion_behind_one_without_a_place_is_judged_as_if_that_one_had_one() -> None:
    taken = mornings("seat", "c", DAYS[1:4])
    away = Prescriber("p", tuple(period(day, "08:00", "18:00") for day in DAYS[:2]))
    found = problems(clinic(busy=taken, prescribers=(away,)), terms(3, not_after=DAYS[9]))
    assert [(one.number, one.resource) for one in found] == [(2, "chairs"), (3, "prescriber")]


def test_an_earlier_infusion_that_misses_one_thing_on_the_right_day_is_named() -> None:
    hours = {day: (period(day, "09:00", "10:00"),) if day in DAYS[:3] else () for day in DAYS}
    away = Nurse("n", 2, shifts=tuple(period(day, "08:00", "18:00") for day in (DAYS[0], DAYS[2])))
    assert said(clinic(open=hours, nurses=(away,)), terms()) == [
        "Infusion 2: only a free nurse is missing on Tue 6 Jan 2026.",
        "Infusion 3: the visit does not fit into the opening hours from Thu 8 Jan 2026 to Sat 10 Jan 2026.",
    ]
    closed = {**hours, DAYS[1]: ()}
    assert said(clinic(open=closed), terms())[0] == (
        "Infusion 2: nothing but the closed clinic stands in the way on Tue 6 Jan 2026."
    )


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (
            standing((2,), DAILY, given={1: at(date(2025, 12, 20), "09:00")}),
            ["Infusion 2: its rules ask for it by Tue 23 Dec 2025 at the latest."],
        ),
        (
            standing((2, 3), Spacing("each", "previous", 28), given={1: at(date(2025, 12, 20), "09:00")}),
            ["Infusion 2: its rules ask for it from Sat 17 Jan 2026 on, after the last day searched."],
        ),
        (
            standing((1, 2), Spacing("each", "previous", 2, None, 2), booked={3: at(DAYS[1], "09:00")}),
            ["Infusion 2: its rules ask for it from Wed 7 Jan 2026 on, and by Sun 4 Jan 2026 at the latest."],
        ),
        (
            terms(3, not_after=DAYS[1]),
            ["Infusion 3: its rules ask for it from Wed 7 Jan 2026 on, and by Tue 6 Jan 2026 at the latest."],
        ),
        (
            standing((2, 3), DAILY, per_week=1, given={1: at(DAYS[0], "09:00")}),
            ["Infusion 2: each calendar week it could be in has as many as are allowed (1)."],
        ),
        (
            standing((2, 3), Spacing("each", "previous", 20, None, 23, "hours"), given={1: at(DAYS[0], "09:00")}),
            ["Infusion 2: no free start lies at most 23 hours after infusion 1."],
        ),
        (
            standing((1,), Spacing("each", "previous", None, None, 20, "hours"), booked={2: at(DAYS[9], "09:00")}),
            ["Infusion 1: no free start lies at most 20 hours before infusion 2."],
        ),
        (terms(3, within_days=2), ["Infusion 3: no free start lies within the 2 days that the series may take."]),
        (
            terms(3, (Spacing("each", "previous", 1, 1, 2),), per_week=1),
            ["Infusion 2: a free start would be one too many for its calendar week (1 allowed)."],
        ),
        (
            terms(3, (Spacing("each", "previous", 3), Spacing(3, "first", None, None, 4))),
            ["Infusion 3: no free start lies at most 4 days after infusion 1."],
        ),
        (
            terms(3, (Spacing("each", "previous", 3, None, 3, "open_days"), Spacing(3, 1, None, None, 5, "open_days"))),
            ["Infusion 3: no free start lies at most 5 open days after infusion 1."],
        ),
    ],
)
def test_the_rule_that_binds_is_named_with_what_it_says(order: SeriesTerms, expected: list[str]) -> None:
    assert said(clinic(), order) == expected


@pytest.mark.parametrize(
    ("weekdays", "order", "expected"),
    [
        (
            {"mon"},
            standing((2,), Spacing("each", "previous", 2, 2, 4), given={1: at(DAYS[0], "09:00")}),
            (
                "Infusion 2: it is ordered at most 4 days after infusion 1, so it can only be from Wed 7 Jan 2026 to "
                "Fri 9 Jan 2026, and no wished weekday is there."
            ),
        ),
        (
            {"mon"},
            terms(2, (Spacing("each", "previous", 2, 2, 4),), not_after=DAYS[6]),
            (
                "Infusion 2: by its rules it can only be from Wed 7 Jan 2026 to Fri 9 Jan 2026, and no wished "
                "weekday is there."
            ),
        ),
        (
            {"mon", "wed"},
            terms(3, (Spacing("each", "previous", 2, 2, 4),)),
            (
                "Infusion 3: it is ordered at most 4 days after infusion 2, so it can be from Fri 9 Jan 2026 to "
                "Sun 11 Jan 2026 at the earliest, and no wished weekday is there, nor among its later days."
            ),
        ),
        (
            {"tue"},
            standing((1,), Spacing("each", "previous", 3), booked={2: at(DAYS[3], "09:00")}),
            (
                "Infusion 1: it is ordered at least 3 days before infusion 2, so it can only be on Mon 5 Jan 2026, and "
                "no wished weekday is there."
            ),
        ),
    ],
)
def test_where_the_spacing_leaves_no_wished_weekday_it_is_named_with_the_days_it_leaves(
    weekdays: set[str], order: SeriesTerms, expected: str
) -> None:
    assert expected in said(clinic(), order, Wish(time(9, 0), frozenset(weekdays)))


def test_where_the_wished_weekday_is_among_the_days_the_spacing_is_not_blamed() -> None:
    away = Nurse("n", 2, shifts=tuple(period(day, "08:00", "18:00") for day in DAYS if day.weekday() != 2))
    order = terms(2, (Spacing("each", "previous", 2, 2, 4),))
    found = problems(clinic(nurses=(away,)), order, Wish(time(9, 0), frozenset({"mon", "wed"})))
    assert {one.text for one in found}.isdisjoint({TEXTS["weekdays_apart"], TEXTS["weekdays_apart_first"]})


def test_a_review_that_finds_no_time_is_named() -> None:
    review = (Phase("review", 30, chair=False, prescriber="with-patient"),)

    def with_reviews_on(days: list[date]) -> list[str]:
        there = Prescriber("p", tuple(period(day, "08:00", "18:00") for day in days))
        doses = tuple(DoseRequest(number, SHORT) for number in (1, 2, 3))
        order = SeriesTerms(doses, (DAILY,), reviews={2: review}, not_after=DAYS[3])
        return said(clinic(prescribers=(there,)), order)

    assert with_reviews_on(DAYS[:1]) == ["Infusion 2: no free start leaves time for the review after it."]
    assert with_reviews_on(DAYS[4:]) == ["Infusion 3: the review before it finds no time between the infusions."]


def test_a_chair_of_which_there_is_one_is_named() -> None:
    beds = (Phase("infuse", 60, features=BED),)
    order = SeriesTerms((DoseRequest(1, beds),))
    (one,) = problems(
        clinic(
            chairs=(Chair("c"), Chair("b", BED, (period(DAYS[0], "00:00", "23:00"),))),
            open={DAYS[0]: (period(DAYS[0], "09:00", "12:00"),)},
        ),
        order,
    )
    assert (one.resource, one.resource_id) == ("chairs", "b")


def test_the_first_reason_is_given_however_late_it_is() -> None:
    ticks = iter(range(10_000))
    result = propose(
        clinic(chairs=()), terms(), PatientTimes(), NINE, NOW, 1, deadline_seconds=70, clock=lambda: float(next(ticks))
    )
    assert [(one.rule, one.number) for one in result.problems] == [("no_free_start", 1)]


# ---------------------------------------------------------------------------------------------------- by leaving it out


def has_series(what: Asked, doses: int | None = None) -> bool:
    """Whether there is a series, or one of its first infusions."""
    order = what.terms if doses is None else replace(what.terms, doses=what.terms.doses[:doses])
    return bool(propose(what.clinic, order, what.patient, what.wish, NOW, 1, deadline_seconds=600).proposals)


def with_plenty_on(snapshot: ClinicSnapshot, name: str, day: date) -> ClinicSnapshot:
    """One thing never missing on one day."""
    others = tuple(snapshot.clock.day_bounds(one) for one in snapshot.open if one != day)
    plenty = with_plenty(snapshot, name)
    if name == "chairs":
        return replace(plenty, chairs=(*snapshot.chairs, replace(plenty.chairs[-1], out=others)))
    if name == "nurses":
        return replace(plenty, nurses=(*snapshot.nurses, replace(plenty.nurses[-1], absent=others)))
    if name == "prescriber":
        there = (snapshot.clock.day_bounds(day),)
        return replace(plenty, prescribers=(*snapshot.prescribers, Prescriber("plenty", there)))
    return (
        replace(plenty, open={**snapshot.open, day: (snapshot.clock.day_bounds(day),)}) if name == "hours" else plenty
    )


def without_only(what: Asked, problem: WhyNot) -> Asked:
    name, day = str(problem.resource), problem.values["first"]
    assert isinstance(day, date)
    if name == "patient":
        return replace(what, patient=PatientTimes())
    if name == "weekdays":
        wished = {*(what.wish.weekdays or ()), weekday_key(day)}
        return replace(what, wish=Wish(what.wish.time, frozenset(wished)))
    if name == "last_end":
        return replace(what, clinic=replace(what.clinic, last_end=None))
    return replace(what, clinic=with_plenty_on(what.clinic, name, day))


def without_rule(what: Asked, problem: WhyNot) -> Asked:
    order = what.terms
    if problem.rule in ("within_days", "per_week"):
        given_up: dict[str, Any] = {problem.rule: None}
        return replace(what, terms=replace(order, **given_up))
    side = next(side for side in ("max", "min") if f"at {'most' if side == 'max' else 'least'}" in problem.message)
    number, other = problem.number or 0, int(str(problem.values["anchor"]))
    for entry, spacing in enumerate(order.spacings):
        if getattr(spacing, side) == problem.values["count"]:
            for later in {number, other}:
                try:
                    loose = with_side(order, entry, later, side, NO_LIMIT if side == "max" else 0)
                except StopIteration:
                    continue
                if has_series(replace(what, terms=loose), position(what, number)):
                    return replace(what, terms=loose)
    return what


def position(what: Asked, number: int | None) -> int:
    return [dose.number for dose in what.terms.doses].index(number or 0) + 1


def check_first(what: Asked, problem: WhyNot) -> None:
    """No path reaches this infusion, though one reaches the one before; without the rule that is named, one does."""
    reach = position(what, problem.number)
    event(f"{problem.rule} {problem.resource}")
    assert not has_series(what, reach)
    assert reach == 1 or has_series(what, reach - 1)
    names_a_rule = "anchor" in problem.values or problem.rule in ("within_days", "per_week", "spacing")
    if names_a_rule and problem.text not in (TEXTS["spacing"], TEXTS["full_weeks"]):
        assert has_series(without_rule(what, problem), reach)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), days=st.integers(3, 7), wish=wishes())
def test_without_the_reason_that_is_given_it_would_work(data: st.DataObject, days: int, wish: Wish) -> None:
    draw = data.draw
    snapshot = draw(clinics(MONDAY, days, 8 * 60, 180, grids=(60, 40)))
    order = draw(orders(MONDAY, days, easy_phases()))
    order = replace(order, doses=tuple(sorted(order.doses, key=lambda dose: dose.number)))
    what = Asked(snapshot, order, draw(patients(at(MONDAY, "08:00"))), wish)
    result = propose(what.clinic, what.terms, what.patient, what.wish, NOW, 1, deadline_seconds=600)
    assume(not result.proposals)
    assert result.problems
    count("searches without a series, of which the reasons were left out")
    assert [one.number or 0 for one in result.problems] == sorted(one.number or 0 for one in result.problems)
    if any(spacing.soft for spacing in order.spacings):
        return
    unreached = [one for one in result.problems if not is_only(one) and one.rule not in ("anchor", "open_days")]
    # What comes after the first ones, and the reviews between, is left out with those behind.
    if unreached and not order.reviews and not any(number > order.doses[0].number for number in order.known):
        check_first(what, unreached[0])
    for one in result.problems:
        if is_only(one):
            event(f"only {one.resource}")
            if one.resource != "hours" or all(spacing.unit != "open_days" for spacing in order.spacings):
                assert has_series(without_only(what, one)), one


def is_only(problem: WhyNot) -> bool:
    return problem.text == TEXTS.get(f"{problem.resource}_only")
