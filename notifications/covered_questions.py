"""Which questions are put to a patient behind a link now: what is asked before an infusion only while a clinician is on
duty to read the answers, as check-ins go out then alone. What is sent is taken at any time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notifications.duty import next_duty, on_duty
from scheduling.models import Patient
from scheduling.questionnaires.asking import Asking
from scheduling.questionnaires.askings import asked_of


@dataclass(frozen=True, slots=True)
class Put:
    """`asked`: what is put now; `opens_at`: when more is, None where there is no more or nobody is on duty in time."""

    asked: list[Asking]
    opens_at: datetime | None


def put_now(patient: Patient, *, now: datetime) -> Put:
    """What stands behind the links of the patient's messages at this moment. Writes nothing."""
    asked = asked_of(patient, now=now)
    covered: dict[int, bool] = {}
    for one in asked:
        if one.is_before and one.clinic.pk not in covered:
            covered[one.clinic.pk] = bool(on_duty(one.clinic.pk, now, with_backup=True))
    waiting = [one for one in asked if one.is_before and not covered[one.clinic.pk]]
    opens = [at for one in waiting if (at := next_duty(one.clinic.pk, now)) is not None and at < one.period.end]
    return Put([one for one in asked if one not in waiting], min(opens, default=None))
