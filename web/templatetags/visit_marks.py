"""How the status of a visit looks and reads: one place, so that board, lists and pages agree."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django import template
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.displacing import NOT_STARTED
from scheduling.models import Appointment, OrderState, Status
from scheduling.stopped_starts import Stop, stop_of
from web.spoken import clock, soon

register = template.Library()


class Mark(NamedTuple):
    """A tone, an icon and words, so that nothing is said by colour alone."""

    tone: str
    icon: str
    text: str | Promise


MARKS = {
    Status.HELD: Mark("neutral", "hourglass", _("kept")),
    Status.BOOKED: Mark("info", "calendar", _("booked")),
    Status.ARRIVED: Mark("active", "door-open", _("arrived")),
    Status.SEATED: Mark("active", "armchair", _("seated")),
    Status.INFUSING: Mark("active", "droplets", _("infusing")),
    Status.RECOVERING: Mark("active", "bed", _("recovering")),
    Status.COMPLETED: Mark("success", "circle-check", _("completed")),
    Status.RELEASED: Mark("neutral", "timer-off", _("no longer kept")),
    Status.CANCELLED: Mark("neutral", "calendar-x", _("cancelled")),
    Status.NO_SHOW: Mark("danger", "user-x", _("did not come")),
    Status.TURNED_AWAY: Mark("warning", "circle-slash", _("not treated today")),
    Status.STOPPED_EARLY: Mark("warning", "circle-stop", _("stopped early")),
    Status.TRANSFERRED: Mark("danger", "ambulance", _("transferred")),
    Status.LEFT_UNCLEARED: Mark("danger", "log-out", _("left without clearance")),
    Status.ENTERED_IN_ERROR: Mark("neutral", "eraser", _("entered in error")),
}
CONFIRMED = Mark("success", "calendar-check", _("confirmed"))
WAITS_FOR_REVIEW = Mark("review", "clipboard-clock", _("waits for review"))
STOPS = {
    Stop.NOT_ACTIVE: Mark("review", "circle-pause", _("order not active")),
    Stop.NO_LONGER_FITS: Mark("review", "calendar-clock", _("no longer fits the order")),
    Stop.REVIEW: WAITS_FOR_REVIEW,
    Stop.RULING: Mark("review", "clipboard-clock", _("waits for a ruling")),
    Stop.GIVEN_AGAIN_FIRST: Mark("review", "rotate-ccw", _("an earlier infusion comes first")),
}
WAITS_FOR_CHAIR = Mark("warning", "clock-alert", _("waiting for a chair"))


def mark_of(
    status: str,
    *,
    confirmed: bool = False,
    tentative: bool = False,
    until: datetime | None = None,
    placed: bool = True,
) -> Mark:
    """The mark of a visit. Of one that has not started it matters first that it has no chair (`placed`); of a booked
    one that it waits for a review, then that it is confirmed; of a kept one `until` when."""
    if not placed and status in NOT_STARTED:
        return WAITS_FOR_CHAIR
    if status == Status.HELD and until is not None:
        return MARKS[Status.HELD]._replace(
            text=gettext("kept until %(time)s") % {"time": soon(until, timezone.localdate())}
        )
    if status == Status.BOOKED and tentative:
        return WAITS_FOR_REVIEW
    if status == Status.BOOKED and confirmed:
        return CONFIRMED
    return MARKS[Status(status)]


def mark_of_visit(visit: Appointment) -> Mark:
    """The same of a visit that comes with its order."""
    return mark_of(
        visit.status,
        confirmed=bool(visit.confirmed_at),
        tentative=waits(visit),
        until=visit.held_until,
        placed=visit.is_placed,
    )


@register.filter
def status_words(status: str) -> str:
    """The words of a status inside a sentence: “stopped early”."""
    return str(MARKS[Status(status)].text)


@register.filter
def waits(visit: Appointment) -> bool:
    """Whether a visit waits for the prescriber: for a review, for a ruling where the visit knows of one (`with_stops`),
    or for its order to go on. It comes with its order."""
    is_paused = visit.order is not None and visit.order.state == OrderState.PAUSED
    return visit.is_tentative or is_paused or (hasattr(visit, "waits_for_ruling") and stop_of(visit) == Stop.RULING)


@register.filter
def late_words(visit: Appointment) -> str:
    """late, 9:20 AM: when a patient who said they come late is expected; empty for any other, and once they came."""
    if visit.status != Status.BOOKED or visit.expected_at is None:
        return ""
    return gettext("late, %(time)s") % {"time": clock(visit.expected_at)}


@register.filter
def stop_mark(visit: Appointment) -> Mark | None:
    """Why a visit read by `with_stops` can't be started, for clinical staff; None where it can, or where its status
    says so already."""
    stop = stop_of(visit)
    said_already = stop == Stop.REVIEW and visit.status == Status.BOOKED
    return None if stop is None or said_already else STOPS[stop]


@register.inclusion_tag("components/badge.html")
def visit_status(
    status: str, *, confirmed: bool = False, tentative: bool = False, until: datetime | None = None, placed: bool = True
) -> dict[str, object]:
    """The badge: `{% visit_status visit.status confirmed=visit.confirmed_at tentative=visit.is_tentative %}`, and
    `until=visit.held_until` where kept times may be shown, `placed=visit.is_placed` where chairs matter."""
    return mark_of(status, confirmed=bool(confirmed), tentative=tentative, until=until, placed=placed)._asdict()


@register.simple_tag
def visit_tone(status: str, *, confirmed: bool = False, tentative: bool = False, placed: bool = True) -> str:
    """The tone alone, for a block's class: `visit--{% visit_tone visit.status %}`."""
    return mark_of(status, confirmed=bool(confirmed), tentative=tentative, placed=placed).tone
