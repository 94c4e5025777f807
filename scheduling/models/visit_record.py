"""What people said and signed about a visit: checks before a start, rulings on what was broken off, forms to fill."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheduling.models.appointment import Appointment
from scheduling.models.order import CURRENT_TRANSACTION, Order
from scheduling.models.user import User


class Deviation(models.Model):
    """A prescriber's signed word that an infusion was in truth started against a review or an order, and why.

    It lets the start pass that is recorded with it, and no other: one that was taken back is signed anew.
    """

    append_only: ClassVar[bool] = True

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="deviations")
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    reason = models.TextField()
    written_in = models.BigIntegerField(db_default=CURRENT_TRANSACTION, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="deviation_has_reason")]

    def __str__(self) -> str:
        return f"deviation {self.pk}"


class CheckKind(models.TextChoices):
    """What is looked at before a patient goes on or leaves, and why one left otherwise than planned."""

    IDENTITY = "identity", _("Who it is")
    FASTING = "fasting", _("Fasting")
    RIDE = "ride", _("Ride home")
    OBSERVED = "observed", _("Observed long enough")
    CLEARANCE = "clearance", _("Cleared to leave")
    EXIT = "exit", _("Why it ended so")


class VisitCheck(models.Model):
    """What a person looked at, found and wrote down at a visit; a later row of the same kind says it anew.

    `detail` is a code: of identity the second thing asked for besides the name, of an exit why. A check that is not
    `is_met` stands in the way unless a prescriber lets it pass (`passed_by`, with the reason); of a clearance by word
    of mouth `passed_by` says whose word it was. What `said_by` heard, at `heard_at`, was read back, and its prescriber
    counter-signs it. Details and reasons of exits are for clinical staff alone.
    """

    append_only: ClassVar[bool] = True

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="checks")
    kind = models.CharField(max_length=10, choices=CheckKind.choices)
    step = models.CharField(max_length=20)
    is_met = models.BooleanField()
    detail = models.CharField(max_length=20, blank=True)
    passed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True, blank=True)
    was_read_back = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [models.Index(fields=["appointment", "kind", "-id"], name="visit_check_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(passed_by__isnull=True, reason="")
                | (Q(passed_by__isnull=False) & ~Q(reason=""))
                | Q(kind=CheckKind.CLEARANCE)
                | Q(kind=CheckKind.EXIT, passed_by__isnull=True),
                name="visit_check_passed_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(heard_at__isnull=True, passed_by__isnull=True, was_read_back=False)
                | Q(heard_at__isnull=True, passed_by=models.F("said_by"), was_read_back=False)
                | Q(heard_at__isnull=False, passed_by__isnull=False, was_read_back=True),
                name="visit_check_heard_is_read_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of appointment {self.appointment_id}"


class ExitRuling(models.Model):
    """A prescriber's word on an infusion that was broken off: it counts, or it is repeated. For clinicians alone.

    The latest of a visit counts; the earlier ones stay readable. By word of mouth: which nurse wrote it down and read
    it back.
    """

    append_only: ClassVar[bool] = True

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="rulings")
    counts = models.BooleanField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    note = models.TextField(blank=True)
    heard_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    was_read_back = models.BooleanField(default=False, db_default=False)
    recorded_at = models.DateTimeField()
    written_in = models.BigIntegerField(db_default=CURRENT_TRANSACTION, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(heard_by__isnull=True, was_read_back=False) | Q(heard_by__isnull=False, was_read_back=True),
                name="exit_ruling_heard_is_read_back",
            ),
        ]

    def __str__(self) -> str:
        return f"ruling on appointment {self.appointment_id}"


class PrerequisiteAnswer(models.TextChoices):
    """What was said of something a visit needs beforehand."""

    MET = "met", _("There")
    WAIVED = "waived", _("Not needed")
    WITHDRAWN = "withdrawn", _("No longer there")


class PrerequisiteRecord(models.Model):
    """That something an order needs is there, and for how long: labs, an authorisation, an enrolment, a form.

    `code` is that of the order's prerequisite. Good from `valid_from` to `valid_to`, both counted, for so many `visits`
    where they are limited; `appointment` where it is about one visit alone. A later row of the same code says it anew.
    """

    append_only: ClassVar[bool] = True

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="prerequisite_records")
    appointment = models.ForeignKey(Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    code = models.SlugField(max_length=60)
    answer = models.CharField(max_length=10, choices=PrerequisiteAnswer.choices)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    visits = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["order", "code", "-id"], name="prerequisite_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="prerequisite_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} of order {self.order_id}"


class VisitTask(models.Model):
    """Something to be done after a visit was given, by a day: a form of a drug's programme, for example."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="tasks")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    code = models.SlugField(max_length=60)
    due_on = models.DateField()
    done_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appointment", "code"], name="visit_task_once"),
            models.CheckConstraint(
                condition=Q(done_by__isnull=True, done_at__isnull=True)
                | Q(done_by__isnull=False, done_at__isnull=False),
                name="visit_task_done_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} of appointment {self.appointment_id}"
