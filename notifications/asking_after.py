"""The check-ins that were ordered for after a patient's visits, and when one may be asked. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery

from notifications.check_ins import ASK_WITHIN
from notifications.models import DutyShift
from notifications.notice_facts import CheckIn, Shift, Visit
from scheduling.models import Appointment, FollowUp, FollowUpKind, FollowUpState, Patient

# Whatever was due before and was not asked is no longer worth telling the desk.
STILL_ASKED = timedelta(days=14)


def open_check_ins(patients: Iterable[int | Patient], now: datetime) -> QuerySet[FollowUp]:
    """Those that are to come, and those that were due so lately that they may have to be told."""
    return FollowUp.objects.filter(
        order__patient__in=list(patients),
        kind=FollowUpKind.CHECK_IN,
        state=FollowUpState.OPEN,
        due_at__gt=now - STILL_ASKED,
    )


def read_check_ins(patient: Patient, visits: Sequence[Visit], now: datetime) -> list[CheckIn]:
    """The check-ins that are open, each with the visit it was ordered for."""
    by_id = {visit.id: visit for visit in visits}
    given = Appointment.objects.given().filter(order=OuterRef("order"), dose_number=OuterRef("after_number"))
    given = given.filter(pk__in=by_id)
    rows = open_check_ins([patient], now).annotate(visit_id=Subquery(given.values("pk")[:1])).order_by("pk")
    return [
        CheckIn(
            by_id[row.visit_id],
            row.offset_days,
            row.due_at,
            _shifts(row.due_at, by_id[row.visit_id].clinic_id),
            has_questions=bool(row.instruments),
        )
        for row in rows
        if row.visit_id in by_id and row.due_at is not None
    ]


def _shifts(due_at: datetime, clinic_id: int) -> tuple[Shift, ...]:
    """When a clinician is on duty to read an answer, while it is of use."""
    shifts = DutyShift.objects.filter(
        clinic=clinic_id, ends_at__gt=due_at, starts_at__lt=due_at + ASK_WITHIN, user__is_active=True
    )
    return tuple(shifts.order_by("starts_at", "ends_at").values_list("starts_at", "ends_at"))
