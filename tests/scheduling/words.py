"""Words about orders, as tests say them: Dr Cole decides, Ben the nurse may have heard it."""

from __future__ import annotations

from datetime import datetime

from scheduling.ending_orders import complete_order, stop_order
from scheduling.events import Actor
from scheduling.expiring_orders import expire_orders
from scheduling.models import ChangeKind, Clinic, Order, OrderState, Role, User
from scheduling.pausing import pause_order, resume_order
from scheduling.word_of_mouth import Word
from tests import factories
from tests.factories import NOW

WHY = "dizzy after the second"
VERBS = {
    ChangeKind.PAUSE: pause_order,
    ChangeKind.RESUME: resume_order,
    ChangeKind.STOP: stop_order,
    ChangeKind.COMPLETE: complete_order,
}


def prescriber_of(clinic: Clinic) -> tuple[User, Actor]:
    """A prescriber, as a person and as who acts."""
    user = factories.create_user(clinic, Role.PRESCRIBER)
    return user, Actor.staff(user, clinic)


def changed(order: Order, clinic: Clinic, *kinds: ChangeKind, now: datetime = NOW) -> Order:
    """The order after a prescriber's own words, one after another."""
    user, by = prescriber_of(clinic)
    for kind in kinds:
        if kind == ChangeKind.EXPIRE:
            expire_orders(now=now)
        else:
            VERBS[kind](order=order, word=Word(user, WHY), by=by, now=now)
    order.refresh_from_db()
    return order


# How an order comes to each state.
WAYS: dict[OrderState, tuple[ChangeKind, ...]] = {
    OrderState.ACTIVE: (),
    OrderState.PAUSED: (ChangeKind.PAUSE,),
    OrderState.STOPPED: (ChangeKind.STOP,),
    OrderState.COMPLETED: (ChangeKind.COMPLETE,),
}
