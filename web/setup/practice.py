"""A clinic to practise at, by one button: the present clinic's setup, and a few people nobody has ever met."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications import clinic_section
from scheduling.booking import BookingRefused, Pick, book_series
from scheduling.drafting import draft_order
from scheduling.models import Clinic, Order, Patient, ProtocolVersion
from scheduling.plans import plans_on_offer
from scheduling.practising import BY, open_practice_clinic, tutor_of
from scheduling.proposals import propose_series
from scheduling.series_terms import Wish
from scheduling.signing import sign_order
from web.at_clinic import actor
from web.current_clinic import SESSION_KEY, ClinicRequest
from web.demo import people
from web.frontdesk.registration import register

HOW_MANY: Final = 8
WITH_ORDERS: Final = 6
BOOKED: Final = 3


def practise(request: ClinicRequest) -> HttpResponse:
    """Make it, or bring it to the clinic's present setup, and go there: all of it or nothing."""
    now = timezone.now()
    with transaction.atomic():
        practice = open_practice_clinic(like=request.clinic, by=actor(request), now=now)
        clinic_section.apply(rules_to_copy(request.clinic), clinic=practice, by=BY, now=now)
        if not Patient.objects.filter(organisation=practice.organisation_id).exists():
            fill(practice, now=now)
    request.session[SESSION_KEY] = practice.pk
    messages.success(request, _("This is your practice clinic. Nobody here is real, and nothing is ever sent."))
    return redirect("home")


def rules_to_copy(clinic: Clinic) -> dict[str, Any]:
    """The clinic's rules of messages without its number, which is for patients to write to."""
    return {name: value for name, value in clinic_section.export(clinic).items() if name != "text_number"}


def fill(practice: Clinic, *, now: datetime) -> None:
    """Made-up patients: some with a signed order, some of those with booked visits."""
    patients = [newcomer(practice, index, now) for index in range(HOW_MANY)]
    plans = list(plans_on_offer(practice.organisation_id))
    orders = (
        [ordered(practice, one, plans[at % len(plans)], now) for at, one in enumerate(patients[:WITH_ORDERS])]
        if plans
        else []
    )
    for order in orders[:BOOKED]:
        book(practice, order, now)


def newcomer(practice: Clinic, index: int, now: datetime) -> Patient:
    """The next of the made-up people, at numbers that nobody has."""
    someone = people.person(index)
    identity = {
        "given_name": someone.given, "family_name": someone.family, "preferred_name": someone.preferred,
        "birth_date": someone.born, "language": someone.language, "mrn": f"PRACTICE-{index + 1:03}", "is_demo": True,
    }  # fmt: skip
    return register(
        clinic=practice, identity=identity, phone=people.phone(index), email=people.email(someone, index),
        may_message=True, told_apart=None, by=tutor_of(practice), now=now,
    )  # fmt: skip


def ordered(practice: Clinic, patient: Patient, plan: ProtocolVersion, now: datetime) -> Order:
    """An order of this plan, signed by who signs there."""
    by = tutor_of(practice)
    order = draft_order(
        patient=patient, protocol_version=plan, clinics=[practice], by=by, now=now - timedelta(minutes=2)
    )
    sign_order(order=order, by=by, now=now - timedelta(minutes=1))
    order.refresh_from_db()
    return order


def book(practice: Clinic, order: Order, now: datetime) -> Sequence[object]:
    """The best proposal for its first visits; none where the setup leaves no room."""
    found = propose_series(order=order, clinic=practice, wish=Wish(), how_many=None, count=1, now=now).proposals
    if not found:
        return []
    picks = [Pick(visit.number, visit.start) for visit in found[0].visits]
    try:
        return book_series(order=order, clinic=practice, picks=picks, by=tutor_of(practice), now=now)
    except BookingRefused:
        return []
