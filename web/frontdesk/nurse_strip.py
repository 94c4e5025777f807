"""The nurses of the day, a line each: on duty or not, how many they watch now, and with whom they are one-to-one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext

from scheduling.intervals import Interval, subtract
from scheduling.models import PATIENT_IS_THERE, AbsenceKind, Appointment, Status
from web.frontdesk.board_rows import DayRows, Nursing, nursing_of, seats_of
from web.frontdesk.day_frame import Nurse
from web.spoken import clock, clock_range

# What looks how: a tone with its icon, so that nothing is said by colour alone.
ICONS = {"one-to-one": "heart-pulse", "full": "eye", "watching": "eye", "free": "user-round", "break": "coffee",
         "off": "user-round-x", "plan": "user-round"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NurseNow:
    """One nurse: `state` is a key of ICONS, `words` what it means, `more` what else is to be known."""

    name: str
    state: str
    icon: str
    words: str
    more: str


@dataclass(frozen=True, slots=True)
class Patients:
    """Whom a nurse has now: how many are watched, and the visit that is one-to-one with the end of that."""

    watched: int
    one_to_one: Appointment | None
    until: datetime | None


def nurses_of(day: DayRows, *, now: datetime) -> tuple[NurseNow, ...]:
    """Those on duty that day, and whoever has a patient of it all the same; today as it is now, else as planned."""
    chairs = {chair.pk: chair.name for chair in day.frame.chairs}
    planned = _visits_by_nurse(day.visits)
    strip = []
    for nurse in day.frame.nurses:
        shifts = [period for hours in nurse.shifts if (period := day.clock.on_day(day.day, hours))]
        if shifts or planned[nurse.pk]:
            is_today = day.bounds.contains(now)
            strip.append(
                _now(nurse, shifts, planned[nurse.pk], chairs, now)
                if is_today
                else _plan(nurse, shifts, len(planned[nurse.pk]))
            )
    return tuple(strip)


def _visits_by_nurse(visits: Iterable[Appointment]) -> defaultdict[int, list[Appointment]]:
    found: defaultdict[int, list[Appointment]] = defaultdict(list)
    for visit in visits:
        if visit.status != Status.HELD:
            for nurse in dict.fromkeys(one.nurse for one in nursing_of(visit)):
                found[nurse].append(visit)
    return found


def _now(
    nurse: Nurse, shifts: Sequence[Interval], visits: Sequence[Appointment], chairs: dict[int, str], now: datetime
) -> NurseNow:
    has = patients_of(nurse.pk, visits, now)
    duty = subtract(shifts, [one.period for one in nurse.away])
    if has.one_to_one is not None:
        seat = next((chairs[seat] for seat in seats_of(has.one_to_one) if seat in chairs), "")
        state, words = (
            "one-to-one",
            gettext("one-to-one, %(chair)s") % {"chair": seat} if seat else gettext("one-to-one"),
        )
        parts = [gettext("until %(time)s") % {"time": clock(has.until)}] if has.until and has.until > now else []
        if has.watched:
            parts.append(_watching(has.watched, nurse.watch_while_attending))
        return NurseNow(nurse.name, state, ICONS[state], words, ", ".join(parts))
    if has.watched:
        state = "full" if has.watched >= nurse.watch else "watching"
        return NurseNow(nurse.name, state, ICONS[state], _watching(has.watched, nurse.watch), _left_at(duty, now))
    if any(period.contains(now) for period in duty):
        return NurseNow(nurse.name, "free", ICONS["free"], _watching(0, nurse.watch), _left_at(duty, now))
    return _off(nurse, duty, now)


def patients_of(nurse: int, visits: Iterable[Appointment], now: datetime) -> Patients:
    """Whom a nurse has of the patients who are here, as recorded.

    Who is here longer than planned is still watched: by whoever had them last.
    """
    watched, one_to_one, until = 0, None, None
    for visit in visits:
        nursing = nursing_of(visit)
        if visit.status not in PATIENT_IS_THERE or not nursing:
            continue
        at = _at(nursing, now)
        if at.nurse != nurse:
            continue
        if at.is_one_to_one and at.period.contains(now):
            one_to_one, until = visit, at.period.end
        else:
            watched += 1
    return Patients(watched, one_to_one, until)


def _at(nursing: Sequence[Nursing], now: datetime) -> Nursing:
    current = [one for one in nursing if one.period.contains(now)]
    begun = [one for one in nursing if one.period.start <= now]
    return next((one for one in current if one.is_one_to_one), (current or begun or nursing[:1])[-1])


def _watching(watched: int, most: int) -> str:
    return gettext("watching %(watched)s of %(most)s") % {"watched": watched, "most": most}


def _left_at(duty: Sequence[Interval], now: datetime) -> str:
    """Until when she is there, without a break."""
    end = next((period.end for period in duty if period.contains(now)), None)
    return gettext("until %(time)s") % {"time": clock(end)} if end else ""


def _off(nurse: Nurse, duty: Sequence[Interval], now: datetime) -> NurseNow:
    """Who is not on duty now, and from when they are."""
    back = next((period.start for period in duty if period.start > now), None)
    here = gettext("from %(time)s") % {"time": clock(back)} if back else ""
    kinds = {one.kind for one in nurse.away if one.period.contains(now)}
    if kinds == {AbsenceKind.BREAK}:
        return NurseNow(nurse.name, "break", ICONS["break"], gettext("on a break"), here)
    if not kinds and duty:
        words = gettext("not here yet") if back else gettext("gone")
        return NurseNow(nurse.name, "off", ICONS["off"], words, here)
    return NurseNow(nurse.name, "off", ICONS["off"], gettext("away"), here)


def _plan(nurse: Nurse, shifts: Sequence[Interval], visits: int) -> NurseNow:
    duty = subtract(shifts, [one.period for one in nurse.away if one.kind != AbsenceKind.BREAK])
    number = ngettext("%(n)s visit", "%(n)s visits", visits) % {"n": visits}
    if not duty:
        return NurseNow(nurse.name, "off", ICONS["off"], gettext("away"), number if visits else "")
    hours = ", ".join(clock_range(period.start, period.end) for period in duty)
    return NurseNow(nurse.name, "plan", ICONS["plan"], hours, number)
