"""The patient's page: whom we may talk to first, then what they need, what is booked, how to reach them."""

from __future__ import annotations

from django.db.models import Q
from django.template.response import TemplateResponse
from django.utils import timezone

from scheduling.models import Appointment, Order, Patient, Status, VisitKind
from scheduling.needs import needs_of
from scheduling.patient_availability import availability_of, wish_in
from scheduling.people_to_talk_to import no_longer, people_to_talk_to
from scheduling.permissions import CLINICAL, may
from scheduling.wishes import MAY_WISH, open_wishes
from web.at_clinic import actor, patient_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.about_forms import NeedForm, PersonForm, TimesForm
from web.frontdesk.patient_forms import AddressForm
from web.frontdesk.patient_history import history_of
from web.frontdesk.reach import reach_of
from web.frontdesk.registration import rules_of
from web.frontdesk.unreached import unreached
from web.messages_sent import notices_of
from web.spoken import visit_name


def patient(request: ClinicRequest, patient_id: int) -> TemplateResponse:
    """Who it is, how to reach them, what was ordered, when they come, what they were told."""
    shown = patient_or_404(request, patient_id)
    return TemplateResponse(request, "frontdesk/patient.html", context_of(request, shown))


def context_of(request: ClinicRequest, shown: Patient) -> dict[str, object]:
    """All of the patient's page."""
    records = list(Patient.objects.filter(Q(pk=shown.pk) | Q(merged_into=shown)).order_by("pk"))
    ordered = Order.objects.filter(patient__in=records, sites=request.clinic, discarded_at=None)
    orders = list(ordered.select_related("current_version").order_by("-pk"))
    by = actor(request)
    return {
        "patient": shown,
        "merged": [record for record in records if record.pk != shown.pk],
        **about(shown),
        **reach_of(shown),
        "address_form": AddressForm(),
        "sentence": rules_of(request.clinic).consent_sentence,
        "orders": orders,
        **visits_of(records),
        "notices": notices_of(shown),
        "unreached": unreached(shown, request.clinic),
        "history": history_of(records),
        "is_clinical": bool(request.membership_roles & CLINICAL),
        "wish_waits": open_wishes([shown.pk]).first(),
        "may_wish": not shown.is_gone and any(order.state in MAY_WISH for order in orders),
        "may_draft": may(by, "order.draft"),
        "may_record_death": may(by, "patient.record_death"),
        "may_merge": may(by, "patient.merge"),
    }


def about(shown: Patient) -> dict[str, object]:
    """Whom we may talk to, what they need, when they can come: four queries."""
    today, times = timezone.localdate(), availability_of(shown)
    return {
        "people": people_to_talk_to(shown, today),
        "former_people": no_longer(shown, today),
        "person_form": PersonForm(),
        "needs": needs_of([shown.pk]).get(shown.pk, []),
        "need_form": NeedForm(),
        "times": times,
        "wished": wish_in(times),
        "times_form": TimesForm(times=times),
    }


def visits_of(records: list[Patient]) -> dict[str, object]:
    """What is to come, and what was, of all records of this person."""
    now = timezone.now()
    visits = Appointment.objects.filter(patient__in=records)
    visits = visits.select_related("visit_type", "order__current_version", "clinic")
    # Times that were kept and are no longer say nothing of what this patient had.
    visits = visits.exclude(held_until__lte=now).exclude(kind=VisitKind.KEPT, status=Status.RELEASED)
    named = [(visit, visit_name(visit)) for visit in visits.order_by("period")]
    return {
        "to_come": [(visit, what) for visit, what in named if visit.live and visit.period.upper > now],
        "over": [(visit, what) for visit, what in named if not (visit.live and visit.period.upper > now)][::-1],
    }
