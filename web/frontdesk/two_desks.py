"""Two people at one visit or series: what the other one did since this page was made, who it was, and when."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from scheduling.models import Appointment, Order, Status
from scheduling.why_not import WhyNot
from web.frontdesk.history import Happened, history_of

MOST_LINES = 3


def done_since(visit: Appointment, row_version: int | None) -> list[Happened]:
    """The last that happened to a visit since it had this version, oldest first; empty where it still has it. Every
    write makes one version, and not every one is worth a line."""
    if row_version is None or row_version >= visit.row_version:
        return []
    return history_of(visit)[-min(visit.row_version - row_version, MOST_LINES) :]


def booked_before(order: Order, reasons: Iterable[WhyNot]) -> QuerySet[Appointment]:
    """The visits for which a booking was refused because they were booked already, with whoever booked them."""
    numbers = [reason.number for reason in reasons if reason.rule == "already_settled"]
    booked = Appointment.objects.filter(order=order, status=Status.BOOKED, dose_number__in=numbers)
    return booked.select_related("booked_by").order_by("dose_number")
