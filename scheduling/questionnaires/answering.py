"""Taking down a patient's answers, once and for all; an answer that has to be looked at becomes a clinician's task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduling import permissions
from scheduling.clinician_tasks import open_task
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import (
    AnsweredHow,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    Patient,
    Questionnaire,
    QuestionnaireResponse,
    TaskKind,
)
from scheduling.questionnaires.asking import Asking
from scheduling.questionnaires.scoring import Answers, check_answers, needs_clinician, score


class AlreadyAnswered(Exception):
    """There are answers already; `response` has them. The first stay."""

    def __init__(self, response: QuestionnaireResponse) -> None:
        self.response = response
        super().__init__(f"response {response.pk}")


class NothingAnswered(Exception):
    """Not one question was answered."""


def answer(
    *, asking: Asking, answers: Answers, language: str, how: AnsweredHow, by: Actor, now: datetime
) -> QuestionnaireResponse:
    """Keeps the answers as they were given, also half of them and also late; the sum where all are there.

    `language`: the one that was read or said. Settles the check-ins that are answered with it. An answer that a
    clinician has to look at opens an urgent task in the same transaction, and changes nothing else.

    Refuses with NotItsAnswers, NothingAnswered, and AlreadyAnswered with what was there first. Records
    `questionnaire.answered` without a word of the answers, `follow_up.answered` and `task.opened`.
    """
    verb = "questionnaire.answer" if how == AnsweredHow.LINK else "questionnaire.enter"
    organisation_id = asking.clinic.organisation_id
    permissions.check(by, verb, organisation_id=organisation_id)
    check_answers(asking.instrument, answers)
    if all(one is None for one in answers):
        raise NothingAnswered
    with writing():
        row = _locked_row(asking)
        earlier = QuestionnaireResponse.objects.filter(questionnaire=row).first()
        if earlier is not None:
            raise AlreadyAnswered(earlier)
        response, opened = write_response(row, asking, answers, language=language, how=how, by=by, now=now)
        entries = [entry_about("questionnaire.answered", row), *_settle_check_ins(row.patient, now), *opened]
        record(organisation_id=organisation_id, entries=entries, by=by, now=now)
    return response


def write_response(
    row: Questionnaire,
    asking: Asking,
    answers: Answers,
    *,
    language: str,
    how: AnsweredHow,
    by: Actor,
    now: datetime,
) -> tuple[QuestionnaireResponse, Sequence[Entry]]:
    """In the transaction of a verb: the answers as given, and an urgent task where a clinician has to look at once.
    Gives the events of the task."""
    response = QuestionnaireResponse.objects.create(
        questionnaire=row,
        patient=row.patient,
        instrument=asking.instrument.code,
        version=asking.instrument.version,
        language=asking.instrument.words_in(language)[0],
        recall_days=asking.instrument.recall_days,
        answers=list(answers),
        score=score(asking.instrument, answers),
        needs_clinician=needs_clinician(asking.instrument, answers),
        how=how,
        entered_by_id=None if how == AnsweredHow.LINK else by.staff_id,
        answered_at=now,
    )
    opened = _ask_to_look(asking, response, by=by, now=now) if response.needs_clinician else ()
    return response, opened


def entry_about(verb: str, row: Questionnaire) -> Entry:
    """An event about a questionnaire: it names neither instrument nor answers."""
    return Entry(
        verb, clinic_id=row.clinic_id, order_id=row.order_id, patient_id=row.patient_id, data={"questionnaire": row.pk}
    )


def _locked_row(asking: Asking) -> Questionnaire:
    """The row of this asking, made if it is not there, locked until the transaction ends: who presses twice waits at
    the first one's key, then reads its answers."""
    row, _ = Questionnaire.objects.get_or_create(
        ask_key=asking.key,
        defaults={
            "clinic": asking.clinic,
            "patient_id": asking.order.patient_id,
            "order": asking.order,
            "follow_up": asking.follow_up,
            "appointment": asking.visit,
            "instrument": asking.instrument.code,
            "opens_at": asking.period.start,
            "closes_at": asking.period.end,
        },
    )
    return Questionnaire.objects.select_for_update(of=("self",)).select_related("patient").get(pk=row.pk)


def _settle_check_ins(patient: Patient, now: datetime) -> list[Entry]:
    """Check-ins of which every questionnaire was answered since they were due ask for nothing any more."""
    due = FollowUp.objects.filter(
        order__patient=patient,
        kind=FollowUpKind.CHECK_IN,
        state=FollowUpState.OPEN,
        due_at__lte=now,
        instruments__len__gt=0,
    )
    entries = []
    for one in due.select_for_update().order_by("pk"):
        since = QuestionnaireResponse.objects.filter(
            patient=patient, answered_at__gte=one.due_at, questionnaire__voided_at=None
        )
        if set(one.instruments) <= set(since.values_list("instrument", flat=True)):
            FollowUp.objects.filter(pk=one.pk).update(state=FollowUpState.DONE, settled_at=now)
            data = {"follow_up": one.pk}
            entries.append(Entry("follow_up.answered", order_id=one.order_id, patient_id=patient.pk, data=data))
    return entries


def _ask_to_look(asking: Asking, response: QuestionnaireResponse, *, by: Actor, now: datetime) -> Sequence[Entry]:
    return open_task(
        TaskKind.ANSWERS,
        f"answers/{response.pk}",
        clinic=asking.clinic,
        patient=response.patient,
        order=asking.order,
        appointment=asking.visit,
        response=response,
        is_urgent=True,
        by=by,
        now=now,
    )
