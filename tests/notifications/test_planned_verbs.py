"""What patients hear of times that are kept, booked from a hold, moved, cancelled with the rest, or reinstated."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.dispatch import dispatch_due
from scheduling.booking import Pick, book_series
from scheduling.booking_kept import book_held
from scheduling.cancelling import cancel, cancel_rest
from scheduling.events import Actor
from scheduling.holding import hold_series
from scheduling.kept_times import release_hold
from scheduling.models import Appointment, CancelledBy, Clinic, Role
from scheduling.moving_rest import move_rest
from scheduling.restoring import un_cancel
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import NOON, clinic_that_writes, new_york, notices, plan, reachable_patient

pytestmark = pytest.mark.django_db

GRACE = timedelta(minutes=3)
SOON, LATER = NOON + timedelta(minutes=5), NOON + timedelta(minutes=30)


class World:
    """A reachable patient with an order, and a desk that keeps and books its first three infusions."""

    def __init__(self) -> None:
        self.clinic: Clinic = clinic_that_writes()
        self.order = factories.create_order(self.clinic, reachable_patient(self.clinic))
        self.desk: Actor = factories.create_actor(self.clinic, Role.FRONT_DESK)

    def picks(self, hour: int = 9, minute: int = 0, *numbers: int) -> list[Pick]:
        days = {1: 6, 2: 8, 3: 11}
        return [Pick(number, new_york(days[number], hour, minute)) for number in numbers or days]

    def hold(self, minute: int = 0) -> list[Appointment]:
        return hold_series(order=self.order, clinic=self.clinic, picks=self.picks(9, minute), by=self.desk, now=NOON)

    def book(self) -> list[Appointment]:
        return book_series(order=self.order, clinic=self.clinic, picks=self.picks(), by=self.desk, now=NOON)

    def tell(self, gateway: TwilioGateway, now: datetime) -> list[str]:
        """The texts that go out when what happened at `now` is planned and due."""
        before = len(gateway.ledger)
        plan(now)
        at = now + GRACE
        dispatch_due(clock=lambda: at, until=at + timedelta(seconds=1))
        return [text.body.partition(" Details")[0] for text in gateway.ledger[before:]]


@pytest.fixture
def world() -> World:
    return World()


def test_nobody_hears_of_kept_times(world: World) -> None:
    world.hold()
    second = world.hold(30)
    plan()
    assert notices() == []
    release_hold(visits=second, by=world.desk, now=SOON)
    plan(SOON)
    assert notices() == []


@pytest.mark.parametrize(("option", "time"), [(0, "9:00"), (1, "9:30")])
def test_a_series_booked_from_a_hold_is_confirmed_as_one_text(
    world: World, gateway: TwilioGateway, option: int, time: str
) -> None:
    options = [world.hold(), world.hold(30)]
    book_held(visits=options[option], by=world.desk, now=SOON)
    assert world.tell(gateway, SOON) == [
        f"Harbor Center: your 3 visits are booked, the first for Wed Jan 6, {time} AM."
    ]


def test_a_series_that_moved_is_told_as_one_text(world: World, gateway: TwilioGateway) -> None:
    world.book()
    world.tell(gateway, NOON)
    move_rest(order=world.order, from_number=2, picks=world.picks(13, 0, 2, 3), by=world.desk, now=LATER)
    assert world.tell(gateway, LATER) == [
        "Harbor Center: 2 of your visits have new times, the first is Fri Jan 8, 1:00 PM."
    ]


def test_the_rest_cancelled_is_told_as_one_text(world: World, gateway: TwilioGateway) -> None:
    world.book()
    world.tell(gateway, NOON)
    cancel_rest(order=world.order, from_number=2, side=CancelledBy.PATIENT, reason="stops", by=world.desk, now=LATER)
    assert world.tell(gateway, LATER) == [
        "Harbor Center: 2 of your visits are cancelled, the first on Fri Jan 8, 9:00 AM."
    ]


def test_a_cancellation_taken_back_in_time_tells_nothing_and_later_says_booked(
    world: World, gateway: TwilioGateway
) -> None:
    first = world.book()[0]
    world.tell(gateway, NOON)
    for at, said in ((LATER, False), (LATER + timedelta(hours=1), True)):
        cancel(appointment=first, side=CancelledBy.CLINIC, reason="other", by=world.desk, now=at)
        if said:
            assert world.tell(gateway, at) == ["Harbor Center: your visit on Wed Jan 6, 9:00 AM is cancelled."]
        else:
            plan(at)
        back = at + (GRACE * 2 if said else GRACE / 3)
        un_cancel(appointment=first, by=world.desk, now=back)
        booked_again = ["Harbor Center: your visit is booked for Wed Jan 6, 9:00 AM."]
        assert world.tell(gateway, back) == (booked_again if said else [])
