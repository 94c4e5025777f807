"""What a visit would lack at a time that is thought of: said before it is booked, never in the way of booking it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from scheduling.clinic_time import ClinicTime
from scheduling.models import Clinic, Order
from scheduling.prerequisite_rows import OfOrder
from scheduling.readiness_texts import FAST_BEGUN
from scheduling.visit_demands import Demands
from scheduling.why_not import WhyNot


class BookingWarnings:
    """What an order's prerequisites would lack at wished starts, and whose fast would have begun already: read once,
    asked for each proposal.

    `instead_of`: ids of booked visits that the wished ones take the place of.
    """

    def __init__(self, order: Order, clinic: Clinic, *, instead_of: Collection[int] = (), now: datetime) -> None:
        self.order, self.of_order, self.clock = order, OfOrder.read(order), ClinicTime(clinic.time_zone)
        self.instead_of, self.now = instead_of, now

    def at(self, starts: Mapping[int, datetime]) -> list[WhyNot]:
        """Warnings by infusion number, one for each prerequisite that warns at booking, about the first infusion it
        concerns: what lies after that one is settled with it. Before them one about the first infusion of all, where
        the patient could not hear of the ordered fast before it begins."""
        found: dict[str, WhyNot] = {}
        standing = self.of_order.standing_at(starts, self.clock, instead_of=self.instead_of, now=self.now)
        for number in sorted(standing):
            for one in standing[number]:
                if one.needs.warn_at_booking and not one.is_ready:
                    found.setdefault(one.needs.code, one.warning(number))
        return [*self._fast_begun(starts), *found.values()]

    def _fast_begun(self, starts: Mapping[int, datetime]) -> Iterator[WhyNot]:
        version = self.order.current_version
        content = version.content if version else {}
        for number in sorted(starts)[:1]:
            fasting = Demands.of_order(content, number).fasting
            if fasting and starts[number] - timedelta(hours=fasting.solids_hours) < self.now:
                values = {"number": number, "hours": f"{fasting.solids_hours:g}"}
                yield WhyNot("fast_begun", number, None, FAST_BEGUN, values)
