"""The check-ins that were ordered for after a patient's visits, and when one may be asked. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery

from notifications.models import DutyShift
from notifications.notice_facts import CheckIn, Visit
from scheduling.models import Appointment, FollowUp, FollowUpKind, FollowUpState, Patient, Status

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
    given = Appointment.objects.filter(
        pk__in=by_id, order=OuterRef("order"), dose_number=OuterRef("after_number"), given_at__isnull=False
    ).exclude(status=Status.ENTERED_IN_ERROR)
    rows = open_check_ins([patient], now).annotate(visit_id=Subquery(given.values("pk")[:1])).order_by("pk")
    return [
        CheckIn(by_id[row.visit_id], row.offset_days, _covered(row.due_at, by_id[row.visit_id].clinic_id))
        for row in rows
        if row.visit_id in by_id and row.due_at is not None
    ]


def _covered(due_at: datetime, clinic_id: int) -> datetime:
    """When a clinician is on duty to read an answer: then, or from the start of the next duty on. A clinic without a
    roster after that time asks when it was ordered."""
    shifts = DutyShift.objects.filter(clinic=clinic_id, ends_at__gt=due_at).order_by("starts_at")
    starts_at = shifts.values_list("starts_at", flat=True).first()
    return max(due_at, starts_at) if starts_at else due_at
