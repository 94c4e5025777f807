"""A clinic whose plan asks before each infusion and at a check-in, its patient, and quick ways to answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from scheduling.booking import Pick, book_series
from scheduling.events import Actor
from scheduling.models import AnsweredHow, Appointment, Clinic, Order, Patient, QuestionnaireResponse, Role, Status
from scheduling.questionnaires.answering import answer
from scheduling.questionnaires.asking import Asking
from scheduling.questionnaires.askings import asked_of, askings_of
from scheduling.visits import record_step
from tests import factories
from tests.factories import NOW

# PHQ-9 from the day before each infusion, and both a week after the first.
ASKS: dict[str, Any] = factories.SIX | {
    "reviews": [],
    "questionnaires": [{"instrument": "phq-9", "before": "each", "days": 1}],
    "follow_ups": [{"kind": "check_in", "after": 1, "day": 7, "questionnaires": ["phq-9", "gad-7"]}],
}
FIRST = datetime.fromisoformat("2027-01-06T09:00-05:00")
# The clinic-local day before the first infusion.
DAY_BEFORE = datetime.fromisoformat("2027-01-05T12:00-05:00")
WAY = (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING, Status.COMPLETED)
PATIENT = Actor.patient()


def order_that_asks(clinic: Clinic, patient: Patient | None = None) -> Order:
    return factories.create_order(clinic, patient, template=ASKS)


def booked(order: Order, clinic: Clinic, how_many: int = 1) -> list[Appointment]:
    """Infusions from Wednesday on, two days apart over weekends where needed."""
    days = (0, 2, 5, 7)
    picks = [Pick(number, FIRST + timedelta(days=days[number - 1])) for number in range(1, how_many + 1)]
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    return book_series(order=order, clinic=clinic, picks=picks, by=by, now=NOW)


def give(visit: Appointment) -> None:
    nurse = factories.create_actor(visit.clinic, Role.NURSE)
    for step in WAY:
        record_step(
            appointment=visit,
            to=step,
            happened_at=visit.period.lower,
            by=nurse,
            now=visit.period.lower,
            checks=factories.checks_for(step),
        )


def one_asked(patient: Patient, now: datetime, code: str = "phq-9") -> Asking:
    return next(one for one in asked_of(patient, now=now) if one.instrument.code == code)


def codes_asked(patient: Patient, now: datetime) -> list[str]:
    return [one.instrument.code for one in asked_of(patient, now=now)]


def keys(patient: Patient) -> list[str]:
    return [one.key for one in askings_of(patient)]


def by_link(asking: Asking, answers: Sequence[int | None], now: datetime) -> QuestionnaireResponse:
    return answer(asking=asking, answers=answers, language="en", how=AnsweredHow.LINK, by=PATIENT, now=now)
