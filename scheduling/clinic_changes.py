"""Changes that are the clinic's to allow: longer hours, a later last end, fewer staff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time

from scheduling.clinic_time import MINUTES_A_DAY
from scheduling.series_terms import Proposal
from scheduling.trials import Trials
from scheduling.what_if import Change
from scheduling.would_work import Relaxation, would_work

LONGEST_MINUTES = 4 * 60


def clinic_changes(trials: Trials) -> Iterator[Relaxation]:
    """The smallest of each kind that helps, in no order."""
    yield from _min_staff(trials)
    yield from _last_end(trials)
    yield from _hours(trials)


def _min_staff(trials: Trials) -> Iterator[Relaxation]:
    before = trials.asked.clinic.min_staff
    ladder = [{"kind": "min_staff", "count": count} for count in range(before - 1, -1, -1)]
    found = trials.nearest(ladder)
    if found is not None:
        change, size = ladder[found[0]], (found[0] + 1) * MINUTES_A_DAY
        yield would_work(change, found[1], size, "min_staff", count=change["count"], before=before)


def _last_end(trials: Trials) -> Iterator[Relaxation]:
    before = trials.asked.clinic.last_end
    if before is None:
        return
    now = before.hour * 60 + before.minute
    minutes = [now + step for step in _steps(trials) if now + step < MINUTES_A_DAY]
    ladder = [{"kind": "last_end", "until": f"{minute // 60:02}:{minute % 60:02}"} for minute in minutes]
    found = trials.nearest(ladder)
    if found is not None:
        change, size = ladder[found[0]], minutes[found[0]] - now
        yield would_work(change, found[1], size, "last_end", until=time.fromisoformat(change["until"]), before=before)


def _hours(trials: Trials) -> Iterator[Relaxation]:
    """As much longer as is needed, and only on the days that need it."""
    best: tuple[int, str, Proposal, str] | None = None
    everyday = [day.isoformat() for day in trials.days]
    for side, text in (("later", "closes_later"), ("earlier", "opens_earlier")):
        steps = [step for step in _steps(trials) if best is None or step < best[0]]
        found = trials.nearest([{"kind": "hours", side: step, "days": everyday} for step in steps])
        if found is not None:
            best = (steps[found[0]], side, found[1], text)
    if best is None:
        return
    minutes, side, proposal, text = best

    def on(days: Sequence[date]) -> Change:
        return {"kind": "hours", side: minutes, "days": [day.isoformat() for day in days]}

    few = trials.on_few_days(trials.days_it_takes(proposal), on)
    if few is not None:
        days, proposal = few
        yield would_work(on(days), proposal, minutes * len(days), text, minutes=minutes, days=tuple(days))


def _steps(trials: Trials) -> Sequence[int]:
    grid = trials.asked.clinic.grid_minutes
    return range(grid, max(LONGEST_MINUTES, grid) + 1, grid)
