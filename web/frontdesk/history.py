"""What happened to a visit, in words: who did it, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.models import ActorKind, Appointment, Event
from web.templatetags.visit_marks import MARKS

WORDS: Mapping[str, str | Promise] = {
    "appointment.confirmed": _("confirmed"),
    "appointment.made_firm": _("certain now"),
    "appointment.waits_for_review": _("waits for review"),
    "appointment.moved": _("moved"),
    "appointment.move_wanted": _("asked for another time"),
    "appointment.cancel_wanted": _("asked to cancel"),
    "appointment.ride_named": _("said who drives home"),
    "appointment.reinstated": _("booked again"),
    "appointment.expected_late": _("said they come late"),
    "appointment.hold_extended": _("kept longer"),
    "appointment.hold_taken_over": _("taken over by someone else"),
    "appointment.gap_lowered": _("allowed nearer to the infusion before"),
    "appointment.rule_allowed": _("allowed against a rule"),
    "appointment.overrun": _("stays longer"),
    "appointment.chair_changed": _("another chair"),
    "appointment.nurse_changed": _("given to another nurse"),
    "appointment.displaced": _("lost its chair"),
    "appointment.placed_again": _("has a chair again"),
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a history."""

    at: datetime
    words: str
    who: str


def history_of(visit: Appointment) -> list[Happened]:
    """What happened to this visit, oldest first. What nobody outside needs to read is left out."""
    known = {**{f"appointment.{status}": mark.text for status, mark in MARKS.items()}, **WORDS}
    events = Event.objects.filter(appointment=visit, verb__in=known).select_related("user").order_by("pk")
    return [Happened(event.happened_at, str(known[event.verb]), who(event)) for event in events]


def who(event: Event) -> str:
    """The name of who did it."""
    if event.user:
        return event.user.shown_name
    return gettext("the patient") if event.actor_kind == ActorKind.PATIENT else gettext("the system")
