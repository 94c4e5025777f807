"""Orders with infusions left to book: the one whose time runs out first stands on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.template.response import TemplateResponse
from django.utils import timezone

from notifications.order_news import untold_at
from scheduling.amendment_effects import orders_not_fitting
from scheduling.clinic_time import ClinicTime
from scheduling.follow_ups_due import reviews_to_book
from scheduling.models import Appointment, Clinic, Order, Role
from scheduling.orders import orders_to_book
from scheduling.pausing import places_to_settle
from scheduling.repeated_infusions import counted_from_broken_off
from scheduling.reviews import ReviewDue, reviews_due
from scheduling.spacing import OpenDaysUnknown, Spacing, Window, window_for
from web.current_clinic import ClinicRequest
from web.spoken import infusion_of, look_alikes, word_of

CLINICAL = frozenset({Role.NURSE, Role.PRESCRIBER})
FAR = date.max


@dataclass(frozen=True, slots=True)
class ToBook:
    """An order with what is left of it. `window`: the days its next infusion may lie on, as far as they follow; of
    single infusions as needed `next_one` says which is next, and `until` the last day they were ordered for."""

    order: Order
    numbers: tuple[int, ...]
    window: Window
    waits: bool
    next_one: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order that waits for the prescriber: since when, by when, and the next of its visits that waits with it."""

    due: ReviewDue
    is_overdue: bool
    next_visit: datetime | None


def orders(request: ClinicRequest) -> TemplateResponse:
    """The list. Desk roles read that an order waits for the prescriber, clinical ones that a review is due."""
    now, due = timezone.now(), reviews_due(clinic=request.clinic)
    rows = rows_to_book(request.clinic, due)
    context = {
        "to_settle": places_to_settle(clinic=request.clinic, now=now),
        "untold": untold_at(request.clinic, now=now),
        "rows": rows,
        "not_fitting": orders_not_fitting(clinic=request.clinic),
        "reviews": reviews_to_book(clinic=request.clinic),
        "waiting": waiting_orders(due, now=now),
        "alike": look_alikes(row.order.patient for row in rows),
        "is_clinical": bool(request.membership_roles & CLINICAL),
        "today": timezone.localdate(),
    }
    return TemplateResponse(request, "frontdesk/orders.html", context)


def waiting_orders(due: Sequence[ReviewDue], *, now: datetime) -> list[WaitingOrder]:
    """What waits for the prescriber, past its day first."""
    ahead = Appointment.objects.filter(order__in=[one.order for one in due], live=True, is_tentative=True)
    starts: dict[int | None, datetime] = {}
    for order_id, period in ahead.filter(period__startswith__gt=now).values_list("order_id", "period"):
        starts[order_id] = min(period.lower, starts.get(order_id, period.lower))
    return [WaitingOrder(one, one.is_overdue(now), starts.get(one.order.pk)) for one in due]


def rows_to_book(clinic: Clinic, due: Sequence[ReviewDue]) -> list[ToBook]:
    """What is left to book at a clinic, most pressing first."""
    found = orders_to_book(clinic=clinic)
    starts: dict[int, dict[int, datetime]] = {order.pk: {} for order in found}
    again: dict[int, dict[int, datetime]] = {order.pk: {} for order in found}
    had = Appointment.objects.had_of_order(Order.objects.filter(pk__in=list(starts)))
    waiting = {review.order.pk for review in due}
    columns = ("order_id", "dose_number", "given_at", "period", "is_repeated", "needs_ruling", "ruling")
    for order_id, number, given_at, period, is_repeated, needs_ruling, ruling in had.values_list(*columns):
        if order_id and number:
            (again if is_repeated else starts)[order_id][number] = given_at or period.lower
            waiting |= {order_id} if needs_ruling and ruling is None else set()
    clock = ClinicTime(clinic.time_zone)
    rows = [_row(order, starts[order.pk], again[order.pk], clock, waits=order.pk in waiting) for order in found]
    return sorted(rows, key=lambda row: (row.window.latest or FAR, row.order.pk))


def _row(
    order: Order, starts: dict[int, datetime], again: dict[int, datetime], clock: ClinicTime, *, waits: bool
) -> ToBook:
    version = order.current_version
    doses = version.doses if version else 0
    numbers = tuple(number for number in range(1, doses + 1) if number not in starts)
    spacings = Spacing.list_from(version.content.get("spacing", []) if version else [])
    spacings = counted_from_broken_off(spacings, again, starts, clock)
    before = {number: start for number, start in starts.items() if numbers and number < numbers[0]}
    try:
        window = window_for(numbers[0], before, spacings, clock) if numbers else Window()
    except OpenDaysUnknown:
        window = Window()
    if version is None or order.follows_id is None or not numbers:
        return ToBook(order, numbers, window, waits)
    first, last = version.not_before, version.not_after
    window = Window(max(filter(None, (window.earliest, first)), default=None), window.latest or last)
    return ToBook(order, numbers, window, waits, infusion_of(numbers[0], doses, word_of(version)), last)
