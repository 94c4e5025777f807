from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from scheduling.capacity import Busy
from scheduling.series_search import PatientTimes, SeriesTerms, Wish, propose
from tests.counts import count
from tests.scheduling import checker
from tests.scheduling.proofs.day_starts import Clinic
from tests.scheduling.proofs.day_ward import FIRST, OPENS, SLOT, Ward, ward, ward_files

LONG_AGO = datetime(2019, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("file", ward_files(), ids=lambda file: file.stem)
def test_a_ward_is_booked_patient_by_patient(file: Path) -> None:
    """Each patient's best series is booked before the next one asks; the last one's is compared with all first days."""
    one, patient, wish = ward(file), PatientTimes(), Wish(time(10))
    clinic, booked = one.clinic, list[Busy]()
    for terms in one.cycles:
        result = propose(clinic, terms, patient, wish, LONG_AGO, 3, deadline_seconds=60)
        for proposal in result.proposals:
            assert checker.broken(clinic, terms, patient, wish, LONG_AGO, proposal) == []
        count("patients of the ward booked" if result.proposals else "patients of the ward without a series")
        if terms is one.cycles[-1]:
            starts = [visit.start for visit in result.proposals[0].visits] if result.proposals else None
            assert starts == best_of_every_first_day(replace(one, clinic=clinic), terms)
        if result.proposals:
            booked += [claim for visit in result.proposals[0].visits for claim in visit.claims]
            clinic = replace(one.clinic, busy=tuple(booked))
    check_ward(one, booked)


def best_of_every_first_day(one: Ward, terms: SeriesTerms) -> list[datetime] | None:
    """The rest days fix all days by the first; on each day the start nearest to ten o'clock is the best."""
    days, clock = Clinic(one.clinic), one.clinic.clock
    rests = [0, *(spacing.min or 0 for spacing in terms.spacings)]
    for first in sorted(one.clinic.open):
        day, starts = first, list[datetime]()
        for dose, rest in zip(terms.doses, rests, strict=True):
            day += timedelta(days=rest)
            options = [(abs(clock.minute_of_day(start) - 600), start) for start in days.direct_starts(day, dose.phases)]
            starts += [min(options)[1]] if options else []
        if len(starts) == len(terms.doses):
            return starts
    return None


def check_ward(one: Ward, booked: list[Busy]) -> None:
    """In the ward's own words: seats, and in each slot nurses for those who are installed and for six watched each."""
    watched, installed, seated = Counter[tuple[int, int]](), Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    of_role = {"watch": watched, "attention": installed, "seat": seated}
    for claim in booked:
        local = one.clinic.clock.local(claim.period.start)
        day = (local.date() - FIRST).days
        first = ((local.hour - OPENS.hour) * 60 + local.minute) // SLOT
        for slot in range(first, first + claim.period.minutes // SLOT):
            if claim.role in of_role:
                of_role[claim.role][day, slot] += 1
    for day, slot in watched | installed:
        needed = installed[day, slot] + -(-watched[day, slot] // one.watch)
        assert needed <= one.nurses[day][slot]
    assert max(seated.values(), default=0) <= len(one.clinic.chairs)
