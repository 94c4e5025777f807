from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from scheduling.capacity import Busy, Chair, ClinicSnapshot, Nurse, Phase, Prescriber
from scheduling.clinic_time import WallRange
from scheduling.intervals import Interval
from scheduling.series_search import DoseRequest, PatientTimes, SeriesTerms, WhyNot, Wish, propose
from scheduling.spacing import Back, InvalidFields, Spacing
from tests.scheduling.small_clinics import MONDAY, NOW, ZONE, at, period

DAYS = [MONDAY + timedelta(days=index) for index in range(12)]
VISIT = (Phase("set up", 15, nurse="attention", prescriber="present"), Phase("infuse", 45, nurse="watch"))
DAILY = Spacing("each", "previous", 1, 2, 3)


def clinic(**changes: Any) -> ClinicSnapshot:
    hours = {day: (period(day, "09:00", "12:00"),) if day.weekday() < 5 else () for day in DAYS}
    duty = tuple(period(day, "08:00", "18:00") for day in DAYS)
    whole: dict[str, Any] = {
        "zone_name": ZONE,
        "grid_minutes": 30,
        "open": hours,
        "chairs": (Chair("c"),),
        "nurses": (Nurse("n", 2, shifts=duty),),
        "prescribers": (Prescriber("p", duty),),
        **changes,
    }
    return ClinicSnapshot(**whole)


def terms(count: int = 3, spacings: tuple[Spacing, ...] = (DAILY,), **rules: Any) -> SeriesTerms:
    return SeriesTerms(tuple(DoseRequest(number, VISIT) for number in range(1, count + 1)), spacings, **rules)


def why_not(
    snapshot: ClinicSnapshot,
    order: SeriesTerms,
    patient: PatientTimes | None = None,
    wish: Wish | None = None,
    now: datetime = NOW,
) -> WhyNot:
    result = propose(snapshot, order, patient or PatientTimes(), wish or Wish(time(9, 0)), now, 3)
    assert result.proposals == ()
    return result.problems[0]


def mornings(role: Any, resource_id: str, days: list[date]) -> tuple[Busy, ...]:
    return tuple(Busy(resource_id, role, period(day, "09:00", "12:00")) for day in days)


def test_there_is_a_proposal_when_nothing_is_taken() -> None:
    assert propose(clinic(), terms(), PatientTimes(), Wish(time(9, 0)), NOW, 3).problems == ()


@pytest.mark.parametrize(
    ("changes", "resource", "words"),
    [
        ({"busy": mornings("seat", "c", DAYS)}, "chairs", "no chair is free for the whole visit"),
        ({"busy": mornings("attention", "n", DAYS)}, "nurses", "no nurse is free for the whole visit"),
        ({"prescribers": ()}, "prescriber", "no prescriber is there when the visit needs one"),
        ({"min_staff": 3}, "staff", "too few staff are on duty"),
        ({"last_end": time(9, 30)}, "last_end", "the visit would end later than the clinic's last end"),
        ({"grid_minutes": 1440}, "grid", "no start time of the clinic fits"),
    ],
)
def test_the_binding_resource_is_named(changes: dict[str, Any], resource: str, words: str) -> None:
    problem = why_not(clinic(**changes), terms())
    assert (problem.rule, problem.number, problem.resource) == ("no_free_start", 1, resource)
    assert problem.message == f"Infusion 1: {words} from Mon 5 Jan 2026 to Fri 16 Jan 2026."


def test_the_infusion_that_finds_nothing_is_named_with_its_window() -> None:
    problem = why_not(clinic(busy=mornings("seat", "c", DAYS[1:])), terms())
    assert (problem.number, problem.resource) == (2, "chairs")
    assert problem.message == "Infusion 2: no chair is free for the whole visit from Tue 6 Jan 2026 to Thu 8 Jan 2026."


