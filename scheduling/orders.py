"""Which orders have infusions left to book."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from scheduling.models import MISSED, Appointment, Clinic, ClinicianTask, Order, OrderState, Patient, TaskKind


def orders_to_book(*, clinic: Clinic) -> list[Order]:
    """Active orders for this clinic with infusions neither booked nor given, oldest signature first. Of a patient who
    withdrew nothing is booked until a clinician has closed what that asked for."""
    orders = left_to_book(clinic).select_related("patient", "current_version")
    return list(orders.order_by("current_version__signed_at", "pk"))


def left_to_book(clinic: Clinic) -> QuerySet[Order]:
    """The same as a query."""
    orders = Order.objects.filter(sites=clinic, state=OrderState.ACTIVE, patient__in=Patient.objects.current())
    settled = _of_order().order_by().annotate(one=Value(1)).values("one").annotate(n=Count("dose_number"))
    left = orders.filter(current_version__doses__gt=Coalesce(Subquery(settled.values("n")), 0))
    return left.exclude(_asked_about(TaskKind.WITHDREW))


def only_booked_by(clinic: Clinic, *, missed: bool) -> QuerySet[Order]:
    """Of these the ones that the desk can book without a prescriber's word on missed visits: with `missed` those of
    which an infusion was missed and not planned anew, without it the others."""
    left = left_to_book(clinic).exclude(_asked_about(TaskKind.MISSED))
    again = Appointment.objects.settling().filter(order=OuterRef("order"), dose_number=OuterRef("dose_number"))
    had = Appointment.objects.filter(~Exists(again), order=OuterRef("pk"), status__in=MISSED, dose__isnull=False)
    one = Exists(had.filter(dose_number__lte=OuterRef("current_version__doses")))
    return left.filter(one) if missed else left.exclude(one)


def _of_order() -> QuerySet[Appointment]:
    settling = Appointment.objects.settling().filter(order=OuterRef("pk"))
    return settling.filter(dose_number__lte=OuterRef("current_version__doses"))


def _asked_about(kind: TaskKind) -> Exists:
    return Exists(ClinicianTask.objects.filter(order=OuterRef("pk"), kind=kind, closed_at=None))
