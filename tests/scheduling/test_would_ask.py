"""What stands against a wish and whose word it needs: as asking would find it, and nothing is written."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from scheduling.booking import Pick
from scheduling.holding import hold_series
from scheduling.models import Appointment, Clinic, Order, Role
from scheduling.overrides import owner_of
from scheduling.problems import because
from scheduling.would_ask import Against, against_infusion, against_visit
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at, booked, desk, picks

pytestmark = pytest.mark.django_db
WEDNESDAY = "2027-01-06"


@pytest.fixture
def clinic() -> Clinic:
    """Open until eight, patients leave by five."""
    clinic = factories.create_clinic(chairs=1, closes=time(20))
    Clinic.objects.filter(pk=clinic.pk).update(last_end_time=time(17))
    clinic.refresh_from_db()
    return clinic


def against(order: Order, clinic: Clinic, start: datetime, number: int = 1) -> tuple[list[str], Role | None]:
    found: Against = against_infusion(order=order, clinic=clinic, pick=Pick(number, start), now=NOW)
    return sorted(problem.rule for problem in found.problems), found.role


def test_free_time_has_nothing_against_it(clinic: Clinic) -> None:
    assert against(factories.create_order(clinic), clinic, at(WEDNESDAY)) == ([], None)


def test_rule_names_the_role_that_owns_it(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    assert against(order, clinic, at(WEDNESDAY, "15:15")) == (["last_end"], Role.MANAGER)
    booked(order, clinic, 1)
    assert against(order, clinic, at("2027-01-07"), 2) == (["spacing"], Role.PRESCRIBER)
    assert Appointment.objects.count() == 1


def test_two_owners_are_nobody(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    booked(order, clinic, 1)
    assert against(order, clinic, at("2027-01-07", "15:15"), 2) == (["last_end", "spacing"], None)


def test_chair_that_is_taken_is_nobodys_to_allow(clinic: Clinic) -> None:
    booked(factories.create_order(clinic), clinic, 1, wall="14:45")
    order = factories.create_order(clinic)
    rules, role = against(order, clinic, at(WEDNESDAY, "15:15"))
    assert ("chairs" in rules, role) == (True, None)


def test_time_out_of_all_time_is_said_before_anything_is_read(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    assert against(order, clinic, at("2027-01-01")) == (["past"], None)
    assert against(order, clinic, at("2029-01-01")) == (["too_far"], None)


def test_what_is_kept_for_the_order_stands_against_nothing(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    hold_series(order=order, clinic=clinic, picks=picks(1), by=desk(clinic), now=NOW)
    assert against(order, clinic, at("2027-01-08", "15:15")) == (["last_end"], Role.MANAGER)


def test_other_visits_are_looked_at_alike(clinic: Clinic) -> None:
    patient, kind = factories.create_patient(clinic), factories.create_visit_type(clinic)

    def look(start: datetime) -> Against:
        return against_visit(patient=patient, clinic=clinic, visit_type=kind, start=start, now=NOW)

    assert look(at(WEDNESDAY)) == Against()
    assert look(at(WEDNESDAY, "16:30")).role == Role.MANAGER
    assert [problem.rule for problem in look(at("2027-01-01")).problems] == ["past"]


def test_owner_of_nothing_is_nobody() -> None:
    assert owner_of([]) is None
    assert owner_of([because("past", 1)]) is None
