"""Changes to who and what is there on a day: one more nurse or prescriber, a chair back in service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from scheduling.capacity import Chair, ClinicSnapshot, Equipment
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.clinic_time import MINUTES_A_DAY
from scheduling.intervals import any_overlap, covers, subtract
from scheduling.more_on_a_day import MoreOnADay
from scheduling.series_terms import Proposal
from scheduling.trials import Trials
from scheduling.what_if import Change, changed
from scheduling.would_work import Relaxation, would_work

# More days than that are another roster.
MOST_DAYS = 6
# The text for somebody by name, and for whoever it may be.
TEXTS_OF = {
    "nurse": ("nurse", "one_more_nurse"),
    "prescriber": ("prescriber", "one_more_prescriber"),
    "in_service": ("in_service", "all_in_service"),
}


def presence_changes(trials: Trials, names: Mapping[str, str]) -> Iterator[Relaxation]:
    """The smallest of each kind that helps: somebody by name on one day; else anybody on one day, or on a few."""
    for kind, (by_name, whoever) in TEXTS_OF.items():
        found = _smallest(trials, kind)
        if found is not None:
            change, proposal = found
            days, resource = change["days"], change["resource"]
            said = tuple(date.fromisoformat(day) for day in days)
            text, name = (whoever, "") if resource is None else (by_name, names.get(resource, resource))
            yield would_work(change, proposal, len(days) * MINUTES_A_DAY, text, name=name, days=said)


def _smallest(trials: Trials, kind: str) -> tuple[Change, Proposal] | None:
    clinic = trials.asked.clinic
    if kind == "in_service" and not any(one.out for one in _things(clinic)):
        return None
    everybody = _change(kind, None, trials.days)
    more = ClinicCapacity(changed(trials.asked, everybody).clinic)
    days = [day for day in trials.days if _has_more_starts(trials, more, day)]
    found = trials.searched(trials.asked, more) if days else None
    if found is None:
        return None
    for_anybody: Change | None = None
    for day in () if _needs_several_days(trials) else days:
        if trials.searched(trials.asked, MoreOnADay(trials.capacity, more, day)) is None:
            continue
        for resource in _missing(clinic, kind, day):
            change = _change(kind, resource, [day])
            by_name = trials.tried(change)
            if by_name is not None:
                return change, by_name
        for_anybody = for_anybody or _change(kind, None, [day])
    if for_anybody is not None and (proposal := trials.tried(for_anybody)) is not None:
        return for_anybody, proposal
    few = trials.on_few_days(trials.days_it_takes(found), lambda some: _change(kind, None, some))
    return (_change(kind, None, few[0]), few[1]) if few is not None and len(few[0]) <= MOST_DAYS else None


def _needs_several_days(trials: Trials) -> bool:
    """Whether two infusions have no start at all as it is, and can't share the day that would have one."""
    terms = trials.asked.terms
    without = sum(not trials.capacity.start_bits(dose.phases) for dose in terms.doses)
    return without > 1 and all(spacing.unit != "hours" for spacing in terms.spacings)


def _has_more_starts(trials: Trials, more: ClinicCapacity, day: date) -> bool:
    then, now = more.day(day), trials.capacity.day(day)
    return (
        then is not None
        and now is not None
        and any(then.start_bits(phases) & ~now.start_bits(phases) for phases in trials.visits)
    )


def _missing(clinic: ClinicSnapshot, kind: str, day: date) -> Sequence[str]:
    """Who or what is not there for all of the opening hours."""
    opening = clinic.open[day]
    if kind == "nurse":
        there = {one.id: subtract(one.shifts, one.absent) for one in clinic.nurses}
    elif kind == "prescriber":
        there = {one.id: [*one.on_site] for one in clinic.prescribers}
    else:
        whole = clinic.clock.day_bounds(day)
        return [one.id for one in _things(clinic) if any_overlap(one.out, whole)]
    return [one for one, periods in there.items() if not all(covers(periods, hours) for hours in opening)]


def _things(clinic: ClinicSnapshot) -> tuple[Chair | Equipment, ...]:
    return (*clinic.chairs, *clinic.bays, *clinic.equipment)


def _change(kind: str, resource: str | None, days: Sequence[date]) -> Change:
    return {"kind": kind, "resource": resource, "days": [day.isoformat() for day in days]}
