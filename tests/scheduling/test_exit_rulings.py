"""An infusion that was broken off: it closes the way, a prescriber rules, and a repeated one is to book again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from scheduling.booking import Pick, book_series
from scheduling.clinician_tasks import DONE_WITH_IT
from scheduling.events import Actor
from scheduling.exit_rulings import NothingToRule, rule_on_exit
from scheduling.locking import AgainstTheOrder
from scheduling.models import Appointment, Clinic, Event, Order, Role, Status, TaskKind, User
from scheduling.orders import orders_to_book
from scheduling.permissions import NotAllowed
from scheduling.picks import BookingRefused
from scheduling.proposals import propose_series
from scheduling.series import read_series
from scheduling.series_terms import Wish
from scheduling.visits import record_step
from scheduling.word_of_mouth import Word
from tests import factories
from tests.factories import NOW, SIX, checks_for
from tests.scheduling.planned import at, meets_the_constraints
from tests.scheduling.running import nurse

pytestmark = pytest.mark.django_db
# Wednesday and Friday; the gap signed between two infusions is two days, at most four.
WED, FRI = at("2027-01-06"), at("2027-01-08")
BROKEN_OFF = (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.STOPPED_EARLY)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def doctor(clinic: Clinic) -> User:
    return factories.create_user(clinic, Role.PRESCRIBER)


def booked(clinic: Clinic, *starts: datetime, template: dict[str, Any] = SIX) -> tuple[Order, list[Appointment]]:
    order = factories.create_order(clinic, template=template)
    picks = [Pick(number, start) for number, start in enumerate(starts, start=1)]
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    return order, book_series(order=order, clinic=clinic, picks=picks, by=by, now=NOW)


def bring(visit: Appointment, *steps: Status) -> None:
    by = factories.create_actor(visit.clinic, Role.NURSE)
    for after, to in enumerate(steps):
        when = (visit.seated_at or visit.period.lower) + timedelta(minutes=after)
        record_step(appointment=visit, to=to, happened_at=when, checks=checks_for(to), by=by, now=when)


def give(visit: Appointment) -> None:
    bring(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING, Status.COMPLETED)


def rule(visit: Appointment, doctor: User, *, counts: bool, now: datetime = WED + timedelta(hours=3)) -> None:
    by = Actor.staff(doctor, visit.clinic)
    rule_on_exit(appointment=visit, counts=counts, word=Word(doctor, "line gone at minute 5"), by=by, now=now)


def test_an_infusion_that_was_broken_off_asks_a_prescriber_and_closes_the_way(clinic: Clinic, doctor: User) -> None:
    order, [first, second] = booked(clinic, WED, FRI)
    bring(first, *BROKEN_OFF)
    task = order.clinician_tasks.get()
    assert (task.kind, task.appointment_id, task.closed_at) == (TaskKind.RULING, first.pk, None)
    assert list(Appointment.objects.unruled()) == [first]
    bring(second, Status.ARRIVED, Status.SEATED)
    with pytest.raises(AgainstTheOrder) as refusal:
        bring(second, Status.INFUSING)
    assert refusal.value.code == "ID007"
    rule(first, doctor, counts=True)
    assert not Appointment.objects.unruled()
    task.refresh_from_db()
    assert (task.closed_by_id, task.outcome) == (doctor.pk, DONE_WITH_IT)
    assert Event.objects.get(verb="task.closed").appointment == first
    bring(second, Status.INFUSING)
    assert (second.status, first.is_repeated) == (Status.INFUSING, False)


@pytest.mark.parametrize("exits", [[], ["transferred"]])
def test_the_plan_says_which_exits_close_the_way(clinic: Clinic, exits: list[str]) -> None:
    order, [first, second] = booked(clinic, WED, FRI, template={**SIX, "exits_close": exits})
    bring(first, *BROKEN_OFF)
    assert not order.clinician_tasks.exists()
    bring(second, Status.ARRIVED, Status.SEATED, Status.INFUSING)


def test_an_exit_before_the_start_asks_nobody(clinic: Clinic) -> None:
    order, [first] = booked(clinic, WED)
    bring(first, Status.ARRIVED, Status.LEFT_UNCLEARED)
    assert not order.clinician_tasks.exists()
    assert read_series(order, now=NOW).to_book == [1, 2, 3, 4, 5, 6]


def test_only_a_prescriber_rules_on_what_was_broken_off(clinic: Clinic, doctor: User) -> None:
    _, [first, second] = booked(clinic, WED, FRI)
    bring(first, *BROKEN_OFF)
    with pytest.raises(NotAllowed):
        rule_on_exit(appointment=first, counts=True, word=Word(doctor), by=nurse(clinic), now=WED)
    with pytest.raises(NothingToRule):
        rule(second, doctor, counts=True)
    rule(first, doctor, counts=False)
    with pytest.raises(NothingToRule):
        rule(first, doctor, counts=False)
    event = Event.objects.get(appointment=first, verb="appointment.ruled")
    assert (event.reason, event.data) == ("", {"repeated": True})


def test_a_repeated_infusion_is_to_book_again_outside_its_gap(clinic: Clinic, doctor: User) -> None:
    order, [first] = booked(clinic, WED)
    bring(first, *BROKEN_OFF)
    rule(first, doctor, counts=False)
    series = read_series(order, now=WED + timedelta(hours=4))
    assert (series.to_book[0], series.repeated, series.given) == (1, {1: WED}, {})
    now = WED + timedelta(hours=4)
    found = propose_series(order=order, clinic=clinic, wish=Wish(), how_many=1, count=1, now=now)
    assert found.proposals[0].visits[0].start == at("2027-01-08", "08:00")
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    with pytest.raises(BookingRefused):
        book_series(order=order, clinic=clinic, picks=[Pick(1, WED + timedelta(days=1))], by=desk, now=now)
    [again] = book_series(order=order, clinic=clinic, picks=[Pick(1, FRI)], by=desk, now=now)
    meets_the_constraints()
    assert (again.dose_number, again.dose_id) == (1, first.dose_id)
    assert read_series(order, now=now).to_book == [2, 3, 4, 5, 6]


def test_what_counts_from_the_one_before_counts_from_the_one_broken_off(clinic: Clinic, doctor: User) -> None:
    order, [first, second] = booked(clinic, WED, at("2027-01-09") - timedelta(days=1))
    give(first)
    bring(second, *BROKEN_OFF)
    rule(second, doctor, counts=False, now=FRI + timedelta(hours=3))
    now = FRI + timedelta(hours=4)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    # Two days after Friday is Sunday; on Monday it would be five days after the first, and four are allowed.
    found = propose_series(order=order, clinic=clinic, wish=Wish(), how_many=1, count=3, now=now)
    days = {proposal.visits[0].start.date().isoformat() for proposal in found.proposals}
    assert days <= {"2027-01-11", "2027-01-12"}
    with pytest.raises(BookingRefused):
        book_series(order=order, clinic=clinic, picks=[Pick(2, at("2027-01-13"))], by=desk, now=now)
    [again] = book_series(order=order, clinic=clinic, picks=[Pick(2, at("2027-01-11"))], by=desk, now=now)
    meets_the_constraints()
    assert again.dose_number == 2


def test_the_desks_list_has_the_order_again(clinic: Clinic, doctor: User) -> None:
    one = {**SIX, "doses": 1, "reviews": [], "spacing": []}
    order, [first] = booked(clinic, WED, template=one)
    assert orders_to_book(clinic=clinic) == []
    bring(first, *BROKEN_OFF)
    assert orders_to_book(clinic=clinic) == []
    rule(first, doctor, counts=False)
    assert orders_to_book(clinic=clinic) == [order]
