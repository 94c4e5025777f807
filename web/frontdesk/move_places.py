"""Which places a picked-up visit may be dropped at, for the board: the starts of a day, and why not another one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext

from scheduling.clinic_time import ClinicTime
from scheduling.models import Appointment, Status
from scheduling.places_to_move import places_on, would_become
from scheduling.rest_behind import rest_behind
from scheduling.series_terms import ProposedVisit
from scheduling.visit_steps import NotPossibleFromHere
from scheduling.why_not_then import in_more_words, why_not_there
from web.at_clinic import visit_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.other_time import FAR, instant_from
from web.spoken import clock, long_day, said, visit_name
from web.visit_steps import words_for_refusal


def visit_places(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """The starts of `?day=` that this visit may take; with `?at=` whether that one will do, and else why not."""
    shown, now = visit_or_404(request, visit_id), timezone.now()
    if shown.status != Status.BOOKED:
        return JsonResponse({"places": [], "said": words_for_refusal(NotPossibleFromHere(shown.status))})
    if "at" in request.GET:
        at = instant_from(request.GET["at"])
        if at is None:
            return JsonResponse({"said": gettext("That is no time.")}, status=400)
        return JsonResponse(said_of(shown, at, now))
    day = asked_day(request, shown)
    places = places_on(appointment=shown, day=day, now=now)
    return JsonResponse(
        {
            "what": f"{shown.patient.shown_name}, {visit_name(shown)}",
            "now": shown.period.lower.isoformat(),
            "minutes": int((shown.period.upper - shown.period.lower).total_seconds() // 60),
            "places": [as_place(place) for place in places],
            "said": summary(shown, places, day),
            "keys": gettext("Arrow keys choose, Enter drops, Escape gives up."),
            "given_up": gettext("Given up. Nothing was moved."),
            "same_time": gettext("It stays at its time. Its chair is given by the clinic's rules, or by a nurse."),
            "makes_room": gettext("A visit of somebody else changes its chair for it."),
        }
    )


def asked_day(request: ClinicRequest, shown: Appointment) -> date:
    """The day in the address, else the visit's own."""
    own = ClinicTime(shown.time_zone).local_day(shown.period.lower)
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return own
    return day if abs(day - own) < FAR else own


def as_place(place: ProposedVisit) -> dict[str, object]:
    """One start with its words; `moves`: how many visits of others would change their chair."""
    return {"start": place.start.isoformat(), "said": clock(place.start), "moves": len(place.moves)}


def summary(shown: Appointment, places: Sequence[ProposedVisit], day: date) -> str:
    """What is said when the visit is picked up."""
    count = len([place for place in places if place.start != shown.period.lower])
    words = {"what": f"{shown.patient.shown_name}, {visit_name(shown)}", "day": long_day(day), "n": count}
    if not count:
        return gettext("Picked up: %(what)s. No other time on %(day)s will do.") % words
    text = ngettext(
        "Picked up: %(what)s. %(n)s other time on %(day)s will do.",
        "Picked up: %(what)s. %(n)s other times on %(day)s will do.",
        count,
    )
    return text % words


def said_of(shown: Appointment, at: datetime, now: datetime) -> dict[str, object]:
    """Whether a start will do, alone or with the rest of the series behind it, and the reasons where it won't."""
    new, problems = would_become(appointment=shown, start=at, now=now)
    if new is not None:
        return {"fits": True, "rest": False, "said": clock(at)}
    reasons = in_more_words(problems, why_not_there(appointment=shown, start=at, now=now))
    only_distance = {problem.rule for problem in problems} <= {"spacing", "order"}
    rest = only_distance and bool(rest_behind(appointment=shown, start=at, now=now))
    words = " ".join(capfirst(said(reason)) for reason in reasons)
    if rest:
        words += " " + gettext("It works if the later ones move too.")
    return {"fits": False, "rest": rest, "said": words}
