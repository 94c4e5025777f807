"""The page a call begins on: find the patient, see what may be booked for them, and the calls that were put aside."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.models import Clinic, Order, OrderState, Patient, VisitKind, VisitType
from scheduling.parked_calls import drop_call, park_call, parked_calls
from scheduling.repeat_misses import waits_for_prescriber
from scheduling.reviews import reviews_due
from scheduling.series import read_series
from scheduling.typed_numbers import read_number
from web.at_clinic import actor, patient_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.find_patient import finder, searched
from web.frontdesk.rows_to_book import rows_to_book
from web.spoken import infusions, word_of

# Of the orders to book, those most pressing; the list has them all.
ORDERS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class OrderToBook:
    """An order of the patient: what is left of it in words, where one books it, and else why nothing is booked now."""

    order: Order
    left: str
    page: str = ""
    why: str | Promise = ""


def book(request: ClinicRequest) -> HttpResponse:
    """Find a patient, by POST so that no name is ever part of an address; where one alone is found, or one is pressed,
    the call goes on with them."""
    box = finder(leads_to="booking")
    if request.method == "POST":
        wanted = read_number(request.POST.get("patient", ""))
        if wanted is not None:
            return begin(request, patient_or_404(request, wanted))
        box = searched(request, leads_to="booking")
        if box.found and len(box.found.everybody) == 1:
            return begin(request, box.found.everybody[0])
    now = timezone.now()
    rows = rows_to_book(request.clinic, reviews_due(clinic=request.clinic), now=now) if box.found is None else []
    context = {
        "finder": box,
        "rows": [row for row in rows if not row.waits][:ORDERS_SHOWN],
        "parked": parked_calls(user=request.user, clinic=request.clinic, now=now),
    }
    return TemplateResponse(request, "frontdesk/book.html", context)


def begin(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """The call is this patient's from here on, and is found again if another one comes between."""
    park_call(patient=patient, clinic=request.clinic, by=actor(request), now=timezone.now())
    return redirect("book_for", patient.pk)


def book_for(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """What may be booked for a patient; where that is one series alone, straight on to it."""
    patient, now = patient_or_404(request, patient_id), timezone.now()
    orders = orders_of(patient, request.clinic)
    bookable = [one for one in orders if one.page == "book_series"]
    if len(bookable) == 1 and not patient.is_gone:
        return redirect("book_series", bookable[0].order.pk)
    context = {
        "patient": patient,
        "orders": orders,
        "types": VisitType.objects.filter(clinic=request.clinic).exclude(kind=VisitKind.INFUSION).order_by("pk"),
        "parked": [call for call in parked_calls(user=request.user, clinic=request.clinic, now=now)
                   if call.patient_id != patient.pk],
    }  # fmt: skip
    return TemplateResponse(request, "frontdesk/book_for.html", context)


def orders_of(patient: Patient, clinic: Clinic) -> list[OrderToBook]:
    """The patient's orders at this clinic that something may come of, those that can be booked first."""
    states = (OrderState.ACTIVE, OrderState.PAUSED, OrderState.DRAFT)
    orders = Order.objects.filter(patient=patient, sites=clinic, discarded_at=None, state__in=states)
    found = [_to_book(order) for order in orders.select_related("current_version", "patient").order_by("-pk")]
    return sorted((one for one in found if one.left or one.why), key=lambda one: one.page != "book_series")


def _to_book(order: Order) -> OrderToBook:
    if order.state == OrderState.DRAFT or order.current_version is None:
        return OrderToBook(order, "", "pencil", _("Waits for the prescriber. Times can be looked for and kept."))
    left = read_series(order, now=timezone.now()).to_book
    words = infusions(left, word_of(order.current_version)) if left else ""
    if order.state == OrderState.PAUSED:
        return OrderToBook(order, words, "series", _("On hold: waits for the prescriber."))
    if not left:
        return OrderToBook(order, "", "series", _("Nothing is left to book."))
    if waits_for_prescriber(order):
        return OrderToBook(order, words, "ask_for", _("Waits for the prescriber. A time can be asked for."))
    return OrderToBook(order, words, "book_series")


def drop_parked(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """Nothing came of one's call about a patient that was put aside."""
    drop_call(patient=patient_or_404(request, patient_id), clinic=request.clinic, by=actor(request))
    messages.success(request, _("The call is off the list. Times that are kept stay kept until they end."))
    return redirect("book")
