"""One thing to tell one patient at one address, and where it stands: one transition table, one function that moves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from notifications.models.address import Address
from notifications.models.consent import CHANNELS
from notifications.models.inbound import InboundMessage
from notifications.models.message import Message
from notifications.notice_facts import Purpose
from scheduling.models import Appointment, Clinic, Patient

PURPOSES = [
    (Purpose.BOOKING_CONFIRMATION.value, "Booking confirmation"),
    (Purpose.REMINDER.value, "Reminder"),
    (Purpose.CHANGED.value, "Changed"),
    (Purpose.CANCELLED.value, "Cancelled"),
    (Purpose.CHECK_IN.value, "Check-in"),
    (Purpose.INSTRUCTIONS.value, "Instructions"),
    (Purpose.RIDE.value, "Ride home"),
    (Purpose.ORDER_PAUSED.value, "Treatment paused"),
    (Purpose.CLOSURE.value, "Clinic closed"),
    (Purpose.MISSED.value, "Missed visit"),
    (Purpose.REPLY.value, "Answer"),
]


class NoticeState(models.TextChoices):
    """Where a notice stands. UNKNOWN: it may have gone out, and nobody may send it again without asking."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    LAPSED = "lapsed"


# The migration's trigger says the same; a test compares the two.
NEXT: dict[NoticeState, frozenset[NoticeState]] = {
    NoticeState.PLANNED: frozenset({NoticeState.CLAIMED, NoticeState.SUPPRESSED, NoticeState.LAPSED}),
    NoticeState.CLAIMED: frozenset(
        {
            NoticeState.PLANNED,
            NoticeState.SENT,
            NoticeState.FAILED,
            NoticeState.UNKNOWN,
            NoticeState.SUPPRESSED,
            NoticeState.LAPSED,
        }
    ),
    NoticeState.UNKNOWN: frozenset({NoticeState.SENT, NoticeState.PLANNED, NoticeState.FAILED}),
    NoticeState.SENT: frozenset({NoticeState.DELIVERED, NoticeState.FAILED}),
    NoticeState.DELIVERED: frozenset(),
    NoticeState.FAILED: frozenset(),
    NoticeState.SUPPRESSED: frozenset(),
    NoticeState.LAPSED: frozenset(),
}
# The patient may have read it: with an attempt under way (CLAIMED with a message) it counts too.
MAY_HAVE_ARRIVED = (NoticeState.SENT, NoticeState.DELIVERED, NoticeState.UNKNOWN)
# How the key of a notice ends that a person asked for, not a rule: the planner leaves it alone.
AGAIN = "/again"
NEEDS_REASON = (NoticeState.FAILED, NoticeState.UNKNOWN, NoticeState.SUPPRESSED, NoticeState.LAPSED)
HAS_MESSAGE = (NoticeState.SENT, NoticeState.DELIVERED, NoticeState.UNKNOWN)


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Which notices a page or the sweep means."""

    def move(self, to: NoticeState, *, now: datetime, reason: str = "", **changes: Any) -> int:
        """Takes those that may go there to `to`, and gives how many did; the others stay as they are.

        Leaving CLAIMED gives up the lease. Writes nothing else: the message, attempt and outcome rows tell the story.
        """
        if to is not NoticeState.CLAIMED:
            changes |= {"claimed_by": None, "lease_until": None}
        came_from = [state for state, nexts in NEXT.items() if to in nexts]
        return self.filter(state__in=came_from).update(state=to, reason=reason, changed_at=now, **changes)

    def due(self, now: datetime) -> NoticeQuerySet:
        """Planned and due."""
        return self.filter(state=NoticeState.PLANNED, due_at__lte=now)

    def needs_person(self) -> NoticeQuerySet:
        """What the desk has to look at: it did not go, or nobody knows whether it did."""
        return self.filter(
            Q(state__in=(NoticeState.FAILED, NoticeState.UNKNOWN, NoticeState.LAPSED))
            | Q(state=NoticeState.SUPPRESSED, reason="no_wording")
        )


class Notice(models.Model):
    """`notice_key` makes it the only one of its kind. `reason` is a word of `notifications.reasons`.

    `planned_at`: when it got the time at which it is due. `tries` counts those in a row that ended without an answer,
    `refusals` the provider's passing ones; at `asked_at` a worker last set out to ask the provider about it.
    """

    notice_key = models.TextField(unique=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="notices")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=30, choices=PURPOSES)
    step = models.CharField(max_length=10)
    channel = models.CharField(max_length=5, choices=CHANNELS)
    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="notices")
    visits = models.ManyToManyField(Appointment, through="NoticeVisit", related_name="notices")
    due_at = models.DateTimeField()
    useful_until = models.DateTimeField()
    state = models.CharField(max_length=10, choices=NoticeState.choices, default=NoticeState.PLANNED)
    reason = models.CharField(max_length=30, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(db_default=0)
    asked_at = models.DateTimeField(null=True, blank=True)
    # What a person chose to say where no template does: the approved words of an answer.
    words = models.TextField(blank=True, db_default="")
    reply = models.ForeignKey(
        InboundMessage, null=True, blank=True, on_delete=models.PROTECT, related_name="answered_by"
    )
    claimed_by = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.PROTECT, related_name="notices")
    planned_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="planned"), name="notice_due"),
            models.Index(fields=["address"], condition=Q(state="planned"), name="notice_planned_by_address"),
            models.Index(fields=["lease_until"], condition=Q(state="claimed"), name="notice_leased"),
            models.Index(fields=["clinic", "due_at"], name="notice_of_day"),
            models.Index(
                fields=["useful_until"],
                condition=Q(state__in=["failed", "unknown", "lapsed", "suppressed"]),
                name="notice_did_not_go",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(notice_key=""), name="notice_has_key"),
            models.CheckConstraint(
                condition=Q(state="claimed", claimed_by__isnull=False, lease_until__isnull=False)
                | (~Q(state="claimed") & Q(claimed_by__isnull=True, lease_until__isnull=True)),
                name="notice_claimed_has_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[str(state) for state in NEEDS_REASON]) | ~Q(reason=""),
                name="notice_says_why_not",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[str(state) for state in HAS_MESSAGE]) | Q(message__isnull=False),
                name="notice_sent_has_message",
            ),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"


class NoticeVisit(models.Model):
    """A visit that a notice speaks of, as told: version, start, clinic. Kept whatever becomes of the visit."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="told_visits")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="told_by")
    told_version = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "appointment"], name="notice_visit_once")]

    def __str__(self) -> str:
        return f"visit {self.appointment_id} in notice {self.notice_id}"
