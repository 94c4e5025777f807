"""What would have to change so that a series finds its times: the smallest change of each kind, tried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from scheduling.capacity import ClinicSnapshot
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.clinic_changes import clinic_changes
from scheduling.looser_terms import looser_terms
from scheduling.patient_changes import patient_changes
from scheduling.presence_changes import presence_changes
from scheduling.series_terms import PatientTimes, SeriesTerms, Wish
from scheduling.trials import OutOfTime, Trials
from scheduling.what_if import Asked
from scheduling.would_work import OWNERS, Relaxation

__all__ = ["Relaxation", "find_relaxations"]

MOST = 6
# Shown of each owner, however many smaller changes others could make.
OF_EACH_OWNER = 2


def find_relaxations(
    clinic: ClinicSnapshot,
    terms: SeriesTerms,
    patient: PatientTimes,
    wish: Wish,
    now: datetime,
    *,
    ends: float,
    clock: Callable[[], float],
    capacity: ClinicCapacity | None = None,
    names: Mapping[str, str] | None = None,
) -> tuple[Relaxation, ...]:
    """What would work, for a series of which `propose` found none: at most six changes, the smallest of their kinds.

    Each was tried by a search with exactly that change, and no smaller one of its kind helps. Those that are the
    patient's to allow come first, then the manager's, then the questions to the prescriber; of each owner the smaller
    ones first. What needs two kinds of change at once is not found. At `ends` of `clock` (seconds) what was found until
    then is returned. `names` are the names of nurses, prescribers, chairs and equipment by id; without it their ids are
    said. `capacity` may be the counted form of `clinic`.
    """
    trials = Trials(Asked(clinic, terms, patient, wish), now, ends, clock, capacity or ClinicCapacity(clinic))
    found: list[Relaxation] = []
    try:
        for one in _all(trials, names or {}):
            found.append(one)  # noqa: PERF402 -- what was found before the time is over counts
    except OutOfTime:
        pass
    return shown(found)


def _all(trials: Trials, names: Mapping[str, str]) -> Iterator[Relaxation]:
    """What needs no new count of the clinic is tried first."""
    yield from patient_changes(trials)
    yield from looser_terms(trials)
    yield from clinic_changes(trials)
    yield from presence_changes(trials, names)


def shown(found: Sequence[Relaxation]) -> tuple[Relaxation, ...]:
    """Six at most, in their order: two of each owner, then others."""
    ordered = sorted(found, key=lambda one: (OWNERS.index(one.owner), one.size))
    by_owner = [[one for one in ordered if one.owner == owner] for owner in OWNERS]
    first = [one for owned in by_owner for one in owned[:OF_EACH_OWNER]]
    rest = [one for owned in by_owner for one in owned[OF_EACH_OWNER:]]
    kept = (first + rest)[:MOST]
    return tuple(one for one in ordered if one in kept)
