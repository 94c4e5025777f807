"""Which visits of an order wait for a review: said anew when one is decided, or what it is about is taken back."""

from __future__ import annotations

from django.db.models import F

from scheduling.decisions_made import opened_reviews
from scheduling.events import Entry
from scheduling.models import Appointment, Gate, Order


def settle_waiting(order: Order) -> list[Entry]:
    """Says anew of each visit of the order that is not started whether it waits for a review, in the transaction of a
    verb that decided one, or that took back the infusion one is about, with the order and its visits locked; gives the
    events to record.

    A visit that no longer waits becomes firm and its reminders are planned anew; one that waits again is tentative.
    """
    gates = Gate.objects.filter(version=order.current_version_id).values_list("after_number", flat=True)
    opened = {after for _, after in opened_reviews([order.pk])}
    first_closed = min((after for after in gates if after not in opened), default=None)
    visits = Appointment.objects.filter(order=order, live=True, given_at__isnull=True, dose_number__isnull=False)
    entries = []
    for visit in visits.order_by("pk"):
        waits = first_closed is not None and (visit.dose_number or 0) > first_closed
        if waits == visit.is_tentative:
            continue
        Appointment.objects.filter(pk=visit.pk).update(
            is_tentative=waits, row_version=F("row_version") + 1, told_version=F("told_version") + 1
        )
        verb = "appointment.waits_for_review" if waits else "appointment.made_firm"
        entries.append(Entry.of_visit(verb, visit, data={"told_version": visit.told_version + 1}, tell=True))
    return entries
