"""Is every message somewhere? Counts that must add up, and faults that must be none. Reads only."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, Min, OuterRef, Q

from notifications.models import Attempt, AttemptOutcome, Notice, NoticeState, OutcomeKind
from notifications.models.notice import NoticeQuerySet
from notifications.planning import wanted_of
from scheduling.models import Appointment, EventToPlan, Patient, Status

log = logging.getLogger(__name__)
# The sweep comes every ten seconds; a minute without it is the alarm.
MOST_WAIT = timedelta(seconds=60)
# What a killed worker left is settled at most this long after its lease ended.
SETTLED_WITHIN = timedelta(seconds=30)
RECENT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits or is under way, and what must not be.

    `oldest_due_seconds`: how long the longest waiting has waited; the alarm. `unclaimed`: due for more than a minute;
    `unsettled`: claimed, and nobody came back for long after the lease; `without_reference`: sent lately, though no
    provider has named it; `unplanned`: events that wait for more than a minute to be planned.
    """

    due: int
    claimed: int
    oldest_due_seconds: int
    unclaimed: int
    unsettled: int
    without_reference: int
    unplanned: int

    def faults(self) -> dict[str, int]:
        """What is not as it must be; empty when all is well."""
        said = {
            "due and unclaimed for more than a minute": self.unclaimed,
            "claimed and not settled after the lease": self.unsettled,
            "sent without a provider's reference": self.without_reference,
            "events not planned for more than a minute": self.unplanned,
        }
        return {name: count for name, count in said.items() if count}


def count_all(*, now: datetime) -> Counts:
    """Counts for a minute's look: by indexes, whatever there is of history."""
    due = Notice.objects.due(now).aggregate(
        first=Min("due_at"), count=Count("pk"), late=Count("pk", filter=Q(due_at__lte=now - MOST_WAIT))
    )
    claimed = Notice.objects.filter(state=NoticeState.CLAIMED).aggregate(
        count=Count("pk"), late=Count("pk", filter=Q(lease_until__lt=now - SETTLED_WITHIN))
    )
    return Counts(
        due=due["count"],
        claimed=claimed["count"],
        oldest_due_seconds=int((now - due["first"]).total_seconds()) if due["first"] else 0,
        unclaimed=due["late"],
        unsettled=claimed["late"],
        without_reference=_sent_without_reference().filter(message__written_at__gt=now - RECENT).count(),
        unplanned=EventToPlan.objects.filter(event__recorded_at__lte=now - MOST_WAIT).count(),
    )


def count_states(*, now: datetime) -> dict[str, int]:
    """All notices that ever came due, by state: each is in exactly one. Reads the whole table."""
    ever_due = Notice.objects.filter(Q(due_at__lte=now) | ~Q(state=NoticeState.PLANNED))
    return dict(ever_due.values_list("state").annotate(Count("pk")).order_by("state"))


def find_faults(*, now: datetime) -> dict[str, int]:
    """The same over all of history, and what the facts call for and nobody planned. Takes minutes in a large chain."""
    outcomes = AttemptOutcome.objects.filter(attempt=OuterRef("pk"))
    over = Attempt.objects.filter(~Exists(outcomes), lease_until__lt=now - SETTLED_WITHIN).count()
    after_end = Notice.objects.filter(due_at__gt=F("useful_until"), state=NoticeState.PLANNED).count()
    missing, unreadable = count_missing(now=now)
    said = {
        "attempts without an outcome after their lease": over,
        "planned for when it is of no more use": after_end,
        "sent without a provider's reference": _sent_without_reference().count(),
        "called for and not planned": missing,
        "patients whose facts make no sense": unreadable,
    }
    return count_all(now=now).faults() | {name: count for name, count in said.items() if count}


def count_missing(*, now: datetime) -> tuple[int, int]:
    """How many notices the facts call for that have no row, and how many patients' facts can't be read.

    Who waits to be planned is left out.
    """
    ahead = Appointment.objects.filter(status=Status.BOOKED, period__startswith__gt=now).values("patient")
    waiting = EventToPlan.objects.filter(
        Q(event__patient=OuterRef("pk")) | Q(event__appointment__patient=OuterRef("pk"))
    )
    missing = unreadable = 0
    for patient in Patient.objects.filter(~Exists(waiting), pk__in=ahead).iterator():
        try:
            wanted = wanted_of(patient=patient, now=now)
            missing += len(wanted) - Notice.objects.filter(notice_key__in=wanted).count()
        except Exception:
            log.exception("a patient's facts make no sense", extra={"patient": patient.pk})
            unreadable += 1
    return missing, unreadable


def _sent_without_reference() -> NoticeQuerySet:
    named = AttemptOutcome.objects.filter(kind=OutcomeKind.ACCEPTED, attempt__message=OuterRef("message"))
    return Notice.objects.filter(~Exists(named), state__in=(NoticeState.SENT, NoticeState.DELIVERED))
