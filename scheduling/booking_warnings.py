"""What a visit would lack at a time that is thought of: said before it is booked, never in the way of booking it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from scheduling.clinic_time import ClinicTime
from scheduling.models import Clinic, Order
from scheduling.prerequisite_rows import OfOrder
from scheduling.why_not import WhyNot


class BookingWarnings:
    """What an order's prerequisites would lack at wished starts: read once, asked for each proposal.

    `instead_of`: ids of booked visits that the wished ones take the place of.
    """

    def __init__(self, order: Order, clinic: Clinic, *, instead_of: Collection[int] = (), now: datetime) -> None:
        self.of_order, self.clock = OfOrder.read(order), ClinicTime(clinic.time_zone)
        self.instead_of, self.now = instead_of, now

    def at(self, starts: Mapping[int, datetime]) -> list[WhyNot]:
        """Warnings by infusion number, one for each prerequisite that warns at booking, about the first infusion it
        concerns: what lies after that one is settled with it."""
        found: dict[str, WhyNot] = {}
        standing = self.of_order.standing_at(starts, self.clock, instead_of=self.instead_of, now=self.now)
        for number in sorted(standing):
            for one in standing[number]:
                if one.needs.warn_at_booking and not one.is_ready:
                    found.setdefault(one.needs.code, one.warning(number))
        return list(found.values())
