"""What the demo's patients answered over their series, by link and on the tablet; one answer waits for a clinician."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from scheduling import clinician_tasks
from scheduling.events import Actor
from scheduling.models import AnsweredHow, Appointment, ClinicianTask, Order
from scheduling.questionnaires.answering import answer
from scheduling.questionnaires.asking import Asking
from scheduling.questionnaires.askings import askings_of
from scheduling.questionnaires.by_hand import ask
from web.demo.stage import Stage

ASKED_FOR: Final = 3
A_WEEK = 7
# Before the first, second, third ... infusion of a series, one story after the other. None: not answered.
PHQ_9: Final[Sequence[Sequence[Sequence[int | None]]]] = (
    (
        (3, 3, 2, 3, 2, 2, 2, 1, 1),
        (3, 2, 2, 3, 2, 2, 2, 1, 0),
        (2, 2, 2, 2, 1, 2, 1, 1, 0),
        (2, 1, None, 2, 1, 1, 1, 0, 0),
        (2, 2, 1, 2, 1, 1, 1, 1, 0),
        (1, 1, 1, 2, 1, 1, 1, 0, 0),
    ),
    ((2, 2, 3, 3, 1, 2, 2, 0, 0), (2, 2, 2, 3, 1, 2, 2, 0, 0), (2, 2, 3, 3, 2, 2, 2, 0, 0)),
    ((3, 2, 2, 2, 2, 3, 1, 1, 0), (2, 2, 2, 2, 1, 2, 1, 0, 0), (1, 2, 1, 2, 1, 1, 1, 0, 0)),
)
GAD_7: Final[Sequence[Sequence[int | None]]] = ((3, 2, 2, 2, 1, 2, 1), (2, 1, 1, 2, 1, 1, 1), (1, 1, 1, 1, 0, 1, 1))
BEFORE: Final = timedelta(hours=20)
# The one whose answer is still to be looked at.
JUST_NOW: Final = (2, 2, 1, 2, 1, 2, 1, 0, 1)


def tell_answers(stage: Stage) -> None:
    """The two oldest series and the youngest, which is reviewed now, with their answers; a clinician looked at one
    answer, another came just now."""
    orders = [order for order in _series(stage) if len(_given(order)) >= ASKED_FOR]
    for order, answers in zip([*orders[:2], *orders[2:][-1:]], PHQ_9, strict=False):
        for visit, one in zip(_given(order), answers, strict=False):
            _answered(stage, order, visit, "phq-9", one)
    if not orders:
        return
    for visit, gad in zip(_given(orders[0])[::2], GAD_7, strict=False):
        _answered(stage, orders[0], visit, "gad-7", gad)
    _looked_at(stage)
    at = stage.ago(minutes=25)
    asking = _asked(stage, orders[-1], None, "phq-9", at - timedelta(hours=1))
    _by_link(asking, JUST_NOW, at)


def _series(stage: Stage) -> Sequence[Order]:
    orders = Order.objects.filter(sites=stage.clinic, patient__is_demo=True, therapy="ketamine")
    return list(orders.select_related("patient", "current_version").order_by("current_version__signed_at", "pk"))


def _given(order: Order) -> list[Appointment]:
    visits = Appointment.objects.given().filter(order=order)
    return list(visits.select_related("clinic").order_by("given_at"))


def _answered(stage: Stage, order: Order, visit: Appointment, instrument: str, answers: Sequence[int | None]) -> None:
    given = visit.given_at or visit.period.lower
    at = given - BEFORE
    asking = _asked(stage, order, visit, instrument, at - timedelta(hours=1))
    if visit.dose_number == ASKED_FOR:
        at = given - timedelta(minutes=20)
        answer(
            asking=asking, answers=answers, language=order.patient.language, how=AnsweredHow.CLINIC, by=stage.nurse,
            now=at,
        )  # fmt: skip
    else:
        _by_link(asking, answers, at)


def _by_link(asking: Asking, answers: Sequence[int | None], at: datetime) -> None:
    language, by = asking.order.patient.language, Actor.patient()
    answer(asking=asking, answers=answers, language=language, how=AnsweredHow.LINK, by=by, now=at)


def _asked(stage: Stage, order: Order, visit: Appointment | None, instrument: str, at: datetime) -> Asking:
    """As the plan asks it; by hand where it does not."""
    key = f"before/{visit.pk}/{instrument}" if visit else ""
    planned = next((one for one in askings_of(order.patient) if one.key == key), None)
    if planned is not None:
        return planned
    row = ask(order=order, clinic=stage.clinic, instrument=instrument, days=A_WEEK, by=stage.nurse, now=at)
    return next(one for one in askings_of(order.patient) if one.row == row)


def _looked_at(stage: Stage) -> None:
    """A clinician had it in hand within the hour, and wrote down what came of it."""
    for task in ClinicianTask.objects.filter(patient__is_demo=True, response__isnull=False, closed_at=None):
        opened = task.opened_at
        clinician_tasks.take(task=task, by=stage.doctor, now=opened + timedelta(minutes=12))
        words = "Talked on the telephone the same afternoon; written in the chart."
        clinician_tasks.close(task=task, outcome=words, by=stage.doctor, now=opened + timedelta(minutes=40))
