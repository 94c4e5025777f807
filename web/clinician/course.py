"""A series as a small time line: what was given, is booked, was missed, waits; and the reviews between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.decisions_made import Key, lets_go_on
from scheduling.models import (
    BROKEN_OFF,
    PATIENT_IS_THERE,
    Appointment,
    Gate,
    GateDecision,
    Order,
    Status,
    VisitKind,
)

MISSED = (Status.NO_SHOW, Status.TURNED_AWAY)


@dataclass(frozen=True, slots=True)
class Stop:
    """One infusion (`number`), or a review after it. `missed`: when somebody came in vain, or did not come."""

    number: int
    is_review: bool
    kind: str
    icon: str
    words: str | Promise
    at: datetime | None = None
    missed: tuple[datetime, ...] = ()


STANDS: Mapping[str, tuple[str, str | Promise]] = {
    "given": ("circle-check", _("given")),
    "elsewhere": ("map-pin", _("given elsewhere")),
    "broken": ("circle-stop", _("broken off")),
    "now": ("droplets", _("under way")),
    "booked": ("calendar", _("booked")),
    "kept": ("hourglass", _("kept")),
    "waits": ("clipboard-clock", _("waits")),
    "missed": ("user-x", _("missed")),
    "open": ("calendar-plus", _("to book")),
    "decided": ("check", _("decided")),
    "due": ("clipboard-check", _("review")),
}


def courses_of(
    orders: Iterable[Order], *, gates: Iterable[Gate], latest: Mapping[Key, GateDecision], now: datetime
) -> dict[int, list[Stop]]:
    """The time line of each signed order, with their reviews and the decisions that count; one query however many they
    are."""
    signed = {order.pk: order for order in orders if order.current_version}
    visits: dict[tuple[int, int], list[Appointment]] = {}
    rows = Appointment.objects.filter(order__in=list(signed), kind=VisitKind.INFUSION)
    for visit in rows.exclude(status=Status.ENTERED_IN_ERROR).exclude(held_until__lte=now).order_by("period"):
        if visit.order_id and visit.dose_number:
            visits.setdefault((visit.order_id, visit.dose_number), []).append(visit)
    reviews = {(gate.order_id, gate.after_number) for gate in gates}
    courses = {}
    for pk, order in signed.items():
        stops: list[Stop] = []
        for number in range(order.current_version.doses + 1 if order.current_version else 0):
            if number:
                stops.append(_infusion(number, visits.get((pk, number), [])))
            if (pk, number) in reviews:
                decided = latest.get((pk, number))
                is_open = decided and lets_go_on(decided.decision, decided.under_version_id, order.current_version_id)
                stops.append(_stop("decided" if is_open else "due", number, is_review=True))
        courses[pk] = stops
    return courses


def _infusion(number: int, visits: list[Appointment]) -> Stop:
    """The visit that settles the infusion, or the last that was missed."""
    missed = tuple(visit.period.lower for visit in visits if visit.status in MISSED)
    standing = [visit for visit in visits if (visit.live or visit.given_at) and not visit.is_repeated]
    if not standing:
        return _stop("missed" if missed else "open", number, missed=missed)
    visit = standing[-1]
    return _stop(_kind_of(visit), number, at=visit.given_at or visit.period.lower, missed=missed)


def _kind_of(visit: Appointment) -> str:
    if visit.given_where:
        return "elsewhere"
    if visit.status in BROKEN_OFF:
        return "broken"
    if visit.status in PATIENT_IS_THERE:
        return "now"
    if visit.given_at:
        return "given"
    if visit.is_tentative:
        return "waits"
    return "kept" if visit.status == Status.HELD else "booked"


def _stop(
    kind: str, number: int, *, is_review: bool = False, at: datetime | None = None, missed: tuple[datetime, ...] = ()
) -> Stop:
    icon, words = STANDS[kind]
    return Stop(number, is_review, kind, icon, words, at, missed)
