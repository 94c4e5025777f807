"""A series as it stands: what was given, booked, kept or is left to book, and what to read out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.template.response import TemplateResponse
from django.utils import timezone

from notifications.contact_wishes import ways_open
from notifications.notice_facts import ChannelName
from scheduling.amendment_effects import fits_no_longer
from scheduling.as_needed import as_needed_of
from scheduling.models import GONE, Appointment, Order, OrderState, Patient, Status, VisitKind
from scheduling.permissions import CLINICAL, may
from scheduling.prerequisite_rows import prerequisites_of, with_prerequisites
from scheduling.repeat_misses import waits_for_prescriber
from web.at_clinic import actor, order_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.kept import kept_options
from web.messages_sent import CHANNELS
from web.readiness_words import ready_words
from web.spoken import infusion_of, read_aloud, visit_name, word_of
from web.templatetags.visit_marks import waits as waits_for_review


@dataclass(frozen=True, slots=True)
class Line:
    """One infusion of the series with its visit, if it has one; or, without a number, a review that has a visit.
    `ready`: that the visit is, or what it waits for."""

    number: int | None
    what: str
    visit: Appointment | None
    waits: bool
    no_longer_fits: bool = False
    ready: str = ""


def series(request: ClinicRequest, order_id: int) -> TemplateResponse:
    """The page of one series."""
    order = order_or_404(request, order_id)
    now = timezone.now()
    lines = lines_of(order, now)
    booked = [line for line in lines if line.visit and line.visit.status == Status.BOOKED]
    starts = {line.visit.period.lower: line.number for line in booked if line.visit and line.visit.period.lower > now}
    numbers = [line.number for line in booked if line.number and line.visit and line.visit.clinic == request.clinic]
    context = {
        "order": order,
        "patient": order.patient,
        "lines": lines,
        "left": [line.number for line in lines if line.visit is None],
        "aloud": read_aloud_of(starts),
        "numbers": numbers,
        "kept": kept_options(order, request.clinic, request.user, now=now),
        "channels": channels_to(order.patient),
        "is_clinical": bool(request.membership_roles & CLINICAL),
        "asks_before": bool(prerequisites_of(order)),
        "now": now,
        "waits": waits_for_prescriber(order),
        "word": word_of(order.current_version),
        "as_needed": as_needed_of(order) if may(actor(request), "order.draft") else None,
    }
    return TemplateResponse(request, "frontdesk/series.html", context)


def read_aloud_of(starts: dict[datetime, int | None]) -> str:
    """The sentence for what is booked, by the number of the infusion or None for a review; empty where nothing is."""
    infusions = [start for start, number in starts.items() if number]
    return read_aloud(infusions, [start for start, number in starts.items() if not number]) if starts else ""


def lines_of(order: Order, now: datetime) -> list[Line]:
    """The infusions in order, each followed by its review where that has a visit; a cancelled visit, one that is no
    longer kept, or one that was broken off and is given again, leaves its infusion to book again."""
    version = order.current_version
    if version is None:
        return []
    visits = Appointment.objects.filter(order=order).exclude(kind=VisitKind.KEPT).exclude(status__in=GONE)
    visits = visits.exclude(held_until__lte=now).order_by("period")
    standing: dict[int, Appointment] = {}
    reviews: dict[int, Appointment] = {}
    broken_off: dict[int, list[Appointment]] = {}
    unruled = set(Appointment.objects.unruled().filter(order=order).values_list("pk", flat=True))
    for visit in with_prerequisites(visits).select_related("clinic", "terms", "order"):
        if visit.dose_number and visit.is_repeated:
            broken_off.setdefault(visit.dose_number, []).append(visit)
        elif visit.dose_number and stands(visit):
            standing[visit.dose_number] = visit
        elif visit.review_after and (visit.live or visit.status == Status.COMPLETED):
            reviews[visit.review_after] = visit
    lines: list[Line] = []
    beyond = [number for number in standing if number > version.doses]
    for number in (*range(1, version.doses + 1), *sorted(beyond)):
        visit_there = standing.get(number)
        waits = bool(visit_there and (waits_for_review(visit_there) or visit_there.pk in unruled))
        stale = bool(visit_there and fits_no_longer(visit_there))
        name = infusion_of(number, version.doses, word_of(version))
        lines += [Line(None, name, one, waits=False) for one in broken_off.get(number, [])]
        ready = ready_words(visit_there, now) if visit_there else ""
        lines.append(Line(number, name, visit_there, waits, stale, ready))
        if review := reviews.get(number):
            lines.append(Line(None, visit_name(review), review, waits=order.state == OrderState.PAUSED))
    return lines


def stands(visit: Appointment) -> bool:
    """Whether the visit settles its infusion: it is booked, under way, or was given."""
    return visit.live or visit.given_at is not None


def channels_to(patient: Patient) -> list[str]:
    """By which channels the patient may be told, in words; empty when nobody may message them."""
    return [str(CHANNELS[way]) for way in ways_open(patient) if way != ChannelName.CALL]
