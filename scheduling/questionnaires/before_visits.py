"""What the plan asks before infusions, as their visits stand now. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from scheduling.models import AFTER_GIVEN, PATIENT_IS_THERE, Appointment, OrderState, Patient, Status
from scheduling.protocol_parts import QuestionnaireRule
from scheduling.questionnaires.asking import BEFORE, Asking
from scheduling.questionnaires.instruments import INSTRUMENTS
from scheduling.questionnaires.windows import before_visit

ASKED_BEFORE = (Status.BOOKED, *PATIENT_IS_THERE, *AFTER_GIVEN)


def before_visits(patient: Patient) -> Iterator[Asking]:
    """Those of visits that stand or were given."""
    visits = infusions_of(patient).filter(status__in=ASKED_BEFORE)
    # What a pause or an end of the order holds up is asked for no longer, as nothing may start.
    return (
        one
        for one in askings_before(visits)
        if one.order.state == OrderState.ACTIVE or (one.visit and one.visit.given_at)
    )


def infusions_of(patient: Patient) -> QuerySet[Appointment]:
    """The patient's infusions here, whatever became of them."""
    visits = Appointment.objects.filter(patient=patient, dose__isnull=False, given_where="")
    return visits.select_related("clinic", "order__current_version")


def askings_before(visits: Iterable[Appointment]) -> Iterator[Asking]:
    """What is asked before each of these."""
    for visit in visits:
        order, number = visit.order, visit.dose_number
        if order is None or number is None or order.current_version is None:
            continue
        for rule in _rules(order.current_version.content):
            if rule.before in ("each", number):
                until = visit.given_at or visit.period.upper
                period = before_visit(visit.period.lower, until, days=rule.days, time_zone=visit.time_zone)
                key = f"{BEFORE}/{visit.pk}/{rule.instrument}"
                yield Asking(key, INSTRUMENTS[rule.instrument], order, visit.clinic, period, visit=visit)


def _rules(content: Mapping[str, Any]) -> Sequence[QuestionnaireRule]:
    return [QuestionnaireRule(**entry) for entry in content.get("questionnaires", [])]
