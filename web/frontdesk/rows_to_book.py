"""What is left to book of a clinic's orders: one row an order, most pressing first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Min

from scheduling.clinic_time import ClinicTime
from scheduling.models import Appointment, Clinic, Order, VisitKind
from scheduling.orders import orders_to_book
from scheduling.repeated_infusions import counted_from_broken_off
from scheduling.reviews import ReviewDue
from scheduling.spacing import OpenDaysUnknown, Spacing, Window, window_for
from web.spoken import infusion_of, word_of

FAR = date.max


@dataclass(frozen=True, slots=True)
class ToBook:
    """An order with what is left of it. `window`: the days its next infusion may lie on, as far as they follow; of
    single infusions as needed `next_one` says which is next, and `until` the last day they were ordered for.
    `kept_until`: till when times are kept for it that were looked for before it was signed."""

    order: Order
    numbers: tuple[int, ...]
    window: Window
    waits: bool
    next_one: str = ""
    until: date | None = None
    kept_until: datetime | None = None


def kept_for(orders: Iterable[Order], now: datetime) -> dict[int, datetime]:
    """Until when times are kept for these orders beside what is booked, by order."""
    visits = Appointment.objects.filter(order__in=list(orders), kind=VisitKind.KEPT, asked_for=None, held_until__gt=now)
    kept = visits.values_list("order_id").annotate(Min("held_until"))
    return {order_id: until for order_id, until in kept if order_id is not None}


def rows_to_book(clinic: Clinic, due: Sequence[ReviewDue], *, now: datetime) -> list[ToBook]:
    """What is left to book at a clinic: first what has times kept for it, then most pressing first. `due` are the
    reviews that wait."""
    found = orders_to_book(clinic=clinic)
    starts: dict[int, dict[int, datetime]] = {order.pk: {} for order in found}
    again: dict[int, dict[int, datetime]] = {order.pk: {} for order in found}
    had = Appointment.objects.had_of_order(Order.objects.filter(pk__in=list(starts)))
    waiting = {review.order.pk for review in due}
    columns = ("order_id", "dose_number", "given_at", "period", "is_repeated", "needs_ruling", "rulings")
    for order_id, number, given_at, period, is_repeated, needs_ruling, ruling in had.values_list(*columns):
        if order_id and number:
            (again if is_repeated else starts)[order_id][number] = given_at or period.lower
            waiting |= {order_id} if needs_ruling and ruling is None else set()
    clock = ClinicTime(clinic.time_zone)
    kept = kept_for(found, now)
    rows = [
        replace(
            _row(order, starts[order.pk], again[order.pk], clock, waits=order.pk in waiting),
            kept_until=kept.get(order.pk),
        )
        for order in found
    ]
    return sorted(rows, key=lambda row: (row.kept_until is None, row.window.latest or FAR, row.order.pk))


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
