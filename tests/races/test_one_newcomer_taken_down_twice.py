"""One caller is taken down twice at once, by a form sent twice or by two desks: one record, and the other is told."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from scheduling import patients
from scheduling.models import Clinic, Patient, Role
from scheduling.patients import PossibleDuplicate, create_patient
from tests import factories
from tests.databases import Committed
from tests.factories import NOW
from tests.races.test_closed_while_signing import no_lock, race

take_rosa_down = partial(create_patient, given_name="Rosa", family_name="Reyes", birth_date=date(1980, 2, 3), now=NOW)


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    return factories.create_clinic()


def taken_down_by_both(clinic: Clinic) -> list[BaseException | None]:
    """What each was told; the first is held after it looked, before it writes."""
    desks = [factories.create_actor(clinic, Role.FRONT_DESK) for _ in range(2)]
    first, second = (partial(take_rosa_down, clinic=clinic, by=desk) for desk in desks)
    return [side.exception() for side in race(patients, "Entry", first, second)]


def test_the_second_sees_the_firsts_record(clinic: Clinic) -> None:
    told = taken_down_by_both(clinic)
    assert told[0] is None
    assert isinstance(told[1], PossibleDuplicate)
    assert Patient.objects.count() == 1


def test_without_the_lock_there_are_two_records(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patients, "lock_newcomers", no_lock)
    assert taken_down_by_both(clinic) == [None, None]
    assert Patient.objects.count() == 2
