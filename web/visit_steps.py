"""Moving a visit one step on: which step comes next, what it is called, and why it can't be recorded, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime, NonexistentTime
from scheduling.models import Appointment, Status, VisitKind
from scheduling.stopped_starts import Stop
from scheduling.visit_steps import NotPossibleFromHere
from web.templatetags.visit_marks import mark_of

NEXT_OF_INFUSION = {
    Status.BOOKED: Status.ARRIVED,
    Status.ARRIVED: Status.SEATED,
    Status.SEATED: Status.INFUSING,
    Status.INFUSING: Status.RECOVERING,
    Status.RECOVERING: Status.COMPLETED,
}
NEXT_OF_OTHERS = {Status.BOOKED: Status.ARRIVED, Status.ARRIVED: Status.COMPLETED}
WORDS: Mapping[Status, str | Promise] = {
    Status.ARRIVED: _("Arrived"),
    Status.SEATED: _("Seat"),
    Status.INFUSING: _("Start infusion"),
    Status.RECOVERING: _("Infusion finished"),
    Status.COMPLETED: _("Discharge"),
}
# Why an infusion can't be started, for clinical staff.
MUST_WAIT: Mapping[Stop, str | Promise] = {
    Stop.NOT_ACTIVE: _("The order is not active, so this infusion can't be started."),
    Stop.NO_LONGER_FITS: _("The order was changed, and this visit no longer fits it, so it can't be started."),
    Stop.REVIEW: _("The review before this infusion is not decided, so it can't be started."),
    Stop.RULING: _("An infusion before this one was broken off and waits for a ruling, so it can't be started."),
    Stop.GIVEN_AGAIN_FIRST: _("An infusion before this one is to be given again first, so it can't be started."),
}
NOT_UNDERSTOOD = _("That time was not understood. Write it like 9:05 or 13:30.")
NOT_READ_BACK = _("Read it back to the prescriber first, then say so here.")
NOT_THEN = _("It can't have happened then. Write a time of the visit's day, after the step before.")
NOT_CLEARED_THEN = _("It can't have been said then: after the infusion was over, within the last day.")


def next_step(visit: Appointment, stop: Stop | None, now: datetime) -> Status | None:
    """The step that usually comes next; None once the visit is over, on a day before its own, and for a start that
    `stop` stands against."""
    steps = NEXT_OF_INFUSION if visit.kind == VisitKind.INFUSION else NEXT_OF_OTHERS
    step = steps.get(Status(visit.status))
    return None if is_days_ahead(visit, now) or (step == Status.INFUSING and stop) else step


def is_days_ahead(visit: Appointment, now: datetime) -> bool:
    """Whether its day is yet to come at its clinic: nothing of it can have happened."""
    clock = ClinicTime(visit.time_zone)
    return visit.status == Status.BOOKED and clock.local_day(now) < clock.local_day(visit.period.lower)


def next_words(visit: Appointment, step: Status | None) -> str:
    """What the button of the next step says; empty where there is none."""
    if step == Status.COMPLETED and visit.kind != VisitKind.INFUSION:
        return gettext("Finished")
    return str(WORDS[step]) if step else ""


def instant_of(wall: time | None, visit: Appointment, now: datetime) -> datetime:
    """When it happened: the time said, on the visit's day; without one, now."""
    if wall is None:
        return now
    clinic_clock = ClinicTime(visit.time_zone)
    try:
        return clinic_clock.at_wall(clinic_clock.local_day(visit.period.lower), wall, which="first")
    except NonexistentTime:
        return now


def words_for_refusal(refusal: NotPossibleFromHere) -> str:
    """What to say when someone was quicker."""
    words = gettext("Nothing was changed: this visit is now “%(status)s”. Look again before you go on.")
    return words % {"status": mark_of(refusal.status).text}
