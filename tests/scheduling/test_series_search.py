from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from scheduling.capacity import ClinicSnapshot, Phase
from scheduling.clinic_time import ClinicTime
from scheduling.series_search import PatientTimes, SearchResult, SeriesTerms, Wish, propose
from tests.scheduling import brute_force
from tests.scheduling.brute_force import Ranked
from tests.scheduling.small_clinics import (
    MONDAY,
    NOW,
    ZONE,
    at,
    clinics,
    easy_phases,
    orders,
    patients,
    phase_lists,
    roomy_clinics,
    roomy_orders,
    wishes,
)


def as_ranked(result: SearchResult) -> list[Ranked]:
    clock = ClinicTime(ZONE)
    return [
        (
            one.finish_date,
            one.minutes_off_wish,
            tuple(clock.local_day(visit.start) for visit in one.visits),
            tuple(visit.start for visit in one.visits),
        )
        for one in result.proposals
    ]


@settings(max_examples=300, deadline=None)
@given(data=st.data(), days=st.integers(5, 8), phases=easy_phases(), wish=wishes(), count=st.sampled_from([1, 4, 10]))
def test_propose_equals_brute_force_where_there_is_room(
    data: st.DataObject, days: int, phases: tuple[Phase, ...], wish: Wish, count: int
) -> None:
    clinic = data.draw(roomy_clinics(MONDAY, days))
    terms = data.draw(roomy_orders(MONDAY, days, phases))
    check_against_brute_force(clinic, terms, PatientTimes(), wish, NOW, count)


@settings(max_examples=400, deadline=None)
@given(data=st.data(), days=st.integers(3, 7), wish=wishes(), count=st.sampled_from([1, 3, 10]))
def test_propose_equals_brute_force_in_odd_clinics(data: st.DataObject, days: int, wish: Wish, count: int) -> None:
    clinic = data.draw(clinics(MONDAY, days, 8 * 60, 180, grids=(60, 40)))
    terms = data.draw(orders(MONDAY, days, data.draw(st.one_of(easy_phases(), easy_phases(), phase_lists()))))
    patient = data.draw(patients(at(MONDAY, "08:00")))
    now = data.draw(st.sampled_from([NOW, at(MONDAY, "08:40"), at(MONDAY + timedelta(days=1), "09:01")]))
    check_against_brute_force(clinic, terms, patient, wish, now, count)


def check_against_brute_force(
    clinic: ClinicSnapshot, terms: SeriesTerms, patient: PatientTimes, wish: Wish, now: datetime, count: int
) -> None:
    """The same proposals, in the same order, with the same starts, as every combination tried in turn."""
    result = propose(clinic, terms, patient, wish, now, count, deadline_seconds=60)
    if {problem.rule for problem in result.problems} & {"anchor"}:
        event("counts from an infusion without a time")
        return
    expected = brute_force.best_series(clinic, terms, patient, wish, now, count)
    event(f"{len(terms.doses)} to place, {'some' if expected else 'none'} found")
    assert as_ranked(result) == expected
    assert bool(result.problems) == (not expected)
