"""Word to a prescriber, and to who covers, that a review is to be decided today or was: once a day, no patient data."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F

from notifications.alert_letters import Letter, send_letter
from notifications.models import StaffAlert
from scheduling.clinic_time import ClinicTime
from scheduling.covers import covers_on, prescribing
from scheduling.decisions_made import latest_decisions
from scheduling.models import User
from scheduling.review_limits import reviews_at_their_limit
from scheduling.reviews import ReviewDue

log = logging.getLogger(__name__)
KEY: Final = "review/"
# The last day begins at midnight; nobody is woken for it.
MORNING: Final = timedelta(hours=8)
A_DAY: Final = timedelta(days=1)
LETTER: Final = Letter(
    "Something waits for you", "something waits for your decision.", "/clinician/", valid_for=timedelta(hours=4)
)


def alert_about_reviews(*, clock: Callable[[], datetime], until: datetime) -> int:
    """Alerts who decides each review whose last day has come or is over: from eight in the clinic's morning on, once a
    day, until somebody decided. Gives how many went out. What is decided counts as answered by who decided it."""
    now = clock()
    due = [one for one in reviews_at_their_limit(now=now, ahead=A_DAY) if _morning(one) <= now]
    _answered(due)
    sent = 0
    for review in due:
        if clock() >= until:
            break
        alert = _take(review, clock())
        if alert is not None:
            sent += 1
            for person in _whom(review, now):
                send_letter(LETTER, alert=alert, person=person, now=clock())
    return sent


def _morning(review: ReviewDue) -> datetime:
    """Eight hours into its last day: no clock is put forward then."""
    if review.decide_by is None:
        raise RuntimeError("a review without a last day has no limit")
    return ClinicTime(review.time_zone).day_start(review.decide_by) + MORNING


def _key(review: ReviewDue) -> str:
    order_id, after = review.key
    return f"{KEY}{order_id}/{after}/{review.decide_by}"


def _take(review: ReviewDue, now: datetime) -> StaffAlert | None:
    """The alert if it is due. It is counted before anything is sent: a crash costs one day's word, never two."""
    alert, _is_new = StaffAlert.objects.select_related("clinic").get_or_create(
        alert_key=_key(review), defaults={"clinic_id": review.clinic_id, "raised_at": now, "next_at": now}
    )
    days_since = (now - _morning(review)) // A_DAY
    again = _morning(review) + (days_since + 1) * A_DAY
    mine = StaffAlert.objects.filter(pk=alert.pk, acknowledged_at=None, next_at__lte=now)
    return alert if mine.update(next_at=again, rounds=F("rounds") + 1) else None


def _whom(review: ReviewDue, now: datetime) -> list[User]:
    """Who signed the order, and who covers for them today. Where they have left and nobody covers, every prescriber
    where the order may be given: each of them may decide."""
    today = ClinicTime(review.time_zone).local_day(now)
    there = {user_id for _order_id, user_id in prescribing([review.order.pk])}
    people = [review.signer] if review.signer.pk in there else []
    people += covers_on(today, [review.signer.pk]).values()
    if not people:
        people = list(User.objects.filter(pk__in=there).order_by("pk"))
    if not people:
        log.warning("a review is due and no prescriber is left to decide it", extra={"order": review.order.pk})
    return people


def _answered(due: Iterable[ReviewDue]) -> None:
    """Open alerts whose review is due no longer: who decided it has answered."""
    still = {_key(one) for one in due}
    rest = StaffAlert.objects.filter(acknowledged_at=None, alert_key__startswith=KEY).exclude(alert_key__in=still)
    for alert in rest:
        order_id, after = alert.alert_key.split("/")[1:3]
        decided = latest_decisions([int(order_id)]).get((int(order_id), int(after)))
        if decided is not None:
            StaffAlert.objects.filter(pk=alert.pk, acknowledged_at=None).update(
                acknowledged_at=decided.recorded_at, acknowledged_by=decided.decided_by
            )
