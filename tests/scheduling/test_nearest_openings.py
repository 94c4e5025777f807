"""Where a visit could go instead: the free starts nearest to where it is, as if something were lost already."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from scheduling.intervals import Interval
from scheduling.losses import without
from scheduling.models import Appointment, Clinic, Resource, Status
from scheduling.openings_to_move import NEAR_DAYS, nearest_openings, openings_to_move
from scheduling.series_terms import Wish
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at, booked
from tests.web.pages import book_talk

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def visits(clinic: Clinic) -> list[Appointment]:
    return booked(factories.create_order(clinic), clinic, 1, 2, 3, wall="12:00")


def starts(visit: Appointment, count: int = 3) -> list[datetime]:
    return [one.start for one in nearest_openings(appointment=visit, count=count, now=NOW)]


def test_the_nearest_come_before_and_after_in_order_of_time(visits: list[Appointment]) -> None:
    assert starts(visits[0], 4) == [at("2027-01-06", wall) for wall in ("11:30", "11:45", "12:15", "12:30")]


def test_they_keep_the_order_and_leave_the_visits_own_time_out(visits: list[Appointment]) -> None:
    found = starts(visits[1], 400)
    assert visits[1].period.lower not in found
    # Two to four days after the sixth and before the eleventh, and no weekend.
    assert {f"{start:%d}" for start in found} == {"08"}


def test_what_is_about_to_be_lost_is_not_offered(clinic: Clinic, visits: list[Appointment]) -> None:
    nurse = Resource.objects.get(clinic=clinic, code="nurse-1")
    away = Interval(at("2027-01-06", "00:00"), at("2027-01-07", "00:00"))
    found = nearest_openings(appointment=visits[0], count=3, now=NOW, loss=without([str(nurse.pk)], away))
    assert [one.start for one in found if away.contains(one.start)] == []
    assert starts(visits[0]) != []


def test_a_visit_of_no_order_is_looked_for_a_fortnight_around(clinic: Clinic) -> None:
    talk = book_talk(factories.create_patient(clinic), clinic, factories.create_visit_type(clinic))
    found = starts(talk, 400)
    assert found
    assert all(NOW <= start <= talk.period.lower + timedelta(days=NEAR_DAYS) for start in found)


def test_an_infusion_that_was_booked_again_meanwhile_has_no_openings(clinic: Clinic, visits: list[Appointment]) -> None:
    Appointment.objects.filter(pk=visits[2].pk).update(
        status=Status.CANCELLED, cancelled_at=NOW, cancelled_by="patient", cancel_reason="no_ride", notice_minutes=9
    )
    order = visits[2].order
    assert order is not None
    booked(order, clinic, 3)
    gone = Appointment.objects.get(pk=visits[2].pk)
    found = openings_to_move(appointment=gone, wish=Wish(time=time(9)), count=3, now=NOW)
    assert [problem.rule for problem in found.problems] == ["already_settled"]
    assert starts(gone) == []
