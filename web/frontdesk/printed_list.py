"""A series on paper, in large type and in the patient's language: day, time, place, what to do before. No word of
treatment, and no more of a name than tells whose the sheet is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext

from notifications.clinic_rules import sender_name
from notifications.closings import read_closings
from notifications.notice_facts import Preparation
from notifications.preparing import prepare
from scheduling.models import Appointment, Order, Status, VisitMode
from web.at_clinic import order_or_404
from web.current_clinic import ClinicRequest
from web.patient.instructions import instructions_for
from web.patient.shown import is_on_hold
from web.read_aloud import read_aloud

# The languages that texts to patients are written in.
LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One visit on the sheet: what to do before it, and whether somebody has to drive them home. `is_on_hold`: its
    order is paused or over, or the clinic is closed then, so somebody calls."""

    visit: Appointment
    before: list[tuple[str, str]]
    needs_ride: bool
    is_on_hold: bool

    @property
    def takes_place_there(self) -> bool:
        return self.visit.mode == VisitMode.IN_PERSON

    @property
    def is_by_phone(self) -> bool:
        return self.visit.mode == VisitMode.PHONE


def printed_list(request: ClinicRequest, order_id: int) -> HttpResponse:
    """The sheet of what is booked and to come, with a line to read back on the screen alone."""
    order, now = order_or_404(request, order_id), timezone.now()
    language = language_of(request.GET.get("language", ""), order.patient.language)
    # Words for who prints stand in the language of the page; all else in that of the patient.
    desk = {
        "language": translation.get_language(),
        "back": gettext("Series"),
        "print": gettext("Print"),
        "aloud": gettext("Read it back"),
        "choose": gettext("Language of the sheet"),
    }
    with translation.override(language):
        visits = sheets_of(order, now)
        reviews = [one.visit.period.lower for one in visits if one.visit.review_after]
        waiting = [one.visit.period.lower for one in visits if one.visit.is_tentative]
        infusions = [one.visit.period.lower for one in visits if not one.visit.review_after]
        context = {
            "order": order,
            "desk": desk,
            "language": language,
            "languages": LANGUAGES,
            "sender": sender_name(request.clinic, language),
            "phone": request.clinic.phone,
            "sheets": visits,
            "aloud": read_aloud(infusions, reviews, waiting) if visits else "",
            "who": order.patient.preferred_name or order.patient.given_name,
            "printed_at": now,
        }
        return HttpResponse(render_to_string("patient/printed_list.html", context, request))


def language_of(wanted: str, spoken: str) -> str:
    """The language asked for, else the patient's where the sheet is written in it, else English."""
    return next((one for one in (wanted, spoken) if one in LANGUAGES), LANGUAGES[0])


def sheets_of(order: Order, now: datetime) -> list[Sheet]:
    """What is booked of the order and to come, in order of time."""
    rows = Appointment.objects.filter(order=order, status=Status.BOOKED, period__startswith__gt=now)
    visits = list(rows.select_related("clinic", "visit_type", "order", "terms__version").order_by("period"))
    closed = read_closings(visits, now)
    return [sheet_of(visit, on_hold=is_on_hold(visit) or visit.pk in closed) for visit in visits]


def sheet_of(visit: Appointment, *, on_hold: bool) -> Sheet:
    """One visit, with the clock times that its signed terms mean for it; none where somebody calls first."""
    asked = prepare(visit.terms.version.content, visit.period.lower) if visit.terms and not on_hold else None
    asked = asked or Preparation()
    return Sheet(visit, instructions_for(asked, visit.time_zone), asked.needs_ride, on_hold)