def test_the_patients_times_and_wishes_are_named() -> None:
    evenings = PatientTimes({"mon": (WallRange.from_text("17:00-20:00"),)})
    assert why_not(clinic(), terms(), evenings).resource == "patient"
    away = PatientTimes(busy=(Interval(at(DAYS[0], "00:00"), at(DAYS[-1], "23:00")),))
    assert why_not(clinic(), terms(), away).resource == "patient"
    assert why_not(clinic(), terms(), wish=Wish(time(9, 0), frozenset({"sun"}))).resource == "weekdays"
    assert why_not(clinic(), terms(1), now=at(DAYS[11], "13:00")).resource == "past"


def test_chairs_and_nurses_that_are_never_free_together_are_said_to_be_so() -> None:
    early = tuple(Busy("c", "seat", period(day, "09:00", "10:30")) for day in DAYS)
    late = tuple(Busy("n", "attention", period(day, "10:30", "12:00")) for day in DAYS)
    problem = why_not(clinic(busy=early + late), terms())
    assert problem.resource == "chairs"  # without its bookings the nurse's free hour would do
    assert "no chair is free when everything else would be" in problem.message
    no_prescriber_early = clinic(
        busy=early + late, prescribers=(Prescriber("p", tuple(period(day, "10:30", "12:00") for day in DAYS)),)
    )
    problem = why_not(no_prescriber_early, terms())
    assert problem.resource == "nurses"


def test_a_free_start_outside_the_patients_times_is_said() -> None:
    mornings_only = PatientTimes(
        {key: (WallRange.from_text("09:00-10:00"),) for key in ("mon", "tue", "wed", "thu", "fri")}
    )
    taken = tuple(Busy("c", "seat", period(day, "09:00", "10:00")) for day in DAYS)
    result = propose(clinic(busy=taken), terms(), mornings_only, Wish(), NOW, 3)
    assert [problem.resource for problem in result.problems[:2]] == ["chairs", "patient"]
    assert result.problems[1].message == (
        "Infusion 1: a start is free from Mon 5 Jan 2026 to Fri 16 Jan 2026, but outside the patient's times."
    )


def test_rules_over_the_series_are_named() -> None:
    within = why_not(clinic(), terms(3, within_days=2))
    assert (within.rule, within.message) == (
        "within_days",
        "Infusion 3: no free start lies within the 2 days that the series may take.",
    )
    week = why_not(clinic(), terms(3, (Spacing("each", "previous", 1, 1, 2),), per_week=1))
    assert (week.rule, week.message) == (
        "per_week",
        "Infusion 2: a free start would be one too many for its calendar week (1 allowed).",
    )


def test_rules_that_contradict_each_other_are_named() -> None:
    rules = (Spacing("each", "previous", 3), Spacing(3, "first", None, None, 4))
    problem = why_not(clinic(), terms(3, rules))
    assert (problem.rule, problem.number) == ("spacing", 3)
    assert problem.message == "Infusion 3: no free start lies at most 4 days after infusion 1."


def test_an_anchor_without_a_time_is_named() -> None:
    order = SeriesTerms((DoseRequest(4, VISIT),), (Spacing(4, 3, 2),), given={1: at(DAYS[0], "09:00")})
    problem = why_not(clinic(), order)
    assert (problem.rule, problem.number) == ("anchor", 4)
    assert problem.message == "Infusion 4 counts from infusion 3, which has no time yet."


def test_a_window_past_the_planned_days_is_named() -> None:
    order = SeriesTerms((DoseRequest(2, VISIT),), (Spacing("each", "previous", 28),), given={1: at(DAYS[0], "09:00")})
    problem = why_not(clinic(), order)
    assert (problem.rule, problem.number) == ("window", 2)


def test_open_days_before_the_known_hours_are_named() -> None:
    order = SeriesTerms(
        (DoseRequest(2, VISIT),),
        (Spacing("each", "previous", 1, unit="open_days"),),
        given={1: at(date(2025, 12, 1), "09:00")},
    )
    problem = why_not(clinic(), order)
    assert (problem.rule, problem.number) == ("open_days", 2)


