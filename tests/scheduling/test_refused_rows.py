"""Why a time is refused, asked of what stands in the database."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.availability import snapshot
from scheduling.booking import Pick, book_series
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.models import Appointment, Clinic, Resource, Role
from scheduling.refused_time import why_not_at
from scheduling.series import read_series
from scheduling.series_terms import PatientTimes
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
AT = partial("2027-01-04T{}-05:00".format)
MONDAY = date(2027, 1, 4)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=4, nurses=1)


@pytest.fixture
def seated(clinic: Clinic) -> list[Appointment]:
    """Two patients who overlap, so that either could be the one the nurse is one-to-one with."""
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    return [
        visit
        for wall in ("09:00", "10:00")
        for visit in book_series(
            order=factories.create_order(clinic),
            clinic=clinic,
            picks=[Pick(1, datetime.fromisoformat(AT(wall)))],
            by=by,
            now=NOW,
        )
    ]


def test_whom_a_nurse_is_one_to_one_with_is_read_from_their_claims(clinic: Clinic, seated: list[Appointment]) -> None:
    order = factories.create_order(clinic)
    known = snapshot(clinic=clinic, first_day=MONDAY, last_day=MONDAY, now=NOW)
    names = {str(one.pk): one.name for one in Resource.objects.filter(clinic=clinic)}
    phases = read_series(order, now=NOW).phases(1)
    capacity = ClinicCapacity(known)
    with CaptureQueriesContext(connection) as queries:
        found = why_not_at(
            capacity, datetime.fromisoformat(AT("10:00")), phases, names=names, patient=PatientTimes(), now=NOW
        )
    assert [one.message for one in found] == [
        "Nurse 1 is one-to-one with Chair 2 from 10:10 to 10:25.",
        "10:15 works.",
    ]
    assert len(queries) == 1


@pytest.mark.usefixtures("seated")
def test_who_sits_where_is_read_once_however_often_it_is_asked(clinic: Clinic) -> None:
    known = snapshot(clinic=clinic, first_day=MONDAY, last_day=MONDAY, now=NOW)
    assert known.seated is not None
    with CaptureQueriesContext(connection) as queries:
        assert [seat.chair for seat in known.seated()] == [seat.chair for seat in known.seated()]
    assert len(queries) == 1
