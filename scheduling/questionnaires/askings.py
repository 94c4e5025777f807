"""What a patient is asked: computed from the plan, the visits and the check-ins as they are now, never stored before
it is answered. So it moves with its visit, and ends with it. Writes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db.models import Max, QuerySet

from scheduling.intervals import Interval
from scheduling.models import Patient, Questionnaire, QuestionnaireResponse
from scheduling.questionnaires.asking import BEFORE, Asking
from scheduling.questionnaires.before_visits import askings_before, before_visits, infusions_of
from scheduling.questionnaires.instruments import INSTRUMENTS
from scheduling.questionnaires.with_check_ins import askings_after, check_ins_of, with_check_ins
from scheduling.typed_numbers import read_number


def asked_of(patient: Patient, *, now: datetime) -> list[Asking]:
    """What the patient has to answer now, oldest first, an instrument once.

    One that was answered since a questionnaire opened is not asked again by it: two that overlap are one to a patient.
    """
    if patient.is_gone:
        return []
    put = [one for one in askings_of(patient) if one.is_put(now) and one.response is None]
    if not put:
        return []
    # What was sent of one that was not asked any more answers none that is.
    asked = QuestionnaireResponse.objects.filter(patient=patient, questionnaire__voided_at=None)
    last = asked.values_list("instrument")
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
    rows = {row.ask_key: row for row in _rows(patient)}
    computed = [*before_visits(patient), *with_check_ins(patient)]
    found = [replace(one, row=rows.pop(one.key, None)) for one in computed]
    return sorted([*found, *map(from_row, rows.values())], key=lambda one: (one.period.start, one.key))


def find_asking(patient: Patient, key: str) -> Asking | None:
    """The one of this key, whatever became of its visit or check-in since. None where nothing asks it any more
    (`unasked.find_sheet` has what it was)."""
    row = _rows(patient).filter(ask_key=key).first()
    if row is not None:
        return from_row(row)
    what, _, rest = key.partition("/")
    number = read_number(rest.partition("/")[0])
    if number is None:
        return None
    if what == BEFORE:
        found = askings_before(infusions_of(patient).filter(pk=number))
    else:
        found = askings_after(check_ins_of(patient).filter(pk=number))
    return next((one for one in found if one.key == key), None)


def _rows(patient: Patient) -> QuerySet[Questionnaire]:
    rows = Questionnaire.objects.filter(patient=patient, voided_at=None)
    return rows.select_related("response__entered_by", "order", "clinic", "appointment", "follow_up").order_by("pk")


def from_row(row: Questionnaire) -> Asking:
    """As it was asked: by hand, or by what is computed no more, or otherwise now."""
    return Asking(
        row.ask_key,
        INSTRUMENTS[row.instrument],
        row.order,
        row.clinic,
        Interval(row.opens_at, row.closes_at),
        visit=row.appointment,
        follow_up=row.follow_up,
        row=row,
    )
