"""Which orders have infusions left to book."""

from __future__ import annotations

from scheduling.models import Appointment, Clinic, Order, OrderState, Patient


def orders_to_book(*, clinic: Clinic) -> list[Order]:
    """Active orders for this clinic with infusions neither booked nor given, oldest signature first."""
    orders = Order.objects.filter(sites=clinic, state=OrderState.ACTIVE, patient__in=Patient.objects.current())
    orders = orders.select_related("patient", "current_version").order_by("current_version__signed_at", "pk")
    taken: dict[int, set[int]] = {}
    settled = Appointment.objects.counting_for_order(orders)
    for order_id, number in settled.values_list("order_id", "dose_number"):
        taken.setdefault(order_id or 0, set()).add(number or 0)
    return [order for order in orders if {*range(1, _doses(order) + 1)} - taken.get(order.pk, set())]


def _doses(order: Order) -> int:
    return order.current_version.doses if order.current_version else 0
