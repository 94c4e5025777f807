"""The visits behind a link as their patient may know them. No name and no word of treatment is in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from notifications.cannot_come import cancelled_at_once
from notifications.closings import read_closings
from notifications.links import visits_behind, visits_told
from notifications.models import CallKind, CallTask, Message, RideHome
from notifications.notice_facts import Preparation, Purpose
from notifications.preparing import prepare
from scheduling.models import PATIENT_IS_THERE, Appointment, OrderState, Status, VisitMode

WISHES = (CallKind.WANTS_TO_MOVE, CallKind.WANTS_TO_CANCEL)
READ_WITH = ("clinic", "visit_type", "order", "terms__version")


@dataclass(frozen=True, slots=True)
class Shown:
    """One visit. `wishes`: the kinds of call that are open for it. `preparing`, and `plan_says`, the signed order's own
    instructions by language, are shown to who knows the birth date.

    `is_closed`: the clinic is closed then, so there is nothing to say yes or no to. `is_on_hold`: somebody calls
    before it takes place.
    """

    visit: Appointment
    can_confirm: bool
    can_say_no: bool
    cancels_at_once: bool
    wishes: frozenset[str]
    preparing: Preparation | None
    ride_is_named: bool
    is_closed: bool = False
    is_on_hold: bool = False
    plan_says: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_cancelled(self) -> bool:
        return self.visit.status == Status.CANCELLED

    @property
    def is_missed(self) -> bool:
        """The patient did not come, and was told so in the message."""
        return self.visit.status == Status.NO_SHOW

    @property
    def is_under_way(self) -> bool:
        """The patient has come: nothing is asked of this visit any more, and nothing changed from afar."""
        return self.visit.status in PATIENT_IS_THERE

    @property
    def needs_ride(self) -> bool:
        return self.preparing is not None and self.preparing.needs_ride

    @property
    def length(self) -> timedelta:
        """How long it takes."""
        length: timedelta = self.visit.period.upper - self.visit.period.lower
        return length

    @property
    def is_thanked_for(self) -> bool:
        """The patient said yes, and nothing since that speaks against it."""
        is_off = self.is_cancelled or self.is_on_hold or self.is_under_way or self.wants_to_cancel or self.wants_to_move
        return self.visit.confirmed_at is not None and not is_off

    @property
    def join_link(self) -> str:
        """Where a video visit takes place."""
        kind = self.visit.visit_type
        return kind.join_link if kind and self.visit.mode == VisitMode.VIDEO else ""

    @property
    def takes_place_there(self) -> bool:
        return self.visit.mode == VisitMode.IN_PERSON

    @property
    def is_by_phone(self) -> bool:
        return self.visit.mode == VisitMode.PHONE

    @property
    def wants_to_cancel(self) -> bool:
        return CallKind.WANTS_TO_CANCEL in self.wishes

    @property
    def wants_to_move(self) -> bool:
        return CallKind.WANTS_TO_MOVE in self.wishes


def shown_visits(message: Message, *, now: datetime) -> list[Shown]:
    """The visits behind the link in order of time; before them those that the message said were missed."""
    visits = list(visits_behind(message, now=now).select_related(*READ_WITH))
    if message.purpose == Purpose.MISSED:
        visits = [*visits_told(message).filter(status=Status.NO_SHOW).select_related(*READ_WITH), *visits]
    ids = [visit.pk for visit in visits]
    asked: dict[int | None, set[str]] = {}
    for visit_id, kind in CallTask.objects.filter(visit__in=ids, kind__in=WISHES, closed_at=None).values_list(
        "visit_id", "kind"
    ):
        asked.setdefault(visit_id, set()).add(kind)
    at_once = cancelled_at_once(visits, now=now)
    closed = read_closings([visit for visit in visits if visit.status == Status.BOOKED], now)
    named = set(RideHome.objects.filter(visit__in=ids).values_list("visit_id", flat=True))
    return [
        Shown(
            visit=visit,
            can_confirm=may_confirm(visit, now) and visit.pk not in closed,
            can_say_no=visit.status == Status.BOOKED and visit.period.lower > now and visit.pk not in closed,
            cancels_at_once=visit.pk in at_once,
            wishes=frozenset(asked.get(visit.pk, ())),
            preparing=prepare(visit.terms.version.content, visit.period.lower)
            if visit.terms and not is_on_hold(visit)
            else None,
            ride_is_named=visit.pk in named,
            is_closed=visit.pk in closed,
            is_on_hold=is_on_hold(visit),
            plan_says=visit.terms.version.content.get("instructions", {}) if visit.terms else {},
        )
        for visit in visits
    ]


def shown_visit(message: Message, wanted: str, *, now: datetime) -> Shown | None:
    """The one of these visits whose id a form sent; None for any other, and for what is no id."""
    return next((one for one in shown_visits(message, now=now) if str(one.visit.pk) == wanted), None)


def may_confirm(visit: Appointment, now: datetime) -> bool:
    """Booked, firm, its order not paused, not confirmed yet, and still to come."""
    open_yet = visit.status == Status.BOOKED and visit.confirmed_at is None and visit.period.lower > now
    return open_yet and not is_on_hold(visit) and not visit.is_tentative


def is_on_hold(visit: Appointment) -> bool:
    """Whether a booked visit's order is not active. `visit` comes with its order."""
    is_on = visit.order is None or visit.order.state == OrderState.ACTIVE
    return visit.status == Status.BOOKED and not is_on
