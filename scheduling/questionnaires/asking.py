"""One instrument put to a patient once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scheduling.intervals import Interval
from scheduling.models import Appointment, Clinic, FollowUp, Order, Questionnaire, QuestionnaireResponse
from scheduling.questionnaires.instruments import Instrument
from scheduling.questionnaires.windows import LATE_FOR

# How a key begins: before an infusion, with a check-in, or by a clinician's hand.
BEFORE: Final = "before"
CHECK_IN: Final = "check-in"
BY_HAND: Final = "asked"


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

    @property
    def is_before(self) -> bool:
        """Whether the plan asks it before an infusion, so that it opens by the calendar."""
        return self.key.startswith(f"{BEFORE}/")

    def is_late(self, now: datetime) -> bool:
        """Whether its time is over; what is answered then is kept and says so."""
        return now >= self.period.end

    def is_put(self, now: datetime) -> bool:
        """Whether it is put to the patient: from its opening until it is too late even for late answers."""
        return self.period.start <= now < self.period.end + LATE_FOR
