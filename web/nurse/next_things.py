"""What comes next in the clinic, a line each: at what time, what, in which chair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext

from scheduling.models import Appointment, Status, VisitCheck, VisitKind
from scheduling.step_demands import demands_of, observed_until
from scheduling.stopped_starts import Stop
from scheduling.visit_checks import clearance_of
from web.nurse.timers import Named, until_of

SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class NextThing:
    """One thing to come. `waits`: not the nurse but the prescriber has it to do."""

    at: datetime
    words: str
    chair: str
    visit: Appointment
    waits: bool = False
    is_due: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit of today with its chair and parts, and why it can't be started."""

    visit: Appointment
    chair: str
    parts: Named
    stop: Stop | None = None


def next_things(seen: Iterable[Seen], known: Mapping[tuple[int, str], VisitCheck], *, now: datetime) -> list[NextThing]:
    """The next things in order of time, what is due already first."""
    found = [thing for one in seen if (thing := _next_of(one, known, now)) is not None]
    return sorted(found, key=lambda thing: (thing.at, thing.visit.pk))[:SHOWN]


def _next_of(one: Seen, known: Mapping[tuple[int, str], VisitCheck], now: datetime) -> NextThing | None:
    visit = one.visit
    at = visit.period.lower if visit.status == Status.BOOKED else until_of(visit, one.parts)
    if at is None or not visit.live or visit.status == Status.HELD:
        return None
    words, waits = _words(one, known)
    return NextThing(at, words, one.chair, visit, waits, is_due=at <= now)


def _words(one: Seen, known: Mapping[tuple[int, str], VisitCheck]) -> tuple[str, bool]:
    """What is to be done next, and whether it is the prescriber's to do."""
    visit = one.visit
    if visit.status == Status.BOOKED:
        return gettext("arrives"), False
    if visit.kind != VisitKind.INFUSION:
        return gettext("visit over"), False
    if visit.status in (Status.ARRIVED, Status.SEATED) and one.stop:
        first = gettext("an earlier infusion comes first")
        is_ours = one.stop == Stop.GIVEN_AGAIN_FIRST
        return (first if is_ours else gettext("%(who)s owes a go") % {"who": _prescriber(visit)}), True
    if visit.status == Status.RECOVERING:
        if demands_of(visit).cleared_by == "prescriber" and clearance_of(visit, known) is None:
            return gettext("%(who)s owes a clearance") % {"who": _prescriber(visit)}, True
        return (gettext("observation over") if observed_until(visit) else gettext("discharge")), False
    return {
        Status.ARRIVED: gettext("seat"),
        Status.SEATED: gettext("line"),
        Status.INFUSING: gettext("infusion over"),
    }[Status(visit.status)], False


def _prescriber(visit: Appointment) -> str:
    """Who signed the order, by the name they signed with."""
    version = visit.order.current_version if visit.order else None
    return (version.signed_name if version else "") or gettext("the prescriber")
