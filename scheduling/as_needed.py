"""Single infusions after a series, as needed: an order of their own that follows it. What stands against one."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from scheduling.as_needed_content import first_day
from scheduling.clinic_time import ClinicTime
from scheduling.models import UNDER_WAY, Appointment, Order, OrderState
from scheduling.protocol_parts import AsNeeded


def followed_series(order: Order) -> Order:
    """The series itself, whether that or an order that follows it is given."""
    return order.follows or order


def as_needed_of(order: Order) -> AsNeeded | None:
    """What the series' signed plan says of single infusions after it, if anything."""
    version = followed_series(order).current_version
    said = version.content.get("as_needed") if version else None
    return AsNeeded(**said) if said else None


def last_given_day(order: Order) -> date | None:
    """The clinic-local day on which this patient was last given an infusion of the therapy, by whichever order."""
    given = Appointment.objects.given().filter(patient=order.patient_id, therapy=order.therapy)
    last = given.order_by("-given_at").first()
    return ClinicTime(last.time_zone).local_day(last.given_at) if last and last.given_at else None


def reasons_against(order: Order) -> list[str]:
    """Why no single infusion can be ordered after this series now, in sentences; empty where one can. `order` is the
    series, one that follows it, or the draft that is about to be signed, which does not stand against itself."""
    series = followed_series(order)
    reasons = []
    if series.state == OrderState.DRAFT:
        reasons.append("The series was not signed.")
    if series.state == OrderState.STOPPED:
        reasons.append("The series was stopped: order anew from a plan.")
    if last_given_day(series) is None:
        reasons.append("Nothing of the series was given yet.")
    family = Order.objects.filter(Q(pk=series.pk) | Q(follows=series.pk))
    for one in family.order_by("pk"):
        if one.pk == order.pk and order.state == OrderState.DRAFT:
            continue
        if one.state == OrderState.DRAFT and order.state != OrderState.DRAFT:
            reasons.append("A draft for another infusion after this series waits for its signature already.")
        elif one.state in UNDER_WAY and infusions_left(one):
            reasons.append("Infusions that were ordered are still to be given.")
    return reasons


def reasons_not_to_sign_as_needed(order: Order) -> list[str]:
    """Why a draft that follows a series can't be signed as it stands: what stands against it now, and another infusion
    that was given since it was drafted."""
    if order.follows is None:
        return []
    reasons = reasons_against(order)
    last, said = last_given_day(order), order.draft.get("not_before")
    least = max((rule.get("min") or 0 for rule in order.draft.get("spacing", [])), default=0)
    if last and (not said or said < first_day(last, least).isoformat()):
        reasons.append(f"Another infusion was given on {last.isoformat()}, so the first day has to be later.")
    return reasons


def infusions_left(order: Order) -> int:
    """How many of its infusions are not given yet."""
    if order.current_version is None:
        return 0
    given = Appointment.objects.counting_for_order(Order.objects.filter(pk=order.pk))
    given = given.filter(given_at__isnull=False)
    return max(order.current_version.doses - given.values("dose_number").distinct().count(), 0)
