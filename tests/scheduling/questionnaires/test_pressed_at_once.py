"""Two tabs, two presses: answers given in the same moment are kept once, and their task is one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.models import AnsweredHow, ClinicianTask, Event, Questionnaire, QuestionnaireResponse
from scheduling.questionnaires.answering import AlreadyAnswered
from tests import factories
from tests.notifications.test_at_once import WORKERS, at_once
from tests.scheduling.questionnaires.world import DAY_BEFORE, booked, by_link, one_asked, order_that_asks

LATER = DAY_BEFORE + timedelta(minutes=1)


@pytest.mark.usefixtures("committed_database")
def test_many_presses_keep_one_answer() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)
    asking = one_asked(order.patient, DAY_BEFORE)

    def pressed() -> bool:
        try:
            by_link(asking, [*[0] * 8, 1], LATER)
        except AlreadyAnswered:
            return False
        return True

    assert sum(at_once(pressed)) == 1
    assert QuestionnaireResponse.objects.get().how == AnsweredHow.LINK
    assert Questionnaire.objects.count() == ClinicianTask.objects.count() == 1
    assert Event.objects.filter(verb="questionnaire.answered").count() == 1
    assert WORKERS > 1
