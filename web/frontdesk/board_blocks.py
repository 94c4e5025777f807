"""One visit as the board shows it: who, which infusion, where it stands, and what it waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext

from scheduling.intervals import Interval
from scheduling.models import Appointment
from scheduling.stopped_starts import Stop, stop_of
from web.frontdesk.board_grid import STEP, Grid, Spot
from web.frontdesk.board_names import initials
from web.frontdesk.board_rows import DayRows, nursing_of, parts_of, seats_of
from web.readiness_words import ready_words
from web.spoken import clock_range, look_alikes, short_birth_date, soon, visit_name
from web.templatetags.visit_marks import STOPS, Mark, mark_of_visit

# What the desk has to do something about; for whatever a prescriber owes it reads one and the same mark.
TO_BOOK_ANEW = {stop: STOPS[stop] for stop in (Stop.NO_LONGER_FITS, Stop.GIVEN_AGAIN_FIRST)}
BAND = {"infuse": "infuse", "observe": "infuse", "recover": "recover"}


@dataclass(frozen=True, slots=True)
class Block:
    """One visit on the board. `mark` is its status by tone, icon and words; `when` its times; `alike`: what tells two
    people of the day apart who are easily mixed up; `moved`: which chair it was moved from to make room, and when;
    `ready`: that it is, or what it waits for; `stopped`: that it is to be booked for another time first."""

    visit: Appointment
    name: str
    what: str
    when: str
    mark: Mark
    spot: Spot
    band: tuple[tuple[str, int], ...]
    chair: str
    nurse: str
    alike: str
    moved: str
    ready: str
    stopped: str


def blocks_of(day: DayRows, grid: Grid, *, by_initials: bool, now: datetime) -> list[Block]:
    """The visits of a day in order of time; `by_initials` without names."""
    chairs = {chair.pk: chair.name for chair in day.frame.chairs}
    nurses = {nurse.pk: nurse.name for nurse in day.frame.nurses}
    alike = alike_words(day.visits, by_initials=by_initials)
    blocks = []
    for visit in day.visits:
        seats, nursing, stop = seats_of(visit), nursing_of(visit), stop_of(visit)
        blocks.append(
            Block(
                visit=visit,
                name=initials(visit.patient) if by_initials else visit.patient.shown_name,
                what=visit_name(visit),
                when=clock_range(visit.period.lower, visit.period.upper),
                mark=mark_of_visit(visit),
                spot=grid.spot(presence(visit)) or Spot(0, 1),
                band=tuple(
                    (BAND.get(name, ""), max(1, int(period.length // STEP))) for name, period in parts_of(visit)
                ),
                chair=chairs.get(seats[0], "") if seats else "",
                nurse=nurses.get(nursing[-1].nurse, "") if nursing else "",
                alike=alike.get(visit.patient_id, ""),
                moved=_moved(visit, chairs, timezone.localdate(now)),
                ready=ready_words(visit, now),
                stopped=str(TO_BOOK_ANEW[stop].text) if stop in TO_BOOK_ANEW else "",
            )
        )
    return blocks


def alike_words(visits: Sequence[Appointment], *, by_initials: bool) -> dict[int, str]:
    """By patient, what tells those apart who are easily mixed up: the birth date, or that initials come twice."""
    patients = {visit.patient_id: visit.patient for visit in visits}
    if by_initials:
        times = Counter(map(initials, patients.values()))
        return {pk: gettext("same initials") for pk, one in patients.items() if times[initials(one)] > 1}
    return {pk: born(patients[pk].birth_date) for pk in look_alikes(patients.values())}


def born(birth_date: date | None) -> str:
    """born Dec 7, 1960."""
    if birth_date is None:
        return gettext("birth date not known")
    return gettext("born %(date)s") % {"date": short_birth_date(birth_date)}


def presence(visit: Appointment) -> Interval:
    """When the patient is there: as planned, but only until they left, since their chair may be used again."""
    start, end = visit.period.lower, visit.period.upper
    return Interval(start, visit.left_at if visit.left_at and start < visit.left_at < end else end)


def _moved(visit: Appointment, chairs: Mapping[int, str], today: date) -> str:
    """Moved from Chair 4 at 9:12 AM; empty where it stands where it was booked, and once it is over."""
    chair = chairs.get(visit.moved_from_id or 0)
    if not chair or not visit.moved_at or not visit.live:
        return ""
    return gettext("moved from %(chair)s at %(time)s") % {"chair": chair, "time": soon(visit.moved_at, today)}
