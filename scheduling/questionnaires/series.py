"""The answers of a patient over time beside the infusions given, for clinical staff. Writes nothing, says nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile

from django.db.models import Q

from scheduling.models import Appointment, Patient, QuestionnaireResponse, Status
from scheduling.questionnaires.instruments import INSTRUMENTS, Instrument
from scheduling.questionnaires.scoring import missing


@dataclass(frozen=True, slots=True)
class Given:
    """An infusion that was given: its number in its order, and what the order calls it (empty for "Infusion")."""

    number: int
    at: datetime
    order_id: int
    word: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """One response. `after`: the last infusion given before it; `missing`: the questions left out, counted from 1."""

    response: QuestionnaireResponse
    after: Given | None
    missing: tuple[int, ...]

    @property
    def is_late(self) -> bool:
        """Whether it came after the time it was asked for."""
        return self.response.answered_at >= self.response.questionnaire.closes_at

    @property
    def is_unasked(self) -> bool:
        """Whether it was sent when nothing asked it any more."""
        return self.response.questionnaire.voided_at is not None


@dataclass(frozen=True, slots=True)
class ScoreSeries:
    """All responses to one instrument, oldest first; `unasked`: those sent when nothing asked it any more."""

    instrument: Instrument
    answered: tuple[Answered, ...] = ()
    given: tuple[Given, ...] = field(default=())
    unasked: tuple[Answered, ...] = ()


def read_scores(patient: Patient) -> list[ScoreSeries]:
    """Each instrument that the patient ever answered, those under a record merged into this one included."""
    mine = Patient.objects.filter(Q(pk=patient.pk) | Q(merged_into=patient.pk))
    given = _given(mine.values_list("pk", flat=True))
    rows = QuestionnaireResponse.objects.filter(patient__in=mine).select_related("questionnaire", "entered_by")
    responses = list(rows.order_by("answered_at", "pk"))
    found = []
    for code, instrument in INSTRUMENTS.items():
        sent = [answered_of(row, given) for row in responses if row.instrument == code]
        if sent:
            asked = tuple(one for one in sent if not one.is_unasked)
            apart = tuple(one for one in sent if one.is_unasked)
            found.append(ScoreSeries(instrument, asked, tuple(given), apart))
    return found


def answered_of(row: QuestionnaireResponse, given: Iterable[Given]) -> Answered:
    """A response and the infusion before it; `given` in order of time."""
    before = list(takewhile(lambda one: one.at < row.answered_at, given))
    return Answered(row, before[-1] if before else None, tuple(missing(row.answers)))


def given_to(patient: Patient) -> list[Given]:
    """The infusions that count, in order of time, of whichever order."""
    return _given([patient.pk])


def _given(patients: Iterable[int]) -> list[Given]:
    visits = Appointment.objects.filter(patient__in=patients, dose__isnull=False, given_at__isnull=False)
    rows = visits.exclude(status=Status.ENTERED_IN_ERROR).order_by("given_at", "pk")
    columns = ("dose_number", "given_at", "order_id", "order__current_version__content__word")
    return [
        Given(number, at, order_id, word or "")
        for number, at, order_id, word in rows.values_list(*columns)
        if number is not None and at is not None and order_id is not None
    ]
