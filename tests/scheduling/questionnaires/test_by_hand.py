"""A clinician asks beside the plan: once, for a while, and may take it back until it is answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.models import Order, Questionnaire, Role
from scheduling.patients import record_death
from scheduling.permissions import NotAllowed
from scheduling.questionnaires.askings import askings_of
from scheduling.questionnaires.by_hand import IsAnswered, NotAskable, ask, withdraw
from tests import factories
from tests.factories import NOW
from tests.scheduling.questionnaires.world import by_link, codes_asked, one_asked

pytestmark = pytest.mark.django_db


def asked(order: Order, *, role: Role = Role.NURSE, instrument: str = "gad-7") -> Questionnaire:
    clinic = order.sites.get()
    return ask(
        order=order, clinic=clinic, instrument=instrument, days=3, by=factories.create_actor(clinic, role), now=NOW
    )


def test_it_is_open_from_now_for_so_many_days() -> None:
    order = factories.create_order(factories.create_clinic())
    row = asked(order)

    assert codes_asked(order.patient, NOW) == ["gad-7"]
    assert row.closes_at == NOW + timedelta(days=3)
    assert row.asked_by is not None


def test_twice_asks_once_and_after_an_answer_it_is_asked_anew() -> None:
    order = factories.create_order(factories.create_clinic())
    first = asked(order)

    assert asked(order) == first
    by_link(one_asked(order.patient, NOW, "gad-7"), [0] * 7, NOW)
    clinic, later = order.sites.get(), NOW + timedelta(hours=1)
    nurse = factories.create_actor(clinic, Role.NURSE)
    again = ask(order=order, clinic=clinic, instrument="gad-7", days=3, by=nurse, now=later)
    assert again != first
    assert codes_asked(order.patient, later) == ["gad-7"]


def test_the_desk_asks_nothing() -> None:
    order = factories.create_order(factories.create_clinic())

    for role in (Role.FRONT_DESK, Role.MANAGER):
        with pytest.raises(NotAllowed):
            asked(order, role=role)


def test_nobody_is_asked_what_does_not_exist_or_under_a_closed_record() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    with pytest.raises(NotAskable):
        asked(order, instrument="bdi-2")
    nurse = factories.create_actor(clinic, Role.NURSE)
    record_death(patient=order.patient, died_at=NOW, by=nurse, now=NOW)
    with pytest.raises(NotAskable):
        asked(order)


def test_taken_back_it_is_asked_no_more_and_twice_changes_nothing() -> None:
    order = factories.create_order(factories.create_clinic())
    row = asked(order)
    nurse = factories.create_actor(order.sites.get(), Role.NURSE)

    withdraw(questionnaire=row, by=nurse, now=NOW)
    withdraw(questionnaire=row, by=nurse, now=NOW + timedelta(hours=1))

    row.refresh_from_db()
    assert row.voided_at == NOW
    assert askings_of(order.patient) == []


def test_what_is_answered_is_not_taken_back() -> None:
    order = factories.create_order(factories.create_clinic())
    row = asked(order)
    by_link(one_asked(order.patient, NOW, "gad-7"), [0] * 7, NOW)

    with pytest.raises(IsAnswered):
        withdraw(questionnaire=row, by=factories.create_actor(order.sites.get(), Role.NURSE), now=NOW)
