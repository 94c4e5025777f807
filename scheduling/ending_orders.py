"""Ending an order by a prescriber's word: stopped, or completed."""

from __future__ import annotations

from datetime import datetime

from scheduling.changing_orders import carry_out, check_word, enter_change
from scheduling.clinician_tasks import close_withdrawals
from scheduling.events import Actor, record
from scheduling.locking import writing
from scheduling.models import ChangeKind, Order, OrderChange
from scheduling.word_of_mouth import Word


def stop_order(*, order: Order, word: Word, shown: str = "", by: Actor, now: datetime) -> OrderChange:
    """Stops an order for good: its booked visits are cancelled on the clinician's side, kept times let go, and the
    patient hears it once somebody has told them, or a while later.

    Refuses as `changing_orders.check_word` and `carry_out` do. Records `order.stop` and what `settle_visits` does.
    """
    return _end(order, ChangeKind.STOP, word, shown, by=by, now=now)


def complete_order(*, order: Order, word: Word, shown: str = "", by: Actor, now: datetime) -> OrderChange:
    """Says that an order is done; otherwise as `stop_order`. Records `order.complete`."""
    return _end(order, ChangeKind.COMPLETE, word, shown, by=by, now=now)


def _end(order: Order, kind: ChangeKind, word: Word, shown: str, *, by: Actor, now: datetime) -> OrderChange:
    check_word(word, kind, order, by=by, now=now)
    with writing():
        change = carry_out(enter_change(order), kind, word, shown=shown, by=by, now=now)
        closed = close_withdrawals(order, by=by, now=now)
        record(organisation_id=order.organisation_id, entries=closed, by=by, now=now)
    order.refresh_from_db()
    return change
