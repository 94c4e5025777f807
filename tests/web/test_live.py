"""The word that changes with a day: written in SQL for the poll, and counted from the rows that a page has read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from scheduling.booking import Pick
from scheduling.clinic_time import ClinicTime
from scheduling.holding import hold_series
from scheduling.intervals import Interval
from scheduling.models import Appointment, Clinic, Role, Status
from scheduling.prerequisites import record_met
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at
from tests.web.pages import book, book_talk, bring_to
from web.live import day_version, shown_visits, version_of_rows

pytestmark = pytest.mark.django_db
DESK, NURSE = Role.FRONT_DESK, Role.NURSE
ASKED = {"code": "labs", "name": "labs", "kind": "labs", "met_by": ["nurse", "front_desk"], "chase_days": 1}


def happenings(clinic: Clinic) -> Iterator[str]:
    """What changes a day, one after the other: each is said once it has happened."""
    by = factories.create_actor(clinic, DESK)
    yield "nothing"
    order = factories.create_order(clinic, template=factories.SIX | {"prerequisites": [ASKED]})
    visits = book(order, clinic, how_many=2)
    yield "booked"
    book_talk(factories.create_patient(clinic), clinic, factories.create_visit_type(clinic))
    yield "a visit of no order"
    other = factories.create_order(clinic)
    hold_series(order=other, clinic=clinic, picks=[Pick(1, at("2027-01-04", "14:00"))], by=by, now=NOW, minutes=30)
    yield "kept"
    nurse = factories.create_actor(clinic, NURSE)
    record_met(order=order, code="labs", first=NOW.date(), last=NOW.date(), by=nurse, now=NOW)
    yield "labs are there"
    bring_to(visits[0], Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.STOPPED_EARLY, clinic=clinic)
    yield "broken off, not ruled on"


def test_the_poll_and_the_page_say_the_same_word_whatever_happens() -> None:
    clinic = factories.create_clinic(chairs=4, nurses=2)
    bounds = ClinicTime(clinic.time_zone).day_bounds(NOW.date())
    seen = []
    for happened in happenings(clinic):
        for now in (NOW, NOW + timedelta(minutes=29), NOW + timedelta(minutes=30), NOW + timedelta(days=2)):
            assert day_version(clinic, bounds, now) == of_rows(clinic, bounds, now), (happened, now)
        seen.append(day_version(clinic, bounds, NOW))
    assert len(set(seen)) == len(seen) == 6


def of_rows(clinic: Clinic, bounds: Interval, now: datetime) -> str:
    rows: list[Appointment] = list(shown_visits(clinic, bounds, now).select_related("patient", "order"))
    return version_of_rows(rows, bounds, now)
