"""What would work at a clinic where nothing does."""

from __future__ import annotations

import pytest

from scheduling.holding import hold_series
from scheduling.models import Clinic, Order
from scheduling.openings_to_move import propose_beside
from scheduling.series_terms import Wish
from scheduling.would_work import Relaxation
from scheduling.would_work_here import would_work_here
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import desk, picks

pytestmark = pytest.mark.django_db
MONDAYS = Wish(weekdays=frozenset({"mon"}))


def asked(order: Order, clinic: Clinic, wish: Wish = MONDAYS) -> tuple[Relaxation, ...]:
    return would_work_here(order=order, clinic=clinic, wish=wish, how_many=3, now=NOW, ends=10, clock=lambda: 0)


def test_what_would_work_was_tried_and_works() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    found = asked(order, clinic)
    days = next(one for one in found if one.rule == "wished_weekdays").change["weekdays"]
    wish = Wish(weekdays=frozenset(days))
    assert propose_beside(order=order, clinic=clinic, wish=wish, how_many=3, count=1, now=NOW).proposals
    assert {one.owner for one in found} == {"patient", "prescriber"}


def test_what_is_kept_does_not_settle_the_question() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    before = [one.change for one in asked(order, clinic)]
    hold_series(order=order, clinic=clinic, picks=picks(1, 2, 3), by=desk(clinic), now=NOW)
    assert [one.change for one in asked(order, clinic)] == before


def test_nothing_would_work_for_what_can_not_be_booked_at_all() -> None:
    clinic = factories.create_clinic()
    assert asked(factories.create_draft(clinic), clinic) == ()
    assert asked(factories.create_order(clinic), factories.create_clinic(clinic.organisation)) == ()


def test_people_are_called_by_name() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    nurse = clinic.resources.get(code="nurse-1")
    nurse.shifts.filter(weekday__in=["tue", "wed", "thu", "fri"]).delete()
    said = [one.message for one in asked(order, clinic, Wish())]
    assert any("Nurse 1" in message for message in said), said
