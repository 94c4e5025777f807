"""What open check-ins ask. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from scheduling.models import Appointment, FollowUp, FollowUpKind, FollowUpState, Patient, Status
from scheduling.questionnaires.asking import CHECK_IN, Asking
from scheduling.questionnaires.instruments import INSTRUMENTS
from scheduling.questionnaires.windows import after_due


def with_check_ins(patient: Patient) -> Iterator[Asking]:
    """Those of the patient's open check-ins. One that is settled, by answers or by a call, asks for none."""
    return askings_after(check_ins_of(patient).filter(state=FollowUpState.OPEN))


def check_ins_of(patient: Patient) -> QuerySet[FollowUp]:
    """The check-ins with questions that have opened, whatever became of them."""
    rows = FollowUp.objects.filter(
        order__patient=patient, kind=FollowUpKind.CHECK_IN, due_at__isnull=False, instruments__len__gt=0
    )
    return rows.select_related("order")


def askings_after(follow_ups: Iterable[FollowUp]) -> Iterator[Asking]:
    """What each of these asks, with the infusion it was ordered for after."""
    rows = list(follow_ups)
    given = Appointment.objects.filter(order__in=[one.order_id for one in rows], given_at__isnull=False)
    visits = given.exclude(status=Status.ENTERED_IN_ERROR).select_related("clinic").order_by("given_at")
    after = {(visit.order_id, visit.dose_number): visit for visit in visits}
    for one in rows:
        visit = after.get((one.order_id, one.after_number))
        if visit is None or one.due_at is None:
            continue
        for code in one.instruments:
            # One that opens again, because its infusion is given again, is another.
            key = f"{CHECK_IN}/{one.pk}/{one.due_at:%Y%m%dT%H%M}/{code}"
            period = after_due(one.due_at)
            yield Asking(key, INSTRUMENTS[code], one.order, visit.clinic, period, visit=visit, follow_up=one)
