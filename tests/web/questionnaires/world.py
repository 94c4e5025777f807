"""A patient with a link by text whose plan asks the day before the first infusion."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import time_machine

from notifications.models import DutyShift
from scheduling.models import Appointment, Clinic, Patient, Role
from scheduling.questionnaires.askings import asked_of
from tests import factories
from tests.factories import NOW
from tests.scheduling.questionnaires.world import ASKS
from tests.web.patient.world import clinic_with_links, told


def asking_link(clinic: Clinic | None = None, *, language: str = "en") -> tuple[str, list[Appointment]]:
    """The path of a link behind which the PHQ-9 is asked from the day before each visit."""
    clinic = clinic or clinic_with_links(answer_hours="Mon to Fri, 8 to 6", answer_hours_es="de lunes a viernes")
    always_on_duty(clinic)
    return told(clinic, template=ASKS, language=language)


def always_on_duty(clinic: Clinic) -> DutyShift:
    """A prescriber to read the answers, day and night for a month."""
    doctor = factories.create_user(clinic, Role.PRESCRIBER)
    return DutyShift.objects.create(clinic=clinic, user=doctor, starts_at=NOW, ends_at=NOW + timedelta(days=31))


@contextmanager
def at(now: datetime) -> Iterator[None]:
    """It is this time, and stays so."""
    with time_machine.travel(now, tick=False):
        yield


def sent_answers(patient: Patient, now: datetime, *answers: int | None, **more: Any) -> dict[str, Any]:
    """What the form of the first questionnaire sends."""
    [asking, *_] = asked_of(patient, now=now)
    given = answers or (0,) * asking.instrument.questions
    marked = {f"q{number}": str(one) for number, one in enumerate(given, start=1) if one is not None}
    return {"asked": asking.key, "language": "en", **marked, **more}


def before(visit: Appointment) -> datetime:
    """Noon on the day before it."""
    noon: datetime = visit.period.lower - timedelta(days=1)
    return noon
