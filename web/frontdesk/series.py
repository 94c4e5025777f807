"""A series as it stands: what was given, what is booked, what is left to book, and what to read out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.template.response import TemplateResponse
from django.utils import timezone

from notifications.consent import consenting
from notifications.models import PatientAddress
from scheduling.models import Appointment, Order, Patient, Status
from web.at_clinic import order_or_404
from web.current_clinic import ClinicRequest
from web.messages_sent import CHANNELS
from web.spoken import infusion_of, read_aloud

GONE = (Status.CANCELLED, Status.RELEASED, Status.ENTERED_IN_ERROR)


@dataclass(frozen=True, slots=True)
class Line:
    """One infusion of the series with its visit, if it has one."""

    number: int
    what: str
    visit: Appointment | None
    waits: bool


def series(request: ClinicRequest, order_id: int) -> TemplateResponse:
    """The page of one series."""
    order = order_or_404(request, order_id)
    now = timezone.now()
    lines = lines_of(order, now)
    to_come = [line.visit.period.lower for line in lines if line.visit and line.visit.status == Status.BOOKED]
    context = {
        "order": order,
        "patient": order.patient,
        "lines": lines,
        "left": [line.number for line in lines if line.visit is None],
        "aloud": read_aloud(to_come) if to_come else "",
        "channels": channels_to(order.patient),
        "now": now,
    }
    return TemplateResponse(request, "frontdesk/series.html", context)


def lines_of(order: Order, now: datetime) -> list[Line]:
    """The infusions in order; a cancelled visit, or one that is no longer kept, leaves its infusion to book again."""
    version = order.current_version
    if version is None:
        return []
    visits = Appointment.objects.filter(order=order, dose_number__isnull=False).exclude(status__in=GONE)
    visits = visits.exclude(held_until__lte=now).order_by("period")
    standing = {visit.dose_number: visit for visit in visits.select_related("clinic") if stands(visit)}
    return [
        Line(number, infusion_of(number, version.doses), visit, bool(visit and visit.is_tentative))
        for number in range(1, version.doses + 1)
        for visit in [standing.get(number)]
    ]


def stands(visit: Appointment) -> bool:
    """Whether the visit settles its infusion: it is booked, under way, or was given."""
    return visit.live or visit.given_at is not None


def channels_to(patient: Patient) -> list[str]:
    """By which channels the patient may be told, in words; empty when nobody may message them."""
    links = PatientAddress.objects.filter(
        patient=patient, ended_at=None, address__is_valid=True, address__stopped_at=None
    )
    kinds = {link.address_id: link.address.kind for link in links.select_related("address")}
    willing = {kinds[address] for address in consenting(kinds)}
    return [str(CHANNELS[channel]) for kind, channel in (("phone", "sms"), ("email", "email")) if kind in willing]
