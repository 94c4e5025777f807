"""Pausing an order and letting it go on. Its visits keep their places meanwhile (`paused_places`)."""

from __future__ import annotations

from datetime import datetime

from scheduling.changing_orders import carry_out, check_word, enter_change
from scheduling.events import Actor
from scheduling.keeping_places import kept_until
from scheduling.locking import writing
from scheduling.models import ChangeKind, Order, OrderChange
from scheduling.order_states import refuse_closed
from scheduling.word_of_mouth import Word


def pause_order(
    *, order: Order, word: Word, shown: str = "", keep_days: int | None = None, by: Actor, now: datetime
) -> OrderChange:
    """Pauses an active order: nothing is booked, confirmed or started, and its visits keep their places for now.

    After `keep_days` (the clinic's own number without one) the desk is asked whether they still do. Refuses as
    `changing_orders.check_word` and `carry_out` do, and with NotSoLong. Records `order.pause`; the reason stays with
    clinical staff.
    """
    check_word(word, ChangeKind.PAUSE, order, by=by, now=now)
    with writing():
        entered = enter_change(order)
        until = kept_until(keep_days, by=by, now=now)
        change = carry_out(entered, ChangeKind.PAUSE, word, shown=shown, keep_places_until=until, by=by, now=now)
    order.refresh_from_db()
    return change


def resume_order(*, order: Order, word: Word, shown: str = "", by: Actor, now: datetime) -> OrderChange:
    """Lets a paused order go on: what kept its place is firm again as before, and reminders are planned anew.

    Refuses as `pause_order`, and with RecordClosed for a patient whose record is closed. Records `order.resume`.
    """
    check_word(word, ChangeKind.RESUME, order, by=by, now=now)
    with writing():
        entered = enter_change(order)
        refuse_closed(entered.patient)
        change = carry_out(entered, ChangeKind.RESUME, word, shown=shown, by=by, now=now)
    order.refresh_from_db()
    return change
