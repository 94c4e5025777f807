"""Orders with something left to book, and what of orders waits for the prescriber or for the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.response import TemplateResponse
from django.utils import timezone

from notifications.untold import untold_at
from notifications.words_to_tell import words_to_tell
from scheduling.amendment_effects import orders_not_fitting
from scheduling.drafting import drafts_to_sign
from scheduling.follow_ups_due import reviews_to_book
from scheduling.models import Appointment
from scheduling.paused_places import places_to_settle
from scheduling.permissions import CLINICAL
from scheduling.reviews import ReviewDue, reviews_due
from web.current_clinic import ClinicRequest
from web.frontdesk.rows_to_book import kept_for, rows_to_book
from web.spoken import look_alikes


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order that waits for the prescriber: since when, by when, and the next of its visits that waits with it."""

    due: ReviewDue
    is_overdue: bool
    next_visit: datetime | None


def orders(request: ClinicRequest) -> TemplateResponse:
    """The list. Desk roles read that an order waits for the prescriber, clinical ones that a review is due."""
    now, due = timezone.now(), reviews_due(clinic=request.clinic)
    to_settle = places_to_settle(clinic=request.clinic, now=now)
    asked = {one.order.pk for one in to_settle}
    rows = rows_to_book(request.clinic, due, now=now)
    drafts = [order for order in drafts_to_sign(clinic=request.clinic) if order.current_version is None]
    pencilled = kept_for(drafts, now)
    untold = untold_at(request.clinic, now=now)
    freed = [one for one in untold if one.change is None]
    words = words_to_tell(freed, now=now)
    context = {
        "to_settle": to_settle,
        "untold": [one for one in untold if one.change is not None and one.order.pk not in asked],
        "freed": [(one, words[one.order.pk]) for one in freed],
        "drafts": [(order, pencilled.get(order.pk)) for order in drafts],
        "rows": rows,
        "not_fitting": orders_not_fitting(clinic=request.clinic),
        "reviews": reviews_to_book(clinic=request.clinic),
        "waiting": waiting_orders(due, now=now),
        "alike": look_alikes(row.order.patient for row in rows),
        "is_clinical": bool(request.membership_roles & CLINICAL),
        "today": timezone.localdate(),
    }
    return TemplateResponse(request, "frontdesk/orders.html", context)


def waiting_orders(due: Sequence[ReviewDue], *, now: datetime) -> list[WaitingOrder]:
    """What waits for the prescriber, past its day first."""
    ahead = Appointment.objects.filter(order__in=[one.order for one in due], live=True, is_tentative=True)
    starts: dict[int | None, datetime] = {}
    for order_id, period in ahead.filter(period__startswith__gt=now).values_list("order_id", "period"):
        starts[order_id] = min(period.lower, starts.get(order_id, period.lower))
    return [WaitingOrder(one, one.is_overdue(now), starts.get(one.order.pk)) for one in due]
