"""What the desk's lists hold of orders and kept times: each list one query, which a page reads and a count counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import BooleanField, Case, DurationField, Exists, ExpressionWrapper, F, Func, OuterRef, Q, When
from django.db.models import QuerySet as Rows
from django.db.models.functions import Coalesce

from scheduling.models import (
    UNDER_WAY,
    Appointment,
    AskedFor,
    AskState,
    Clinic,
    ClinicianTask,
    Order,
    OrderState,
    Patient,
    Role,
    Status,
    TaskKind,
    VisitKind,
)
from scheduling.reviews import gates_under_way

# Kept times end soon: the patient is asked now, or they are let go.
ENDS_WITHIN: Final = timedelta(hours=2)
# What is kept while somebody is on the telephone is no work for others.
A_CALL: Final = timedelta(minutes=20)
# Of what waits for a clinician only that in which the desk's own work stands still.
HOLDS_UP_BOOKING: Final = (
    TaskKind.WITHDREW,
    TaskKind.MISSED,
    TaskKind.RULING,
    TaskKind.NO_LONGER_FITS,
    TaskKind.OUTSIDE_ORDER,
)
IS_SECOND: Final = Case(When(kind=VisitKind.KEPT, then=True), default=False, output_field=BooleanField())


class LetsGoOn(Func):
    """Whether the latest decision at a review lets the series go on; the one rule, in the database (0027)."""

    function = "scheduling_review_lets_go_on"
    output_field = BooleanField()


def waits_for_prescriber(clinic: Clinic) -> Rows[Order]:
    """Orders with something that only a prescriber settles: a review that is due, a signature, a question, a task, or
    visits that no longer fit."""
    signing = Q(state=OrderState.DRAFT, discarded_at__isnull=True) | Q(state__in=UNDER_WAY) & ~Q(draft={})
    tasks = ClinicianTask.objects.filter(order=OuterRef("pk"), closed_at=None, kind__in=HOLDS_UP_BOOKING)
    asked = AskedFor.objects.filter(order=OuterRef("pk"), clinic=clinic, state=AskState.OPEN, role=Role.PRESCRIBER)
    stale = Appointment.objects.filter(clinic=clinic, live=True, dose__isnull=False, given_at__isnull=True)
    stale = stale.filter(order=OuterRef("pk")).exclude(terms__version=OuterRef("current_version"))
    waits = signing | Exists(_reviews_due()) | Exists(tasks) | Exists(asked) | Q(state__in=UNDER_WAY) & Exists(stale)
    return Order.objects.filter(waits, sites=clinic, patient__in=Patient.objects.current())


def _reviews_due() -> Rows[Order]:
    """As `reviews.due_among` has it, of the order of the query around."""
    given = Appointment.objects.filter(
        order=OuterRef("order"), dose_number=OuterRef("after_number"), given_at__isnull=False, is_repeated=False
    )
    is_reached = Q(after_number=0) | Exists(given.exclude(status=Status.ENTERED_IN_ERROR))
    opened = LetsGoOn(F("order_id"), F("after_number"), F("version_id"))
    return gates_under_way().filter(is_reached, order=OuterRef("pk")).exclude(opened)  # type: ignore[return-value]


def kept_times_ending(clinic: Clinic, now: datetime) -> Rows[Appointment]:
    """Kept times that end soon: of those kept together the visit that was written first stands for all."""
    kept = Appointment.objects.filter(clinic=clinic, status=Status.HELD, held_until__gt=now).annotate(
        is_second=IS_SECOND, question=Coalesce("asked_for_id", 0)
    )
    together = kept.filter(order=OuterRef("order"), is_second=OuterRef("is_second"), question=OuterRef("question"))
    length = ExpressionWrapper(F("held_until") - F("booked_at"), output_field=DurationField())
    ending = kept.annotate(length=length).filter(held_until__lte=now + ENDS_WITHIN, length__gt=A_CALL)
    first = ending.filter(~Exists(together.filter(pk__lt=OuterRef("pk"))))
    return first.filter(patient__in=Patient.objects.current())
