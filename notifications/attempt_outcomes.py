"""What came of an attempt: recorded once, and the notices moved with it in the same transaction."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max

from notifications import reasons
from notifications.addresses import stop_address
from notifications.channels.outcomes import (
    REASONS,
    Accepted,
    CannotTell,
    Found,
    LookUp,
    NotKnown,
    Outcome,
    Refused,
    Unknown,
)
from notifications.models import Attempt, AttemptOutcome, Notice, NoticeState, OutcomeKind
from notifications.models.notice import NoticeQuerySet
from notifications.receipts import apply_receipts
from scheduling.events import Actor

log = logging.getLogger(__name__)
MAX_TRIES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
DOUBLINGS = 5
BY = Actor.system("dispatch")


def record_outcome(*, attempt_id: int, outcome: Outcome, now: datetime) -> None:
    """Writes down what a channel answered. Accepted: sent. Refused for good: failed, and an address that can't work is
    stopped (records `address.stopped`). Refused for now: planned again, later each time, and failed once the next try
    would come too late. Unknown: unknown, for a look-up or a person. An attempt already settled stays as it is.

    What a rescue gave up as unknown is settled by its worker's late answer after all. A refusal means that it surely
    never went, and so it is planned again: nobody else can have sent it, for what is unknown is sent again only after a
    look-up that settles the attempt first.
    """
    with transaction.atomic():
        attempt, notices = _lock(attempt_id)
        if not _settle(attempt, outcome, now):
            return
        match outcome:
            case Accepted():
                notices.move(NoticeState.SENT, now=now)
                apply_receipts(message=attempt.message, now=now)
            case Refused(permanent=True):
                notices.move(NoticeState.FAILED, now=now, reason=outcome.code)
                if REASONS[outcome.code].stops_address:
                    stop_address(address=attempt.message.address, reason=outcome.code, by=BY, now=now)
            case Refused():
                _wait_for_provider(notices, attempt_id, outcome.wait, now=now)
            case Unknown():
                notices.move(NoticeState.UNKNOWN, now=now, reason=reasons.NO_ANSWER)


def record_look_up(*, attempt_id: int, answer: LookUp, now: datetime) -> None:
    """Writes down what the provider said of an attempt cut off before: has it (sent), never had it (planned again),
    can't tell (unknown). An attempt already settled stays as it is.
    """
    with transaction.atomic():
        attempt, notices = _lock(attempt_id)
        match answer:
            case Found():
                if _settle(attempt, Accepted(answer.reference), now, detail="found by look-up"):
                    notices.move(NoticeState.SENT, now=now)
                    apply_receipts(message=attempt.message, now=now)
            case NotKnown():
                if _settle(attempt, answer, now):
                    _plan_again(notices, now=now)
            case CannotTell():
                if not attempt.outcomes.exists() and _settle(attempt, Unknown("The provider could not say."), now):
                    notices.move(NoticeState.UNKNOWN, now=now, reason=reasons.NO_ANSWER)


def _wait_for_provider(notices: NoticeQuerySet, attempt_id: int, asked: timedelta | None, *, now: datetime) -> None:
    """Back to planned after a longer wait each time, at least as long as the provider asked for, while the notice is of
    use: an outage may take hours."""
    refusals = notices.aggregate(most=Max("refusals"))["most"] or 0
    wait = min(FIRST_WAIT * 2 ** min(refusals, DOUBLINGS), LONGEST_WAIT)
    due_at = now + max(wait, asked or wait) + wait * _jitter(attempt_id)
    notices.filter(useful_until__lte=due_at).move(NoticeState.FAILED, now=now, reason=reasons.GAVE_UP)
    # A refusal is an answer, so the tries without one begin anew.
    notices.move(NoticeState.PLANNED, now=now, message=None, due_at=due_at, tries=0, refusals=F("refusals") + 1)


def _jitter(attempt_id: int) -> float:
    """Between 0 and a quarter, so that those refused together do not all come back together. (Knuth's multiplier.)"""
    return (attempt_id * 2654435761 % 2**32) / 2**34


def _plan_again(notices: NoticeQuerySet, *, now: datetime) -> None:
    """Back to planned for another try at once; failed once there were enough."""
    tries = notices.aggregate(most=Max("tries"))["most"] or 0
    if tries >= MAX_TRIES:
        # Through CLAIMED or UNKNOWN alike: both may fail.
        notices.move(NoticeState.FAILED, now=now, reason=reasons.GAVE_UP)
    else:
        notices.move(NoticeState.PLANNED, now=now, message=None)


def _lock(attempt_id: int) -> tuple[Attempt, NoticeQuerySet]:
    attempt = Attempt.objects.select_related("message__address").get(pk=attempt_id)
    notices = Notice.objects.filter(message=attempt.message_id)
    list(notices.order_by("pk").select_for_update().values_list("pk", flat=True))
    return attempt, notices


def _settle(attempt: Attempt, outcome: Outcome | NotKnown, now: datetime, detail: str = "") -> bool:
    """Writes the outcome; False where the attempt has a final one, or this very unknown, already."""
    kinds = set(attempt.outcomes.values_list("kind", flat=True))
    kind = _kind(outcome)
    if kind in kinds or kinds - {OutcomeKind.UNKNOWN}:
        if OutcomeKind.NOT_KNOWN in kinds and kind is OutcomeKind.ACCEPTED:
            log.error("accepted after the look-up did not know it", extra={"attempt": attempt.pk})
        return False
    AttemptOutcome.objects.create(
        attempt=attempt,
        kind=kind,
        gateway_reference=outcome.reference if isinstance(outcome, Accepted) else "",
        code=outcome.code if isinstance(outcome, Refused) else "",
        detail=detail or _detail(outcome),
        recorded_at=now,
    )
    return True


def _kind(outcome: Outcome | NotKnown) -> OutcomeKind:
    match outcome:
        case Accepted():
            return OutcomeKind.ACCEPTED
        case Refused():
            return OutcomeKind.REFUSED
        case NotKnown():
            return OutcomeKind.NOT_KNOWN
        case Unknown():
            return OutcomeKind.UNKNOWN


def _detail(outcome: Outcome | NotKnown) -> str:
    match outcome:
        case Refused():
            return outcome.message
        case Unknown():
            return outcome.reason
        case _:
            return ""
