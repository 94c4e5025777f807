"""Which of the clinic's own times stand against a start: opening hours, last end, start times."""

from __future__ import annotations

from datetime import datetime, time
from itertools import pairwise

from scheduling.bit_planes import bits
from scheduling.intervals import merge
from scheduling.refused_start import RefusedStart
from scheduling.why_not import WhyNot

TEXTS = {
    "closed": "The clinic is closed on %(day)s.",
    "opens": "The clinic opens at %(opens)s.",
    "closed_from": "The clinic is closed from %(begins)s to %(ends)s.",
    "closes": "The clinic closes at %(closes)s; the last start is %(last)s.",
    "closes_too_early": "The clinic closes at %(closes)s, too early for this visit.",
    "last_end": "Patients may stay until %(closes)s; the last start is %(last)s.",
    "last_end_too_early": "Patients may stay until %(closes)s, too short for this visit.",
    "grid": "Visits start at %(before)s or %(after)s here, not at %(time)s.",
    "not_on_grid": "Visits do not start at %(time)s here.",
}


def hours_against(start: RefusedStart) -> WhyNot:
    opening = merge(start.capacity.snapshot.open.get(start.day, ()))
    if not opening:
        return start.because("hours", TEXTS["closed"], day=start.day)
    clock, begins = start.clock, start.start
    if begins < opening[0].start:
        return start.because("hours", TEXTS["opens"], opens=clock.local(opening[0].start))
    for before, after in pairwise(opening):
        # A break in the day, into which the visit begins or runs.
        if before.start <= begins < after.start:
            begins_at, ends_at = clock.local(before.end), clock.local(after.start)
            return start.because("hours", TEXTS["closed_from"], begins=begins_at, ends=ends_at)
    return _closes(start, "closes", clock.local(opening[-1].end))


def last_end_against(start: RefusedStart) -> WhyNot:
    return _closes(start, "last_end", start.capacity.snapshot.last_end)


def _closes(start: RefusedStart, text: str, closes: datetime | time | None) -> WhyNot:
    frame = start.of_day(-1)
    for reason in ("hours", "last_end", "grid"):
        frame &= start.capacity.allowed(reason, start.shape)
    rule = "hours" if text == "closes" else text
    if not frame:
        return start.because(rule, TEXTS[f"{text}_too_early"], closes=closes)
    return start.because(rule, TEXTS[text], closes=closes, last=start.local(frame.bit_length() - 1))


def grid_against(start: RefusedStart) -> WhyNot:
    grid, asked_for = start.of_day(start.capacity.allowed("grid", start.shape)), start.clock.local(start.start)
    before, after = grid & bits(0, start.at + 1), grid >> (start.at + 1)
    if not before or not after:
        return start.because("grid", TEXTS["not_on_grid"], time=asked_for)
    following = start.at + (after & -after).bit_length()
    return start.because(
        "grid", TEXTS["grid"], before=start.local(before.bit_length() - 1), after=start.local(following), time=asked_for
    )
