"""Orders and the plans they are made from: approving a plan, and which orders have infusions left to book."""

from __future__ import annotations

from datetime import datetime

from scheduling import permissions
from scheduling.drafting import draft_order
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Appointment, Clinic, Order, OrderState, Patient, ProtocolVersion
from scheduling.order_content import NotSignable, content_hash
from scheduling.plans import fingerprint
from scheduling.signing import reasons_not_to_sign, sign_order

__all__ = [
    "NotSignable", "PlanChanged", "approve_protocol", "content_hash", "draft_order", "orders_to_book",
    "reasons_not_to_sign", "sign_order",
]  # fmt: skip


class PlanChanged(Exception):
    """The version says something else than what was read: nobody approves what they did not read."""


def approve_protocol(*, version: ProtocolVersion, read: str | None = None, by: Actor, now: datetime) -> None:
    """A prescriber approves a protocol's version for use; again changes nothing. Records `protocol.approved`.

    Refuses with PlanChanged when `read`, the `plans.fingerprint` of what was read, is not what it says.
    """
    organisation_id = version.protocol.organisation_id
    permissions.check(by, "protocol.approve", organisation_id=organisation_id)
    with writing():
        stands = ProtocolVersion.objects.select_for_update().get(pk=version.pk)
        if read is not None and not stands.is_approved and read != fingerprint(stands):
            raise PlanChanged
        approved = ProtocolVersion.objects.filter(pk=version.pk, approved_at__isnull=True).update(
            approved_by=by.staff_id, approved_at=now
        )
        if approved:
            entry = Entry("protocol.approved", clinic_id=by.clinic_id, data={"protocol_version": version.pk})
            record(organisation_id=organisation_id, entries=[entry], by=by, now=now)
    version.refresh_from_db()


def orders_to_book(*, clinic: Clinic) -> list[Order]:
    """Active orders for this clinic with infusions neither booked nor given, oldest signature first."""
    orders = Order.objects.filter(sites=clinic, state=OrderState.ACTIVE, patient__in=Patient.objects.current())
    orders = orders.select_related("patient", "current_version").order_by("current_version__signed_at", "pk")
    taken: dict[int, set[int]] = {}
    settled = Appointment.objects.counting_for_order(orders).filter(is_repeated=False)
    for order_id, number in settled.values_list("order_id", "dose_number"):
        taken.setdefault(order_id or 0, set()).add(number or 0)
    return [order for order in orders if {*range(1, _doses(order) + 1)} - taken.get(order.pk, set())]


def _doses(order: Order) -> int:
    return order.current_version.doses if order.current_version else 0
