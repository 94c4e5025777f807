"""What a page may load: rows of the clinic in use, or of its organisation; anything else is not found. And who asks."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from scheduling.events import Actor
from scheduling.models import ActorKind, Appointment, Order, Patient
from scheduling.prerequisite_rows import with_prerequisites
from scheduling.stopped_starts import with_stops
from scheduling.typed_numbers import read_number
from web.current_clinic import ClinicRequest


def actor(request: ClinicRequest) -> Actor:
    """The signed-in person with the roles held at the clinic in use, as verbs want to know them."""
    clinic, held = request.clinic, frozenset(request.membership_roles)
    return Actor(ActorKind.STAFF, request.user.username, request.user.pk, clinic.pk, held, clinic.organisation_id)


def visits(request: ClinicRequest) -> QuerySet[Appointment]:
    """The clinic's visits, with what names one."""
    return Appointment.objects.at_clinic(request.clinic).select_related(
        "patient", "visit_type", "order__current_version", "clinic", "terms"
    )


def visit_or_404(request: ClinicRequest, visit_id: int) -> Appointment:
    """A visit of this clinic, with what it needs beforehand and what stands in the way of its start."""
    rows = with_stops(with_prerequisites(visits(request)))
    return get_object_or_404(rows.select_related("ride"), pk=visit_id)


def version_sent(request: ClinicRequest) -> int | None:
    """The `row_version` that the page was made from; None where none was sent."""
    return read_number(request.POST.get("row_version", ""))


def patient_or_404(request: ClinicRequest, patient_id: int) -> Patient:
    """A patient of this clinic's organisation, the deceased and merged included."""
    return get_object_or_404(Patient, pk=patient_id, organisation=request.clinic.organisation_id)


def order_or_404(request: ClinicRequest, order_id: int) -> Order:
    """An order that may be given at this clinic."""
    orders = Order.objects.filter(organisation=request.clinic.organisation_id, sites=request.clinic)
    return get_object_or_404(orders.select_related("patient", "current_version", "protocol_version"), pk=order_id)
