"""What a patient is asked: computed from the plan, the visits and the check-ins as they are now, never stored before
it is answered. So it moves with its visit, and ends with it. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from scheduling.intervals import Interval
from scheduling.models import (
    AFTER_GIVEN,
    PATIENT_IS_THERE,
    Appointment,
    Clinic,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    Order,
    OrderState,
    Patient,
    Questionnaire,
    QuestionnaireResponse,
    Status,
)
from scheduling.protocol_parts import QuestionnaireRule
from scheduling.questionnaires.instruments import INSTRUMENTS, Instrument
from scheduling.questionnaires.windows import LATE_FOR, after_due, before_visit

BEFORE, CHECK_IN, BY_HAND = "before", "check-in", "asked"
ASKED_BEFORE = (Status.BOOKED, *PATIENT_IS_THERE, *AFTER_GIVEN)


@dataclass(frozen=True, slots=True)
class Asking:
    """One instrument, put to a patient once. `key` is the only one of its kind; `row` is there once it is answered, or
    where a clinician asked by hand. `visit`: the infusion it is asked before or after."""

    key: str
    instrument: Instrument
    order: Order
    clinic: Clinic
    period: Interval
    visit: Appointment | None = None
    follow_up: FollowUp | None = None
    row: Questionnaire | None = None

    @property
    def response(self) -> QuestionnaireResponse | None:
        """The answers, where there are any."""
        return getattr(self.row, "response", None)

    @property
    def is_by_hand(self) -> bool:
        return self.key.startswith(f"{BY_HAND}/")

    def is_late(self, now: datetime) -> bool:
        """Whether its time is over; what is answered then is kept and says so."""
        return now >= self.period.end

    def is_put(self, now: datetime) -> bool:
        """Whether it is put to the patient: from its opening until it is too late even for late answers."""
        return self.period.start <= now < self.period.end + LATE_FOR


def asked_of(patient: Patient, *, now: datetime) -> list[Asking]:
    """What the patient has to answer now, oldest first, an instrument once.

    One that was answered since a questionnaire opened is not asked again by it: two that overlap are one to a patient.
    """
    if patient.is_gone:
        return []
    put = [one for one in askings_of(patient) if one.is_put(now) and one.response is None]
    last = QuestionnaireResponse.objects.filter(patient=patient).values_list("instrument")
    answered: dict[str, datetime] = dict(last.annotate(Max("answered_at")))
    waiting: dict[str, Asking] = {}
    for one in put:
        at = answered.get(one.instrument.code)
        if at is None or at < one.period.start:
            # The latest of an instrument: the others ask for the same two weeks.
            waiting[one.instrument.code] = one
    return sorted(waiting.values(), key=lambda one: (one.period.start, one.key))


def askings_of(patient: Patient) -> list[Asking]:
    """All that is asked of the patient, to come, open, answered or over, in the order in which they open."""
    found = [*_before_visits(patient), *_with_check_ins(patient)]
    rows = {row.ask_key: row for row in _rows(patient)}
    by_hand = [_by_hand(row) for row in rows.values() if row.ask_key.startswith(f"{BY_HAND}/")]
    found = [replace(one, row=rows.get(one.key)) for one in found]
    return sorted([*found, *by_hand], key=lambda one: (one.period.start, one.key))


def find_asking(patient: Patient, key: str) -> Asking | None:
    """The one of this key, whatever became of its visit or check-in since: what was answered is not lost. None for a
    key that was never the patient's."""
    row = _rows(patient).filter(ask_key=key).first()
    if row is not None and row.ask_key.startswith(f"{BY_HAND}/"):
        return _by_hand(row)
    what, _, rest = key.partition("/")
    number = rest.partition("/")[0]
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    if what == BEFORE:
        found = _askings_before(_infusions(patient).filter(pk=number))
    else:
        found = _askings_after(_check_ins(patient).filter(pk=number))
    return next((replace(one, row=row) for one in found if one.key == key), None)


def _rows(patient: Patient) -> QuerySet[Questionnaire]:
    rows = Questionnaire.objects.filter(patient=patient, voided_at=None)
    return rows.select_related("response__entered_by", "order", "clinic", "appointment").order_by("pk")


def _by_hand(row: Questionnaire) -> Asking:
    instrument, period = INSTRUMENTS[row.instrument], Interval(row.opens_at, row.closes_at)
    return Asking(row.ask_key, instrument, row.order, row.clinic, period, visit=row.appointment, row=row)


def _infusions(patient: Patient) -> QuerySet[Appointment]:
    visits = Appointment.objects.filter(patient=patient, dose__isnull=False, given_where="")
    return visits.select_related("clinic", "order__current_version")


def _before_visits(patient: Patient) -> Iterator[Asking]:
    visits = _infusions(patient).filter(status__in=ASKED_BEFORE)
    # What a pause or an end of the order holds up is asked for no longer, as nothing may start.
    return (
        one
        for one in _askings_before(visits)
        if one.order.state == OrderState.ACTIVE or (one.visit and one.visit.given_at)
    )


def _askings_before(visits: Iterable[Appointment]) -> Iterator[Asking]:
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


def _check_ins(patient: Patient) -> QuerySet[FollowUp]:
    rows = FollowUp.objects.filter(
        order__patient=patient, kind=FollowUpKind.CHECK_IN, due_at__isnull=False, instruments__len__gt=0
    )
    return rows.select_related("order")


def _with_check_ins(patient: Patient) -> Iterator[Asking]:
    # One that is settled without answers, as by a call, asks for none; one that was answered has its row.
    answered = Questionnaire.objects.filter(patient=patient, follow_up__isnull=False).values("follow_up")
    open_ones = _check_ins(patient).filter(state=FollowUpState.OPEN)
    return _askings_after((open_ones | _check_ins(patient).filter(pk__in=answered)).distinct())


def _askings_after(follow_ups: Iterable[FollowUp]) -> Iterator[Asking]:
    rows = list(follow_ups)
    given = Appointment.objects.filter(order__in=[one.order_id for one in rows], given_at__isnull=False)
    visits = given.exclude(status=Status.ENTERED_IN_ERROR).select_related("clinic").order_by("given_at")
    after = {(visit.order_id, visit.dose_number): visit for visit in visits}
    for one in rows:
        visit = after.get((one.order_id, one.after_number))
        if visit is None or one.due_at is None:
            continue
        for code in one.instruments:
            period, key = after_due(one.due_at), f"{CHECK_IN}/{one.pk}/{code}"
            yield Asking(key, INSTRUMENTS[code], one.order, visit.clinic, period, visit=visit, follow_up=one)
