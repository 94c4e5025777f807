"""A series as it stands: what was given, booked, kept or is left to book, and what to read out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.translation import get_language

from notifications.contact_wishes import messaged_by
from notifications.news_waiting import goes_as_planned, news_waiting
from scheduling.as_needed import as_needed_of
from scheduling.models import Clinic, Order, Patient, Status
from scheduling.permissions import CLINICAL, may
from scheduling.prerequisite_rows import prerequisites_of
from scheduling.repeat_misses import waits_for_prescriber
from web.at_clinic import actor, order_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.kept import kept_options
from web.frontdesk.printed_list import LANGUAGES
from web.frontdesk.series_lines import Line, lines_of
from web.frontdesk.time_line import points_of
from web.frontdesk.when_it_goes import when_it_goes
from web.messages_sent import CHANNELS
from web.read_aloud import read_aloud
from web.spoken import word_of


def series(request: ClinicRequest, order_id: int) -> TemplateResponse:
    """The page of one series."""
    order = order_or_404(request, order_id)
    now = timezone.now()
    lines = lines_of(order, now)
    booked = [line for line in lines if line.visit and line.visit.status == Status.BOOKED]
    to_come = [line for line in booked if line.visit and line.visit.period.lower > now]
    numbers = [line.number for line in booked if line.number and line.visit and line.visit.clinic == request.clinic]
    context = {
        "order": order,
        "patient": order.patient,
        "points": points_of(order, request.clinic, lines, now),
        "left": [line.number for line in lines if line.visit is None],
        "aloud": read_aloud_of(to_come),
        "aloud_there": aloud_in(order.patient.language, to_come),
        "numbers": numbers,
        "kept": kept_options(order, request.clinic, request.user, now=now),
        "channels": channels_to(order.patient, request.clinic),
        "told": when_told(order, now),
        "is_clinical": bool(request.membership_roles & CLINICAL),
        "asks_before": bool(prerequisites_of(order)),
        "now": now,
        "waits": waits_for_prescriber(order),
        "word": word_of(order.current_version),
        "as_needed": as_needed_of(order) if may(actor(request), "order.draft") else None,
    }
    return TemplateResponse(request, "frontdesk/series.html", context)


def read_aloud_of(lines: Sequence[Line]) -> str:
    """The sentence for what is booked, infusions and reviews; empty where nothing is."""
    visits = [line.visit for line in lines if line.visit]
    return read_aloud(
        [visit.period.lower for visit in visits if not visit.review_after],
        [visit.period.lower for visit in visits if visit.review_after],
        [visit.period.lower for visit in visits if visit.is_tentative],
    )


def aloud_in(language: str, lines: Sequence[Line]) -> tuple[str, str] | None:
    """The same in the patient's language, with its code, where the page is in another one."""
    if language not in LANGUAGES or language == get_language():
        return None
    with translation.override(language):
        aloud = read_aloud_of(lines)
    return (language, aloud) if aloud else None


def when_told(order: Order, now: datetime) -> str:
    """When the news of this series that waits for the patient goes, in words; empty where none waits."""
    at = goes_as_planned(news_waiting(order.patient, order=order), now)
    return when_it_goes(at, now) if at else ""


def channels_to(patient: Patient, clinic: Clinic) -> list[str]:
    """By which channels the clinic may tell the patient, in words; empty when nobody may message them."""
    return [str(CHANNELS[channel]) for channel in messaged_by(patient, clinic)]
