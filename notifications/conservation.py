"""Is every message somewhere? Counts that must add up, and faults that must be none. Reads only."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest

from notifications import walks
from notifications.models import Attempt, AttemptOutcome, Notice, NoticeState, OutcomeKind, Walk
from notifications.models.notice import NoticeQuerySet
from notifications.planning import OF_CLINIC, wanted_of
from scheduling.models import Appointment, Clinic, EventToPlan, Patient, Status

log = logging.getLogger(__name__)
# The sweep comes every ten seconds; a minute without it is the alarm.
MOST_WAIT = timedelta(seconds=60)
# What a killed worker left is settled at most this long after its lease ended.
SETTLED_WITHIN = timedelta(seconds=30)
RECENT = timedelta(minutes=15)
DAY = timedelta(hours=24)
LOOK, LOOK_EVERY = "called for", timedelta(seconds=50)
CALLED_FOR, NO_SENSE = "called for and not planned", "patients whose facts make no sense"


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
    # What was planned for a time that was over already has waited only since.
    since = Notice.objects.due(now).annotate(since=Greatest("due_at", "planned_at"))
    due = since.aggregate(first=Min("since"), count=Count("pk"), late=Count("pk", filter=Q(since__lte=now - MOST_WAIT)))
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


def count_states_of_day(*, now: datetime) -> dict[str, int]:
    """What came due in the last 24 hours, by state, by an index; a state that none is in is there, too."""
    clinics = list(Clinic.objects.values_list("pk", flat=True))
    of_day = Notice.objects.filter(clinic__in=clinics, due_at__gt=now - DAY, due_at__lte=now)
    found = dict(of_day.values_list("state").annotate(Count("pk")))
    return {str(state): found.get(state, 0) for state in NoticeState}


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
        CALLED_FOR: missing,
        NO_SENSE: unreadable,
    }
    return count_all(now=now).faults() | {name: count for name, count in said.items() if count}


@dataclass(frozen=True, slots=True)
class Missing:
    """What the last look at everyone found: notices that are called for and have no row, patients whose facts can't be
    read, and how old the look is, 0 where it is under way for the first time."""

    notices: int
    patients: int
    seconds: int

    def faults(self) -> dict[str, int]:
        said = {CALLED_FOR: self.notices, NO_SENSE: self.patients}
        return {name: count for name, count in said.items() if count}


def go_on_looking(*, now: datetime, time_is_up: Callable[[], bool]) -> None:
    """Goes on looking at everyone for what is called for and not planned: all of a clinic in one go, a large chain in
    several; once all were looked at, it begins anew."""
    walks.begin(name=LOOK, now=now, every=LOOK_EVERY)
    walks.go_on(
        name=LOOK, patients=_with_visits_ahead(now), do=partial(_missing_of, now=now), now=now, time_is_up=time_is_up
    )


def last_look(*, now: datetime) -> Missing:
    """What `go_on_looking` has found: of the last whole look, or so far where that is more."""
    row = Walk.objects.filter(pk=LOOK).first()
    if row is None:
        return Missing(0, 0, 0)
    notices = row.found if row.ended_at else max(row.found, row.found_before)
    return Missing(notices, len(row.left), int((now - row.began_at).total_seconds()))


def count_missing(*, now: datetime) -> tuple[int, int]:
    """How many notices the facts call for that have no row, and how many patients' facts can't be read.

    Who waits to be planned is left out.
    """
    missing = unreadable = 0
    for patient in _with_visits_ahead(now).iterator():
        try:
            missing += _missing_of(patient, now=now)
        except Exception:
            log.exception("a patient's facts make no sense", extra={"patient": patient.pk})
            unreadable += 1
    return missing, unreadable


def _with_visits_ahead(now: datetime) -> QuerySet[Patient]:
    ahead = Appointment.objects.filter(status=Status.BOOKED, period__startswith__gt=now)
    return Patient.objects.filter(pk__in=ahead.values("patient"))


def _missing_of(patient: Patient, *, now: datetime) -> int:
    wanted = wanted_of(patient=patient, now=now)
    missing = len(wanted) - Notice.objects.filter(notice_key__in=wanted).count()
    return missing if missing > 0 and not _waits_to_be_planned(patient) else 0


def _waits_to_be_planned(patient: Patient) -> bool:
    theirs = Q(event__patient=patient) | Q(event__appointment__patient=patient) | Q(event__order__patient=patient)
    clinics = Appointment.objects.filter(patient=patient, status=Status.BOOKED).values("clinic")
    return EventToPlan.objects.filter(theirs | OF_CLINIC & Q(event__clinic__in=clinics)).exists()


def _sent_without_reference() -> NoticeQuerySet:
    named = AttemptOutcome.objects.filter(kind=OutcomeKind.ACCEPTED, attempt__message=OuterRef("message"))
    return Notice.objects.filter(~Exists(named), state__in=(NoticeState.SENT, NoticeState.DELIVERED))
