"""Changes that are the patient's to allow: other times and days, and fewer infusions for now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scheduling.clinic_time import MINUTES_A_DAY, WEEKDAYS
from scheduling.series_terms import Proposal
from scheduling.trials import Trials
from scheduling.what_if import Change
from scheduling.why_not import Words
from scheduling.would_work import Relaxation, would_work

QUARTER = 15
LONGEST_MINUTES = 4 * 60
WEEKDAY_NAMES = {
    "mon": Words("Mondays"),
    "tue": Words("Tuesdays"),
    "wed": Words("Wednesdays"),
    "thu": Words("Thursdays"),
    "fri": Words("Fridays"),
    "sat": Words("Saturdays"),
    "sun": Words("Sundays"),
}


def patient_changes(trials: Trials) -> Iterator[Relaxation]:
    """The smallest of each kind that helps, in no order."""
    available = trials.asked.patient.available
    if available is not None:
        found = [*_other_times(trials), *_another_weekday(trials)]
        yield from found or _any_time(trials)
    if trials.asked.wish.weekdays is not None:
        yield from _wished_weekdays(trials, trials.asked.wish.weekdays)
    yield from _fewer(trials)


def _other_times(trials: Trials) -> Iterator[Relaxation]:
    """A quarter of an hour at a time; of equal steps the longer stay, for which nobody gets up earlier."""
    best: tuple[int, Change, Proposal, str] | None = None
    for side, text in (("later", "patient_later"), ("earlier", "patient_earlier")):
        most = LONGEST_MINUTES if best is None else best[0] - QUARTER
        ladder = [{"kind": "patient_times", side: minutes} for minutes in range(QUARTER, most + 1, QUARTER)]
        found = trials.nearest(ladder)
        if found is not None:
            minutes = (found[0] + 1) * QUARTER
            best = (minutes, ladder[found[0]], found[1], text)
    if best is not None:
        yield would_work(best[1], best[2], best[0], best[3], minutes=best[0])


def _another_weekday(trials: Trials) -> Iterator[Relaxation]:
    open_on = {WEEKDAYS[day.weekday()] for day in trials.days}
    best = _earliest(trials, [{"kind": "patient_weekday", "weekday": key} for key in WEEKDAYS if key in open_on])
    if best is not None:
        yield would_work(*best, MINUTES_A_DAY, "patient_weekday", weekday=WEEKDAY_NAMES[best[0]["weekday"]])


def _any_time(trials: Trials) -> Iterator[Relaxation]:
    change = {"kind": "patient_any_time"}
    found = trials.tried(change)
    if found is not None:
        yield would_work(change, found, len(WEEKDAYS) * MINUTES_A_DAY, "patient_any_time")


def _wished_weekdays(trials: Trials, wished: frozenset[str]) -> Iterator[Relaxation]:
    others = [key for key in WEEKDAYS if key not in wished]
    best = _earliest(trials, [{"kind": "wished_weekdays", "weekdays": sorted({*wished, key})} for key in others])
    if best is not None:
        added = next(key for key in others if key in best[0]["weekdays"])
        yield would_work(*best, MINUTES_A_DAY, "wished_weekday", weekday=WEEKDAY_NAMES[added])
        return
    change: Change = {"kind": "wished_weekdays", "weekdays": None}
    found = trials.tried(change)
    if found is not None:
        yield would_work(change, found, len(others) * MINUTES_A_DAY, "any_weekday")


def _fewer(trials: Trials) -> Iterator[Relaxation]:
    """As many as fit; a later infusion that stands may hinder fewer as well as more, so each number is tried."""
    numbers = sorted(dose.number for dose in trials.asked.terms.doses)
    for left_out, last in enumerate(reversed(numbers[:-1]), 1):
        change = {"kind": "fewer", "last": last}
        found = trials.tried(change)
        if found is not None:
            yield would_work(change, found, left_out * MINUTES_A_DAY, "fewer", last=last)
            return


def _earliest(trials: Trials, changes: Iterable[Change]) -> tuple[Change, Proposal] | None:
    """Of changes of equal size the one with the earliest finish."""
    tried = [(change, found) for change in changes if (found := trials.tried(change)) is not None]
    return min(tried, key=lambda one: one[1].finish_date, default=None)