def test_the_search_stops_at_its_deadline_and_says_so() -> None:
    ticks = iter(range(1000))
    result = propose(
        clinic(),
        terms(),
        PatientTimes(),
        Wish(time(9, 0)),
        NOW,
        1000,
        deadline_seconds=25,
        clock=lambda: float(next(ticks)),
    )
    assert [problem.rule for problem in result.problems] == ["time_limit"]
    assert result.problems[0].message == "The search stopped after 25 seconds; these are the best found until then."
    at_once = propose(clinic(), terms(), PatientTimes(), Wish(time(9, 0)), NOW, 1000, deadline_seconds=0)
    assert [problem.rule for problem in at_once.problems] == ["time_limit_nothing"]
    complete = propose(clinic(), terms(), PatientTimes(), Wish(time(9, 0)), NOW, 1000)
    assert 0 < len(result.proposals) < len(complete.proposals)
    assert complete.proposals[: len(result.proposals)] == result.proposals


@pytest.mark.parametrize(
    ("spacing", "expected"),
    [
        (Spacing("each", "previous", 1, None, 2), "01-07"),
        (Spacing("each", "previous", 1, None, 2, "open_days"), "01-07"),
        (Spacing("each", "previous", 20, None, 48, "hours"), "01-07"),
        (Spacing("each", "previous", 1), "01-05"),
        (Spacing(3, "first", 1, None, 2), "01-07"),
    ],
)
def test_what_stands_later_bounds_what_comes_before(spacing: Spacing, expected: str) -> None:
    order = SeriesTerms((DoseRequest(1, VISIT), DoseRequest(2, VISIT)), (spacing,), booked={3: at(DAYS[4], "11:00")})
    single = SeriesTerms((DoseRequest(2, VISIT),), (spacing,), booked={3: at(DAYS[4], "11:00")}, given={})
    found = propose(clinic(), single, PatientTimes(), Wish(time(9, 0)), NOW, 1).proposals
    assert [one.finish_date for one in found] == [date.fromisoformat(f"2026-{expected}")]
    assert all(visit.start < at(DAYS[4], "09:00") for one in found for visit in one.visits)
    both = propose(clinic(), order, PatientTimes(), Wish(time(9, 0)), NOW, 50).proposals
    assert both
    assert all(one.finish_date < DAYS[4] for one in both)


def test_open_days_count_from_an_infusion_given_the_day_before_the_known_days() -> None:
    order = SeriesTerms(
        (DoseRequest(2, VISIT),), (Spacing(2, 1, 1, 1, 1, "open_days"),), given={1: at(date(2026, 1, 4), "09:00")}
    )
    found = propose(clinic(), order, PatientTimes(), Wish(time(9, 0)), NOW, 1).proposals
    assert [one.finish_date for one in found] == [MONDAY]


def test_hours_let_infusions_share_a_day_around_one_that_stands() -> None:
    short = (Phase("infuse", 30, nurse="watch"),)
    order = SeriesTerms(
        (DoseRequest(1, short), DoseRequest(3, short)),
        (Spacing("each", "previous", 1, 1, 1, "hours"),),
        booked={2: at(DAYS[0], "10:00")},
    )
    found = propose(clinic(), order, PatientTimes(), Wish(time(9, 0)), NOW, 1).proposals
    assert [[visit.start for visit in one.visits] for one in found] == [[at(DAYS[0], "09:00"), at(DAYS[0], "11:00")]]


def test_a_week_that_is_full_takes_no_further_infusion() -> None:
    order = SeriesTerms((DoseRequest(2, VISIT),), per_week=1, given={1: at(DAYS[0], "09:00")})
    found = propose(clinic(), order, PatientTimes(), Wish(time(9, 0)), NOW, 1).proposals
    assert [one.finish_date for one in found] == [DAYS[7]]


