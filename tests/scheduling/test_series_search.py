from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from scheduling.capacity import ClinicSnapshot
from scheduling.series_search import PatientTimes, SeriesTerms, Wish, propose
from tests.counts import count
from tests.scheduling import checker
from tests.scheduling.proofs.series import Series, as_ranked
from tests.scheduling.proofs.small_orders import orders, patients, roomy_orders, wishes
from tests.scheduling.small_clinics import MONDAY, NOW, at, clinics, easy_phases, phase_lists, roomy_clinics

# A plain week, and weeks in which New York's clocks go forward and back.
FIRST_DAYS = (MONDAY, date(2026, 3, 6), date(2026, 10, 30))


@settings(max_examples=300, deadline=None)
@given(data=st.data(), days=st.integers(5, 8), wish=wishes(), number=st.sampled_from([1, 4, 10]))
def test_propose_equals_brute_force_where_there_is_room(
    data: st.DataObject, days: int, wish: Wish, number: int
) -> None:
    first = data.draw(st.sampled_from(FIRST_DAYS))
    clinic = data.draw(roomy_clinics(first, days))
    terms = data.draw(roomy_orders(first, days))
    check_against_brute_force(clinic, terms, PatientTimes(), wish, NOW, number)


@settings(max_examples=400, deadline=None)
@given(data=st.data(), days=st.integers(3, 7), wish=wishes(), number=st.sampled_from([1, 3, 10]))
def test_propose_equals_brute_force_in_odd_clinics(data: st.DataObject, days: int, wish: Wish, number: int) -> None:
    first = data.draw(st.sampled_from(FIRST_DAYS))
    clinic = data.draw(clinics(first, days, 8 * 60, 180, grids=(60, 40)))
    terms = data.draw(orders(first, days, st.one_of(easy_phases(), easy_phases(), phase_lists())))
    patient = data.draw(patients(at(first, "08:00")))
    now = data.draw(st.sampled_from([NOW, at(first, "08:40"), at(first + timedelta(days=1), "09:01")]))
    check_against_brute_force(clinic, terms, patient, wish, now, number)


def check_against_brute_force(
    clinic: ClinicSnapshot, terms: SeriesTerms, patient: PatientTimes, wish: Wish, now: datetime, number: int
) -> None:
    """The same proposals, in the same order, with the same starts and reviews, as every combination tried in turn."""
    result = propose(clinic, terms, patient, wish, now, number, deadline_seconds=60)
    if {problem.rule for problem in result.problems} & {"anchor"}:
        event("counts from an infusion without a time")
        return
    series = Series(clinic, terms, patient, wish, now)
    expected = series.best(number)
    event(f"{len(terms.doses)} to place, {len(terms.reviews)} reviews, {'some' if expected else 'none'} found")
    count("searches compared with every combination")
    count("series compared with every combination", len(expected))
    count("series with a review between", len(expected) * bool(terms.reviews))
    count("series around infusions that stand", len(expected) * bool(terms.known))
    assert as_ranked(result, clinic) == expected
    assert bool(result.problems) == (not expected)
    for proposal in result.proposals:
        reviews = {review.after: review.start for review in proposal.reviews}
        assert reviews == series.reviews(tuple(visit.start for visit in proposal.visits))
        assert checker.broken(clinic, terms, patient, wish, now, proposal) == []
        count("series with a soft side given up", bool(proposal.outside_soft))
