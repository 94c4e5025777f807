"""Writing down what came of many attempts at once: the accepted in few statements, every other with its own story."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from notifications import sender_pace
from notifications.attempt_outcomes import record_outcome
from notifications.channels.outcomes import Accepted, Outcome
from notifications.models import Attempt, AttemptOutcome, Notice, NoticeState, OutcomeKind, Receipt
from notifications.receipts import apply_receipts

log = logging.getLogger(__name__)


def record_outcomes(*, outcomes: Sequence[tuple[int, Outcome]], gateway: str, now: datetime) -> None:
    """Records each attempt's outcome, and for `gateway` whether it answers; what can't be is left to its lease.

    Raises nothing but the time limit of the task it may run in.
    """
    accepted = {attempt_id: one for attempt_id, one in outcomes if isinstance(one, Accepted)}
    done = _record_accepted(accepted, now) if len(accepted) > 1 else set()
    for attempt_id, outcome in outcomes:
        if attempt_id not in done:
            _record_alone(attempt_id, outcome, now)
    if gateway:
        try:
            sender_pace.note_outcomes(gateway, [outcome for _, outcome in outcomes], now)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("the gateway's state was not noted")


def _record_alone(attempt_id: int, outcome: Outcome, now: datetime) -> None:
    try:
        record_outcome(attempt_id=attempt_id, outcome=outcome, now=now)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        log.exception("an outcome was not recorded", extra={"attempt": attempt_id})


def _record_accepted(accepted: dict[int, Accepted], now: datetime) -> set[int]:
    """Those recorded; what another worker has settled meanwhile, or what fails, is for each alone."""
    try:
        with transaction.atomic():
            attempts = dict(Attempt.objects.filter(pk__in=accepted).values_list("pk", "message"))
            notices = Notice.objects.filter(message__in=attempts.values())
            # The row locks come first: of a receipt and this recording, the second sees what the first wrote.
            list(notices.order_by("pk").select_for_update().values_list("pk", flat=True))
            settled = set(AttemptOutcome.objects.filter(attempt__in=attempts).values_list("attempt", flat=True))
            fresh = [pk for pk in attempts if pk not in settled]
            AttemptOutcome.objects.bulk_create(
                AttemptOutcome(
                    attempt_id=pk,
                    kind=OutcomeKind.ACCEPTED,
                    gateway_reference=accepted[pk].reference,
                    recorded_at=now,
                )
                for pk in fresh
            )
            sent = [attempts[pk] for pk in fresh]
            Notice.objects.filter(message__in=sent).move(NoticeState.SENT, now=now)
            for receipt in Receipt.objects.filter(message__in=sent).distinct("message").select_related("message"):
                if receipt.message is not None:
                    apply_receipts(message=receipt.message, now=now)
            return set(fresh)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        log.exception("outcomes were not recorded together, each alone", extra={"attempts": sorted(accepted)})
        return set()