def test_soft_sides_are_given_up_only_when_nothing_fits_otherwise() -> None:
    soft = (Spacing("each", "previous", 1, 1, 2, soft=frozenset({"max"})),)
    kept = propose(clinic(), terms(2, soft), PatientTimes(), Wish(time(9, 0)), NOW, 100)
    assert {proposal.outside_soft for proposal in kept.proposals} == {()}
    gap = clinic(busy=mornings("seat", "c", DAYS[1:4]))
    order = terms(2, soft, not_after=DAYS[4])
    given_up = propose(gap, order, PatientTimes(), Wish(time(9, 0)), NOW, 100)
    assert [(one.outside_soft, one.finish_date) for one in given_up.proposals] == [((2,), DAYS[4])]


def test_the_openings_of_one_visit_are_in_time_order_or_nearest_to_the_wish() -> None:
    def found(wish: Wish, count: int) -> list[datetime]:
        one = SeriesTerms.of_one_visit(VISIT, not_before=DAYS[1])
        result = propose(clinic(), one, PatientTimes(), wish, NOW, count)
        return [proposal.visits[0].start for proposal in result.proposals]

    assert found(Wish(), 6) == [at(DAYS[1], wall) for wall in ("09:00", "09:30", "10:00", "10:30", "11:00")] + [
        at(DAYS[2], "09:00")
    ]
    assert found(Wish(time(10, 10)), 3) == [at(DAYS[1], wall) for wall in ("10:00", "10:30", "09:30")]


def test_no_wish_finds_the_time_of_day_that_gives_the_best_result() -> None:
    taken = tuple(Busy("c", "seat", period(day, "09:00", "10:30")) for day in DAYS[:3:2])
    result = propose(
        clinic(busy=taken), terms(3, (Spacing("each", "previous", 2, 2, 2),)), PatientTimes(), Wish(), NOW, 1
    )
    assert [visit.start for visit in result.proposals[0].visits] == [
        at(day, "10:30") for day in (DAYS[0], DAYS[2], DAYS[4])
    ]


def test_a_visit_comes_with_its_chair_nurse_prescribers_and_claims() -> None:
    visit = propose(clinic(), terms(1), PatientTimes(), Wish(time(9, 0)), NOW, 1).proposals[0].visits[0]
    assert (visit.number, visit.start, visit.end) == (1, at(MONDAY, "09:00"), at(MONDAY, "10:00"))
    assert (visit.chair, visit.nurse, visit.prescribers) == ("c", "n", ("p",))
    assert [(claim.resource_id, claim.role) for claim in visit.claims] == [
        ("c", "seat"),
        ("n", "watch"),
        ("n", "attention"),
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"doses": ()}, "doses"),
        ({"doses": (DoseRequest(1, VISIT), DoseRequest(1, VISIT))}, "doses"),
        ({"doses": (DoseRequest(0, VISIT),)}, "doses"),
        ({"given": {1: NOW}}, "doses"),
        ({"within_days": 0}, "within_days"),
        ({"per_week": 0}, "per_week"),
        ({"not_before": DAYS[2], "not_after": DAYS[1]}, "not_after"),
    ],
)
def test_terms_name_their_wrong_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        SeriesTerms(**{"doses": (DoseRequest(1, VISIT),), **wrong})
    assert list(refused.value.errors) == [field]


def test_a_long_order_without_limits_is_searched_quickly() -> None:
    """Rules that refer far back keep many days apart; the deadline is generous and not needed."""
    rules = (Spacing("each", "previous", 1), Spacing("each", Back(2), 3), Spacing("each", "first", None, None, 11))
    result = propose(clinic(), terms(7, rules), PatientTimes(), Wish(time(9, 0)), NOW, 10, deadline_seconds=20)
    assert result.proposals
    assert result.problems == ()
