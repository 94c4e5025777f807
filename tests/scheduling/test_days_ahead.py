from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, time, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.capacity import Chair, ClinicSnapshot, Phase
from scheduling.days_ahead import DaysAhead, look
from scheduling.series_search import PatientTimes, SearchResult, SeriesTerms, Wish, propose
from scheduling.series_terms import DoseRequest
from scheduling.spacing import Spacing
from tests.scheduling.proofs.small_orders import orders, patients, roomy_orders, wishes
from tests.scheduling.proofs.tight_clinics import EVERYDAY, a_visit, tight_clinic
from tests.scheduling.small_clinics import MONDAY, NOW, ZONE, at, clinics, easy_phases, period, roomy_clinics

VISIT = (Phase("infuse", 60),)


class Reads:
    """A clinic that is read from one day to another, and how often."""

    def __init__(self, clinic: ClinicSnapshot) -> None:
        self.clinic, self.asked = clinic, list[tuple[date, date]]()

    def __call__(self, first: date, last: date) -> ClinicSnapshot:
        self.asked.append((first, last))
        return replace(
            self.clinic, open={day: hours for day, hours in self.clinic.open.items() if first <= day <= last}
        )


def roomy(open_on: set[int]) -> ClinicSnapshot:
    """A chair, a month in which the clinic is open on these days only."""
    month = [MONDAY + timedelta(days=index) for index in range(30)]
    hours = {day: (period(day, "09:00", "12:00"),) if index in open_on else () for index, day in enumerate(month)}
    return ClinicSnapshot(ZONE, 30, hours, (Chair("c"),), (), ())


def found_both_ways(
    clinic: ClinicSnapshot, near: int, terms: SeriesTerms, patient: PatientTimes, wish: Wish, count: int
) -> tuple[SearchResult, SearchResult, int]:
    """What is found looking near first, what is found looking at all days, and how often the clinic was read."""
    first, last = min(clinic.open), max(clinic.open)
    reads = Reads(clinic)
    days = DaysAhead(first, min(first + timedelta(days=near), last), last)
    looked = look(days, reads, terms, patient, wish, NOW, count, seconds=60)
    return looked, propose(clinic, terms, patient, wish, NOW, count, deadline_seconds=60), len(reads.asked)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), near=st.integers(0, 7), wish=wishes(), count=st.sampled_from([1, 3, 10]))
def test_looking_near_first_finds_what_looking_everywhere_finds(
    data: st.DataObject, near: int, wish: Wish, count: int
) -> None:
    clinic = data.draw(roomy_clinics(MONDAY, 8))
    terms = data.draw(roomy_orders(MONDAY, 8))
    looked, everywhere, _ = found_both_ways(clinic, near, terms, PatientTimes(), wish, count)
    assert looked == everywhere


@settings(max_examples=200, deadline=None)
@given(data=st.data(), near=st.integers(0, 6), wish=wishes(), count=st.sampled_from([1, 3, 10]))
def test_so_it_does_in_odd_clinics(data: st.DataObject, near: int, wish: Wish, count: int) -> None:
    clinic = data.draw(clinics(MONDAY, 7, 8 * 60, 180, grids=(60, 40)))
    terms = data.draw(orders(MONDAY, 7, easy_phases()))
    patient = data.draw(patients(at(MONDAY, "08:00")))
    looked, everywhere, _ = found_both_ways(clinic, near, terms, patient, wish, count)
    assert looked == everywhere


def test_so_it_does_where_others_change_their_chairs() -> None:
    seen = Counter[str]()
    for seed in range(120):
        random = Random(seed)
        clinic = tight_clinic(random, MONDAY, 8, sizes=EVERYDAY)
        terms = SeriesTerms(
            tuple(DoseRequest(number, a_visit(random)) for number in range(1, random.choice([2, 3, 4]))),
            (Spacing("each", "previous", 1, 1, 3, soft=frozenset({"max"} if seed % 3 == 0 else ())),),
        )
        wish = Wish(random.choice([None, time(8, 30), time(10)]))
        looked, everywhere, reads = found_both_ways(clinic, 4, terms, PatientTimes(), wish, random.choice([1, 2, 5]))
        assert looked == everywhere, seed
        by_repack = any(visit.by_repack for one in looked.proposals for visit in one.visits)
        seen.update({f"{'by repack' if by_repack else 'direct'}, read {reads} times": bool(looked.proposals)})
    assert min(seen[f"{how}, read {times} times"] for how in ("by repack", "direct") for times in (1, 2)) > 5, seen


def test_later_days_are_read_only_when_the_first_do_not_settle_it() -> None:
    clinic = roomy({*range(30)})
    one = SeriesTerms.of_one_visit(VISIT)
    assert found_both_ways(clinic, 10, one, PatientTimes(), Wish(), 5)[2] == 1
    late = SeriesTerms.of_one_visit(VISIT, not_before=MONDAY + timedelta(days=11))
    assert found_both_ways(clinic, 10, late, PatientTimes(), Wish(), 5)[2] == 2


def test_a_series_that_keeps_a_soft_side_only_later_is_found_later() -> None:
    """Of the first days only the Monday and Tuesday are open, which is too near by a soft rule; later ones fit."""
    clinic = roomy({0, 1, 20, 24})
    doses = (DoseRequest(1, VISIT), DoseRequest(2, VISIT))
    terms = SeriesTerms(doses, (Spacing("each", "previous", 3, 4, 5, soft=frozenset({"min"})),))
    looked, everywhere, reads = found_both_ways(clinic, 10, terms, PatientTimes(), Wish(time(9)), 1)
    assert looked == everywhere
    assert (looked.proposals[0].outside_soft, reads) == ((), 2)
