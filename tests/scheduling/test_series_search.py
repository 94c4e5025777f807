from __future__ import annotations

from datetime import timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from scheduling.series_search import PatientTimes, SearchResult, Wish, propose
from tests.scheduling import brute_force
from tests.scheduling.brute_force import Ranked
from tests.scheduling.small_clinics import MONDAY, NOW, ZONE, ClinicTime, at, clinics, easy_phases, orders, patients, phase_lists, wishes


def as_ranked(result: SearchResult) -> list[Ranked]:
    clock = ClinicTime(ZONE)
    return [(one.finish_date, one.minutes_off_wish, tuple(clock.local_day(visit.start) for visit in one.visits),
             tuple(visit.start for visit in one.visits)) for one in result.proposals]


@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_propose_equals_brute_force(data: st.DataObject) -> None:
    """The same proposals, in the same order, with the same starts, as every combination tried in turn."""
    days = data.draw(st.integers(3, 7))
    clinic = data.draw(clinics(MONDAY, days, 8 * 60, 180, grids=(60, 40)))
    terms = data.draw(orders(MONDAY, days, data.draw(st.one_of(easy_phases(), easy_phases(), phase_lists()))))
    patient, wish = data.draw(patients(at(MONDAY, "08:00"))), data.draw(wishes())
    now = data.draw(st.sampled_from([NOW, at(MONDAY, "08:40"), at(MONDAY + timedelta(days=1), "09:01")]))
    count = data.draw(st.sampled_from([1, 3, 10]))
    result = propose(clinic, terms, patient, wish, now, count, deadline_seconds=60)
    if {problem.rule for problem in result.problems} & {"anchor"}:
        event("counts from an infusion without a time")
        return
    expected = brute_force.best_series(clinic, terms, patient, wish, now, count)
    event(f"{len(terms.doses)} to place, {'some' if expected else 'none'} found")
    assert as_ranked(result) == expected
    assert bool(result.problems) == (not expected)
