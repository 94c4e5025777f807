"""What a worker left behind: a claim without an attempt is planned again, an attempt without an answer looked up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from notifications import reasons
from notifications.attempt_outcomes import MAX_TRIES, record_look_up
from notifications.attempts import outgoing_of
from notifications.channels.outcomes import Found, LookUp
from notifications.channels.registry import channel_for
from notifications.last_look import is_said_later
from notifications.models import Attempt, AttemptOutcome, Notice, NoticeState, OutcomeKind, Receipt
from notifications.models.notice import NoticeQuerySet
from notifications.notice_facts import ChannelName

log = logging.getLogger(__name__)
ASK_FOR = timedelta(hours=1)
ASK_EVERY = timedelta(minutes=1)
BATCH = 100


def free_left_behind(*, now: datetime) -> int:
    """Plans again what a worker claimed and never began, and lets lapse what lost its use while it waited, unless a
    later text says it; gives how many. Asks nobody, so that it can come before the next sending."""
    useless = Notice.objects.due(now).filter(useful_until__lte=now)
    with transaction.atomic():
        rows = useless.select_for_update(skip_locked=True, no_key=True).prefetch_related("told_visits")
        # In this order a later text is still planned when an earlier one asks for it.
        said = {row.pk: is_said_later(row) for row in rows.order_by("useful_until", "pk")[:BATCH]}
        these = Notice.objects.filter(pk__in=said)
        these.filter(pk__in=[pk for pk, later in said.items() if later]).move(
            NoticeState.SUPPRESSED, now=now, reason=reasons.SAID_LATER
        )
        these.filter(state=NoticeState.PLANNED).move(NoticeState.LAPSED, now=now, reason=reasons.TOO_LATE)
    return len(said) + _free_unattempted(now=now)


def rescue_expired(*, clock: Callable[[], datetime], until: datetime) -> int:
    """Settles what is past its lease, until `until`; gives how many claims and attempts. Sends nothing itself.

    An attempt is planned again only where the provider says that it never had the message. Where it can't say, the
    notices are unknown, and a channel that can look up is asked again each minute for an hour.
    """
    settled = free_left_behind(now=clock())
    for attempt in _cut_off(clock()):
        if clock() >= until:
            break
        if not _take(attempt, now=clock()):
            continue
        try:
            record_look_up(attempt_id=attempt.pk, answer=_ask(attempt), now=clock())
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("rescue failed", extra={"attempt": attempt.pk})
            continue
        settled += 1
    return settled


def _free_unattempted(*, now: datetime) -> int:
    with transaction.atomic():
        left = Notice.objects.filter(state=NoticeState.CLAIMED, lease_until__lt=now, message=None)
        ids = list(left.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        rows = Notice.objects.filter(pk__in=ids)
        # A try counts although nothing was sent: a notice that kills its worker must not come round for ever.
        rows.filter(tries__gte=MAX_TRIES).move(NoticeState.FAILED, now=now, reason=reasons.GAVE_UP)
        rows.filter(state=NoticeState.CLAIMED).move(NoticeState.PLANNED, now=now, tries=F("tries") + 1)
    return len(ids)


def _cut_off(now: datetime) -> list[Attempt]:
    outcomes = AttemptOutcome.objects.filter(attempt=OuterRef("pk"))
    open_notices = _to_ask(now).filter(message=OuterRef("message"))
    # Mail has nobody to ask.
    can_be_asked = ~Q(message__channel=ChannelName.EMAIL) & Q(started_at__gt=now - ASK_FOR)
    return list(
        Attempt.objects.filter(~Exists(outcomes) | can_be_asked, Exists(open_notices), lease_until__lt=now)
        .exclude(Exists(outcomes.exclude(kind=OutcomeKind.UNKNOWN)))
        .select_related("message__address", "message__clinic")
        .order_by("pk")[:BATCH]
    )


def _to_ask(now: datetime) -> NoticeQuerySet:
    return Notice.objects.filter(
        Q(asked_at=None) | Q(asked_at__lte=now - ASK_EVERY), state__in=(NoticeState.CLAIMED, NoticeState.UNKNOWN)
    )


def _take(attempt: Attempt, *, now: datetime) -> bool:
    """Commits that we are about to ask, so that no other worker asks the same for a minute; False if one already is."""
    with transaction.atomic():
        mine = _to_ask(now).filter(message=attempt.message_id).select_for_update(skip_locked=True)
        return Notice.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).update(asked_at=now) > 0


def _ask(attempt: Attempt) -> LookUp:
    # A report that came in meanwhile knows more than a look-up.
    receipt = Receipt.objects.filter(message=attempt.message_id).first()
    if receipt is not None:
        return Found(receipt.reference)
    return channel_for(ChannelName(attempt.message.channel)).look_up(outgoing_of(attempt))
