"""A row of the desk's lists is one person's at a time, for the clinic's day; put off it is anybody's again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from scheduling.desk_rows import RowOf, give_row_back, held_by, put_row_off, record_row_try, take_row
from scheduling.events import Actor
from scheduling.in_hand import HadByAnother
from scheduling.models import CallOutcome, Clinic, DeskRow, Event, Role, RowKind
from scheduling.permissions import NotAllowed
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def ana(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


@pytest.fixture
def ben(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.MANAGER)


def row_of(clinic: Clinic) -> RowOf:
    return RowOf(RowKind.ORDER_TO_BOOK, 7, clinic, factories.create_patient(clinic))


def kept() -> DeskRow:
    return DeskRow.objects.select_related("taken_by").get()


def test_it_is_one_persons_until_they_give_it_back(clinic: Clinic, ana: Actor, ben: Actor) -> None:
    row = row_of(clinic)
    take_row(row=row, by=ana, now=NOW)
    take_row(row=row, by=ana, now=NOW + HOUR)
    assert kept().taken_at == NOW, "taken again it is theirs since then"
    with pytest.raises(HadByAnother) as refusal:
        take_row(row=row, by=ben, now=NOW)
    assert refusal.value.user.pk == ana.user_id
    give_row_back(row=row, by=ana, now=NOW)
    take_row(row=row, by=ben, now=NOW)
    assert kept().taken_by_id == ben.user_id
    event = Event.objects.filter(verb="desk_row.taken").latest("pk")
    assert (event.patient, event.data) == (row.patient, {"kind": "order_to_book", "subject": 7})


def test_it_is_taken_over_from_the_person_who_was_asked_and_from_no_other(
    clinic: Clinic, ana: Actor, ben: Actor
) -> None:
    row, third = row_of(clinic), factories.create_actor(clinic, Role.FRONT_DESK)
    take_row(row=row, by=ana, now=NOW)
    take_row(row=row, by=ben, now=NOW, instead_of=ana.user_id)
    with pytest.raises(HadByAnother) as refusal:
        take_row(row=row, by=third, now=NOW, instead_of=ana.user_id)
    assert refusal.value.user.pk == ben.user_id


def test_a_new_day_at_the_clinic_begins_with_nobodys(clinic: Clinic, ana: Actor, ben: Actor) -> None:
    row = row_of(clinic)
    take_row(row=row, by=ana, now=NOW)
    late = NOW + timedelta(hours=16, minutes=59)
    assert held_by(kept(), clinic, late) is not None, "a minute before midnight in New York"
    assert held_by(kept(), clinic, late + timedelta(minutes=1)) is None
    take_row(row=row, by=ben, now=late + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("outcome", "is_put_off"),
    [("spoke", False), ("voicemail", True), ("no_answer", True), ("wrong_number", False)],
)
def test_who_reached_nobody_is_to_try_again_in_an_hour(
    clinic: Clinic, ana: Actor, outcome: str, is_put_off: bool
) -> None:
    row = row_of(clinic)
    take_row(row=row, by=ana, now=NOW)
    record_row_try(row=row, outcome=CallOutcome(outcome), by=ana, now=NOW)
    assert kept().snoozed_until == (NOW + HOUR if is_put_off else None)
    assert (kept().taken_by is None) == is_put_off
    assert Event.objects.get(verb="desk_row.tried").reason == outcome


def test_what_was_put_off_is_anybodys_and_never_in_the_past(clinic: Clinic, ana: Actor) -> None:
    row = row_of(clinic)
    take_row(row=row, by=ana, now=NOW)
    put_row_off(row=row, until=NOW - HOUR, by=ana, now=NOW)
    assert (kept().taken_by, kept().snoozed_until) == (None, NOW)
    give_row_back(row=row, by=ana, now=NOW)
    assert kept().snoozed_until is None


@pytest.mark.parametrize("press", ["back", "later", "no_answer"])
def test_a_page_of_before_takes_nothing_off_a_colleague(clinic: Clinic, ana: Actor, ben: Actor, press: str) -> None:
    row, third = row_of(clinic), factories.create_actor(clinic, Role.FRONT_DESK)
    take_row(row=row, by=ana, now=NOW)
    take_row(row=row, by=ben, now=NOW, instead_of=ana.user_id)
    verbs: dict[str, Callable[..., None]] = {
        "back": give_row_back,
        "later": partial(put_row_off, until=NOW + HOUR, instead_of=third.user_id),
        "no_answer": partial(record_row_try, outcome=CallOutcome.NO_ANSWER),
    }
    with pytest.raises(HadByAnother) as refusal:
        verbs[press](row=row, by=ana, now=NOW)
    assert refusal.value.user.pk == ben.user_id
    assert (kept().taken_by_id, kept().snoozed_until) == (ben.user_id, None)
    assert not Event.objects.exclude(verb="desk_row.taken").filter(verb__startswith="desk_row").exists()


@pytest.mark.parametrize("press", ["later", "no_answer"])
def test_who_sees_that_a_colleague_has_it_may_put_it_off(clinic: Clinic, ana: Actor, ben: Actor, press: str) -> None:
    row = row_of(clinic)
    take_row(row=row, by=ana, now=NOW)
    if press == "later":
        put_row_off(row=row, until=NOW + HOUR, by=ben, now=NOW, instead_of=ana.user_id)
    else:
        record_row_try(row=row, outcome=CallOutcome.NO_ANSWER, by=ben, now=NOW, instead_of=ana.user_id)
    assert (kept().taken_by, kept().snoozed_until) == (None, NOW + HOUR)


def test_that_a_patient_was_spoken_with_is_kept_whoever_has_it(clinic: Clinic, ana: Actor, ben: Actor) -> None:
    row = row_of(clinic)
    take_row(row=row, by=ana, now=NOW)
    record_row_try(row=row, outcome=CallOutcome.SPOKE, by=ben, now=NOW)
    assert kept().taken_by_id == ana.user_id
    assert Event.objects.get(verb="desk_row.tried").reason == "spoke"


@pytest.mark.parametrize("role", [Role.NURSE, Role.PRESCRIBER, Role.AUDITOR])
def test_rows_are_the_desks(clinic: Clinic, role: Role) -> None:
    with pytest.raises(NotAllowed):
        take_row(row=row_of(clinic), by=factories.create_actor(clinic, role), now=NOW)
    assert DeskRow.objects.count() == 0


def test_a_desk_works_at_its_own_clinic(clinic: Clinic) -> None:
    elsewhere = factories.create_actor(factories.create_clinic(clinic.organisation), Role.FRONT_DESK)
    with pytest.raises(NotAllowed):
        take_row(row=row_of(clinic), by=elsewhere, now=NOW)
