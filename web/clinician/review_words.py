"""What is said after a decision at a review, or why it was not written down."""

from __future__ import annotations

from django.utils.translation import gettext

from scheduling.models import Decision, GateDecision, Order, OrderState
from scheduling.order_states import OrderIsNot, RecordClosed
from web.spoken import clock, infusions, short_day


def written_down(order: Order, made: GateDecision) -> str:
    """What was done, in a sentence."""
    following = infusions([made.after_number + 1]).lower()
    words = {
        Decision.CONTINUE: gettext("Written down: %(name)s goes on with %(next)s."),
        Decision.CONTINUE_CHANGED: gettext(
            "Written down: %(name)s goes on once the changed order is signed. Until then %(next)s waits."
        ),
        Decision.PAUSE: gettext("Written down: the order of %(name)s is paused."),
        Decision.STOP: gettext("Written down: the order of %(name)s is stopped."),
        Decision.COMPLETE: gettext("Written down: the order of %(name)s is completed."),
    }
    return words[Decision(made.decision)] % {"name": order.patient.shown_name, "next": following}


def decided_by_another(latest: GateDecision) -> str:
    """Who decided what, and when."""
    words = gettext(
        "%(who)s decided “%(what)s” on %(day)s at %(time)s. Nothing of yours was written down, and what you typed is"
        " still here: a decision from now on stands beside theirs and counts."
    )
    when = {"day": short_day(latest.decided_at), "time": clock(latest.decided_at)}
    return words % {"who": latest.decided_by.shown_name, "what": latest.get_decision_display(), **when}


def why_not_now(refusal: Exception) -> str:
    """Why this review can't be decided as it stands."""
    if isinstance(refusal, OrderIsNot):
        words = gettext("The order is “%(state)s” by now. Nothing was written down.")
        return words % {"state": OrderState(refusal.state).label}
    if isinstance(refusal, RecordClosed):
        return gettext("This patient's record is closed. Nothing goes on here.")
    return gettext("This review is due once the infusion before it is given. Nothing was written down.")
