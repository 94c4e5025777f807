"""What is asked before an infusion is put behind a link only while a clinician is on duty to read the answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.covered_questions import put_now
from notifications.models import DutyShift
from scheduling.models import Clinic, Order, Role
from scheduling.questionnaires.by_hand import ask
from tests import factories
from tests.scheduling.questionnaires.world import DAY_BEFORE, FIRST, booked, order_that_asks

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def order() -> Order:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)
    return order


def on_duty(clinic: Clinic, *, after: timedelta, is_backup: bool = False) -> None:
    doctor = factories.create_user(clinic, Role.PRESCRIBER)
    starts = DAY_BEFORE + after
    DutyShift.objects.create(
        clinic=clinic, user=doctor, starts_at=starts, ends_at=starts + 8 * HOUR, is_backup=is_backup
    )  # fmt: skip


@pytest.mark.parametrize("is_backup", [False, True])
def test_it_is_put_while_somebody_is_on_duty(order: Order, is_backup: bool) -> None:
    on_duty(order.sites.get(), after=-HOUR, is_backup=is_backup)
    put = put_now(order.patient, now=DAY_BEFORE)
    assert ([one.instrument.code for one in put.asked], put.opens_at) == (["phq-9"], None)


def test_while_nobody_is_it_opens_with_the_next_shift(order: Order) -> None:
    on_duty(order.sites.get(), after=3 * HOUR)
    put = put_now(order.patient, now=DAY_BEFORE)
    assert (put.asked, put.opens_at) == ([], DAY_BEFORE + 3 * HOUR)


@pytest.mark.parametrize("after", [None, FIRST - DAY_BEFORE + 12 * HOUR])
def test_where_nobody_is_before_the_infusion_nothing_is_promised(order: Order, after: timedelta | None) -> None:
    if after is not None:
        on_duty(order.sites.get(), after=after)
    put = put_now(order.patient, now=DAY_BEFORE)
    assert (put.asked, put.opens_at) == ([], None)


def test_another_clinics_duty_covers_nothing(order: Order) -> None:
    on_duty(factories.create_clinic(order.sites.get().organisation), after=-HOUR)
    assert put_now(order.patient, now=DAY_BEFORE).asked == []


def test_what_a_clinician_asks_by_hand_is_put_at_once(order: Order) -> None:
    clinic = order.sites.get()
    nurse = factories.create_actor(clinic, Role.NURSE)
    ask(order=order, clinic=clinic, instrument="gad-7", days=3, by=nurse, now=DAY_BEFORE)
    assert [one.instrument.code for one in put_now(order.patient, now=DAY_BEFORE).asked] == ["gad-7"]
