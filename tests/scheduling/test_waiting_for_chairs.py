"""Who waits for a chair is shown, and gets one as soon as somebody says where."""

from __future__ import annotations

import pytest

from scheduling.models import Appointment, Clinic, ResourceKind, Role, Status
from scheduling.permissions import NotAllowed
from scheduling.running_visits import change_chair, record_overrun
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from scheduling.visits import record_step
from scheduling.waiting_for_chairs import NoChairYet, place_again
from tests import factories
from tests.factories import WHO
from tests.scheduling.running import (
    NINE,
    WHOLE,
    book,
    chair,
    chairs_of,
    hold_true,
    minutes,
    nurse,
    nurses_of,
    verbs,
    waiting,
    walk,
)

pytestmark = pytest.mark.django_db
LATE = NINE + minutes(50)


def displaced(chairs: int = 1) -> tuple[Clinic, Appointment, Appointment]:
    """One visit that runs over, and the one behind it that lost its place."""
    clinic = factories.create_clinic(chairs=chairs, nurses=2)
    first, behind = book(clinic), book(clinic, NINE + minutes(WHOLE))
    by = nurse(clinic)
    walk(first, by, Status.INFUSING)
    record_overrun(appointment=first, minutes=30, by=by, now=LATE)
    behind.refresh_from_db()
    return clinic, first, behind


def test_who_waits_is_listed_with_those_under_way_whose_chair_nobody_said() -> None:
    clinic, _first, behind = displaced()
    assert waiting(clinic) == [behind]
    walk(behind, nurse(clinic), Status.INFUSING)
    assert waiting(clinic) == [behind]


def test_no_chair_yet_and_then_one() -> None:
    clinic, first, behind = displaced()
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    with pytest.raises(NoChairYet):
        place_again(appointment=behind, by=desk, now=LATE)
    with pytest.raises(ChangedMeanwhile):
        place_again(appointment=behind, by=desk, now=LATE, row_version=1)
    with pytest.raises(NotPossibleFromHere):
        place_again(appointment=first, by=desk, now=LATE)
    stranger = factories.create_actor(factories.create_clinic(), Role.FRONT_DESK)
    with pytest.raises(NotAllowed):
        place_again(appointment=behind, by=stranger, now=LATE)
    record_overrun(appointment=first, minutes=-30, by=nurse(clinic), now=LATE)
    hold_true()
    behind.refresh_from_db()
    assert behind.is_placed
    assert verbs(behind)[-1] == "appointment.placed_again"


def test_whoever_is_here_and_late_starts_when_a_chair_is_found() -> None:
    clinic, first, behind = displaced()
    by = nurse(clinic)
    due = NINE + minutes(WHOLE)
    record_step(appointment=behind, to=Status.ARRIVED, checks=WHO, happened_at=due, by=by, now=due)
    walk(first, by, Status.RECOVERING, late=30)
    now = NINE + minutes(152)
    record_step(appointment=first, to=Status.COMPLETED, happened_at=now, by=by, now=now)
    hold_true()
    behind.refresh_from_db()
    assert behind.is_placed
    assert behind.period.lower == due
    # At 11:32 by the step at 11:30, fifteen minutes after they were due.
    assert chairs_of(behind) == [("chair-1", 15, 15 + WHOLE)]


@pytest.mark.parametrize("until", [Status.ARRIVED, Status.SEATED, Status.INFUSING])
def test_saying_the_chair_seats_whoever_waited_and_finds_them_a_nurse(until: Status) -> None:
    clinic, _first, behind = displaced()
    by = nurse(clinic)
    spare = factories.create_thing(clinic, ResourceKind.CHAIR, "chair-9")
    walk(behind, by, until)
    now = behind.period.lower + minutes(40)
    change_chair(appointment=behind, chair=spare, by=by, now=now)
    hold_true()
    behind.refresh_from_db()
    assert behind.is_placed
    assert {name for name, *_ in chairs_of(behind)} == {"chair-9"}
    assert nurses_of(behind)
    assert waiting(clinic) == []


def test_saying_the_chair_of_one_booked_there_sends_that_one_elsewhere() -> None:
    clinic, _first, behind = displaced()
    by = nurse(clinic)
    spare = factories.create_thing(clinic, ResourceKind.CHAIR, "chair-9")
    third = book(clinic, NINE + minutes(WHOLE + 15))
    assert chairs_of(third)[0][0] == "chair-9"
    walk(behind, by, Status.ARRIVED)
    change_chair(appointment=behind, chair=spare, by=by, now=behind.period.lower)
    hold_true()
    third.refresh_from_db()
    assert not third.is_placed
    assert chair(clinic, 1).name == "Chair 1"
