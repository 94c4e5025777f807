"""Answers to a questionnaire that is not asked any more: kept apart, for nothing that was written is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from scheduling import permissions
from scheduling.events import Actor, record
from scheduling.intervals import Interval
from scheduling.locking import lock_patients, writing
from scheduling.models import AnsweredHow, Appointment, Clinic, FollowUp, Patient, Questionnaire, QuestionnaireResponse
from scheduling.questionnaires.answering import NothingAnswered, entry_about, write_response
from scheduling.questionnaires.asking import BEFORE, CHECK_IN, Asking
from scheduling.questionnaires.askings import find_asking, from_row
from scheduling.questionnaires.before_visits import infusions_of
from scheduling.questionnaires.instruments import INSTRUMENTS
from scheduling.questionnaires.scoring import Answers, check_answers
from scheduling.questionnaires.windows import after_due, before_visit
from scheduling.typed_numbers import read_number


@dataclass(frozen=True, slots=True)
class Found:
    """A questionnaire by its key. `is_asked`: it may be answered; otherwise it is what was put to the patient once, and
    what is sent of it is kept apart."""

    asking: Asking
    is_asked: bool


def find_sheet(patient: Patient, key: str, *, now: datetime) -> Found | None:
    """What was put to the patient under this key, whether or not it is asked still: a clinician took it back, its visit
    moved away, its infusion or the plan's word on it is no more, it was answered meanwhile. None for a key that can't
    have been the patient's."""
    asking = find_asking(patient, key)
    if asking is not None and asking.period.start <= now:
        return Found(asking, is_asked=asking.response is None)
    asking = asking or _as_it_was_put(patient, key, now)
    return None if asking is None else Found(asking, is_asked=False)


def keep_unasked(
    *, asking: Asking, answers: Answers, language: str, how: AnsweredHow, by: Actor, now: datetime
) -> QuestionnaireResponse:
    """Keeps what was sent of a questionnaire that is not asked any more, beside a row of its own that is void: it
    settles no check-in and answers nothing that is asked. The same answers once more give the ones that are kept.

    An answer that a clinician has to look at opens an urgent task all the same, in the same transaction.

    Refuses with NotItsAnswers and NothingAnswered. Records `questionnaire.answered_unasked` and `task.opened`.
    """
    verb = "questionnaire.answer" if how == AnsweredHow.LINK else "questionnaire.enter"
    organisation_id = asking.clinic.organisation_id
    permissions.check(by, verb, organisation_id=organisation_id)
    check_answers(asking.instrument, answers)
    if all(one is None for one in answers):
        raise NothingAnswered
    with writing():
        lock_patients(asking.order.patient_id)
        kept = _kept_already(asking, answers)
        if kept is not None:
            return kept
        known = Questionnaire.objects.filter(ask_key__startswith=_apart(asking)).count()
        row = Questionnaire.objects.create(
            ask_key=f"{_apart(asking)}{known + 1}",
            clinic=asking.clinic,
            patient_id=asking.order.patient_id,
            order=asking.order,
            follow_up=asking.follow_up,
            appointment=asking.visit,
            instrument=asking.instrument.code,
            opens_at=asking.period.start,
            closes_at=asking.period.end,
            asked_by_id=asking.row.asked_by_id if asking.row else None,
            voided_at=now,
        )
        response, opened = write_response(row, asking, answers, language=language, how=how, by=by, now=now)
        entries = [entry_about("questionnaire.answered_unasked", row), *opened]
        record(organisation_id=organisation_id, entries=entries, by=by, now=now)
    return response


def _apart(asking: Asking) -> str:
    """How the keys of what was sent of this one begin: its own stays free, for it may be asked again."""
    return f"sent/{asking.key}/"


def _kept_already(asking: Asking, answers: Answers) -> QuestionnaireResponse | None:
    """These very answers to this one, as answered in time or as kept apart: whoever presses twice sends them twice."""
    mine = QuestionnaireResponse.objects.filter(patient=asking.order.patient_id, answers=list(answers))
    apart = mine.filter(questionnaire__ask_key__startswith=_apart(asking))
    return mine.filter(questionnaire__ask_key=asking.key).first() or apart.first()


def _as_it_was_put(patient: Patient, key: str, now: datetime) -> Asking | None:
    row = Questionnaire.objects.filter(patient=patient, ask_key=key)
    row = row.select_related("order", "clinic", "appointment", "follow_up")
    if (void := row.first()) is not None:
        return from_row(void)
    match key.split("/"):
        case [what, number, *when, code] if code in INSTRUMENTS and (pk := read_number(number)) is not None:
            if what == BEFORE and not when:
                return _before(patient, pk, code, key)
            if what == CHECK_IN and len(when) == 1:
                return _checking_in(patient, pk, when[0], code, key, now)
    return None


def _before(patient: Patient, visit_id: int, code: str, key: str) -> Asking | None:
    """Before an infusion of an order that says nothing of it any more: from how many days before, nobody knows now."""
    visit = infusions_of(patient).filter(pk=visit_id).first()
    if visit is None or visit.order is None:
        return None
    period = before_visit(visit.period.lower, visit.period.upper, days=0, time_zone=visit.time_zone)
    return Asking(key, INSTRUMENTS[code], visit.order, visit.clinic, period, visit=visit)


def _checking_in(
    patient: Patient, follow_up_id: int, due: str, code: str, key: str, now: datetime
) -> Asking | None:  # fmt: skip
    """With a check-in that waits again, is due at another time or was taken out of the order."""
    one = FollowUp.objects.filter(pk=follow_up_id, order__patient=patient).select_related("order").first()
    due_at = _due(due)
    if one is None or due_at is None or due_at > now:
        return None
    visits = Appointment.objects.filter(order=one.order, dose_number=one.after_number)
    visit = visits.select_related("clinic").order_by("-pk").first()
    clinic: Clinic | None = visit.clinic if visit else one.order.sites.order_by("pk").first()
    if clinic is None:
        return None
    period: Interval = after_due(due_at)
    return Asking(key, INSTRUMENTS[code], one.order, clinic, period, visit=visit, follow_up=one)


def _due(written: str) -> datetime | None:
    try:
        return datetime.strptime(written, "%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
