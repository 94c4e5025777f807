"""What stands in the way of a start by its order, as the database would refuse it: said before anybody tries."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Exists, F, OuterRef, QuerySet

from scheduling.models import Appointment, OrderState, Status


class Stop(StrEnum):
    """Why an infusion can't be started now."""

    NOT_ACTIVE = "not_active"
    NO_LONGER_FITS = "no_longer_fits"
    REVIEW = "review"
    RULING = "ruling"
    GIVEN_AGAIN_FIRST = "given_again_first"


def with_stops(visits: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Visits that know what `stop_of` asks of them, in the statement that reads them."""
    others = Appointment.objects.filter(order=OuterRef("order")).exclude(pk=OuterRef("pk")).order_by()
    given = Appointment.objects.filter(
        order=OuterRef("order"), dose_number=OuterRef("dose_number"), is_repeated=False, given_at__isnull=False
    ).exclude(status=Status.ENTERED_IN_ERROR)
    to_repeat = others.filter(is_repeated=True, dose_number__lt=OuterRef("dose_number")).exclude(Exists(given))
    return visits.annotate(
        waits_for_ruling=Exists(others.filter(needs_ruling=True, rulings=None)),
        comes_after_repeat=Exists(to_repeat),
        booked_under=F("terms__version"),
    )


def stop_of(visit: Appointment) -> Stop | None:
    """Why this visit, read by `with_stops` with its order, can't be started; None where nothing of the order stands
    against it, and for what is no infusion, was started or is over."""
    order = visit.order
    if order is None or visit.dose_number is None or visit.given_at is not None or not visit.live:
        return None
    if order.state != OrderState.ACTIVE:
        return Stop.NOT_ACTIVE
    against = (
        (Stop.NO_LONGER_FITS, visit.booked_under != order.current_version_id),  # type: ignore[attr-defined]  # annotated
        (Stop.REVIEW, visit.is_tentative),
        (Stop.RULING, visit.waits_for_ruling),  # type: ignore[attr-defined]  # above, as these two are
        (Stop.GIVEN_AGAIN_FIRST, visit.comes_after_repeat),  # type: ignore[attr-defined]
    )
    return next((stop for stop, is_so in against if is_so), None)


def stop_on(visit: Appointment) -> Stop | None:
    """The same of any visit. One query."""
    return stop_of(with_stops(Appointment.objects.filter(pk=visit.pk)).select_related("order").get())
