"""A clinician's order and what was signed: versions, reviews between infusions, decisions and exceptions."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from scheduling.models.clinic import Clinic
from scheduling.models.organisation import Organisation
from scheduling.models.patient import Patient
from scheduling.models.protocol import ProtocolVersion
from scheduling.models.user import User


class CurrentTransaction(Func):
    """The database's number of the running transaction (xid8), by which a trigger knows "in this transaction"."""

    function = "pg_current_xact_id"
    arity = 0
    output_field = models.TextField()


CURRENT_TRANSACTION = Cast(Cast(CurrentTransaction(), models.TextField()), models.BigIntegerField())


class OrderState(models.TextChoices):
    """What an order is. Only `active` is booked and started from."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    COMPLETED = "completed", _("Completed")
    STOPPED = "stopped", _("Stopped")
    EXPIRED = "expired", _("Expired")


UNDER_WAY = (OrderState.ACTIVE, OrderState.PAUSED)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="OrderHistory",
    obj_field=pghistory.ObjForeignKey(related_name="row_history"),
)
class Order(models.Model):
    """What lives: patient, therapy, state. What was signed stands in its versions.

    `draft` is what the next version would say: of an order under way it is an amendment that waits for its signature,
    empty when there is none. A draft that was discarded, at `discarded_at`, is never signed. `follows` is the series
    after which single infusions are ordered. `keep_places_until`: when the desk is asked whether a paused order's
    visits keep their places.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="orders")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="orders")
    therapy = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=OrderState.choices, default=OrderState.DRAFT)
    protocol_version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="orders")
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by")
    draft = models.JSONField(default=dict, blank=True)
    current_version = models.ForeignKey(
        "OrderVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sites = models.ManyToManyField(Clinic, related_name="orders")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    discarded_at = models.DateTimeField(null=True, blank=True)
    keep_places_until = models.DateTimeField(null=True, blank=True)
    row_version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["organisation", "state"], name="order_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["id", "patient", "therapy"], name="order_id_patient_therapy"),
            models.CheckConstraint(
                condition=Q(state=OrderState.DRAFT, current_version__isnull=True)
                | (~Q(state=OrderState.DRAFT) & Q(current_version__isnull=False)),
                name="order_signed_has_version",
            ),
            models.CheckConstraint(
                condition=Q(state=OrderState.PAUSED) | Q(keep_places_until__isnull=True),
                name="order_paused_keeps_places",
            ),
            models.CheckConstraint(
                condition=Q(state=OrderState.DRAFT) | Q(discarded_at__isnull=True), name="order_discarded_is_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.pk}"


class OrderVersion(models.Model):
    """What a clinician signed, immutable: the signature is this row (name, time, content hash).

    `content` is the whole signed text as data; no infusion may start before or after the clinic-local days `not_before`
    and `not_after`. `signed_name` is the name as it was then, `reauthenticated_at` when the signer last proved to be
    who they are. `signing_transaction` lets the database accept doses and terms only from
    the transaction that signed.
    """

    append_only: ClassVar[bool] = True

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    doses = models.PositiveSmallIntegerField()
    within_days = models.PositiveSmallIntegerField(null=True, blank=True)
    per_week = models.PositiveSmallIntegerField(null=True, blank=True)
    not_before = models.DateField(null=True, blank=True)
    not_after = models.DateField(null=True, blank=True)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="signed_versions")
    signed_name = models.CharField(max_length=150, blank=True, default="", db_default="")
    signed_at = models.DateTimeField()
    reauthenticated_at = models.DateTimeField(null=True, blank=True)
    signing_transaction = models.BigIntegerField(db_default=CURRENT_TRANSACTION, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="order_version_once"),
            models.UniqueConstraint(fields=["id", "order"], name="order_version_id_order"),
            models.CheckConstraint(condition=Q(doses__gte=1), name="order_version_has_doses"),
            models.CheckConstraint(
                condition=Q(not_before__isnull=True)
                | Q(not_after__isnull=True)
                | Q(not_after__gte=models.F("not_before")),
                name="order_version_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} version {self.number}"


class GateMethod(models.TextChoices):
    """How a review is held."""

    AT_CHAIR = "at_chair", _("At the chair")
    VIDEO = "video", _("Video")
    IN_PERSON = "in_person", _("In person")


class AtLimit(models.TextChoices):
    """What becomes of the visits that wait when nobody decided in time. The desk is told either way."""

    KEEP = "keep", _("Their times are kept")
    FREE = "free", _("Their times are freed")


class Gate(models.Model):
    """A review due once infusion `after_number` is given or settled (0: before the first); signed, immutable.

    `decide_within_days`: clinic-local days after that infusion was given; then `at_limit`.
    """

    append_only: ClassVar[bool] = True

    version = models.ForeignKey(OrderVersion, on_delete=models.PROTECT, related_name="gates")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    after_number = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=10, choices=GateMethod.choices, default=GateMethod.AT_CHAIR)
    minutes = models.PositiveSmallIntegerField(default=0)
    decide_within_days = models.PositiveSmallIntegerField(null=True, blank=True)
    at_limit = models.CharField(max_length=4, choices=AtLimit.choices, default=AtLimit.KEEP, db_default="keep")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "after_number"], name="gate_once")]

    def __str__(self) -> str:
        return f"review after {self.after_number} of order {self.order_id}"


class Decision(models.TextChoices):
    """What a prescriber decided at a review."""

    CONTINUE = "continue", _("Continue")
    CONTINUE_CHANGED = "continue_changed", _("Continue with changed order")
    PAUSE = "pause", _("Pause")
    STOP = "stop", _("Stop")
    COMPLETE = "complete", _("Complete")


class GateDecision(models.Model):
    """One decision on a review; the latest counts. By word of mouth: which nurse wrote it down, read back, when.

    `under_version` is what was signed when it was decided, put there by the database: "continue with changed order"
    lets the series go on once another version is signed.
    """

    append_only: ClassVar[bool] = True

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="decisions")
    after_number = models.PositiveSmallIntegerField()
    decision = models.CharField(max_length=20, choices=Decision.choices)
    under_version = models.ForeignKey(
        OrderVersion, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    note = models.TextField(blank=True)
    heard_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    was_read_back = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["order", "after_number", "-id"], name="decision_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(heard_by__isnull=True, was_read_back=False) | Q(heard_by__isnull=False, was_read_back=True),
                name="decision_heard_is_read_back",
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk}"


class ChangeKind(models.TextChoices):
    """How an order changed its state. `EXPIRE` alone is the calendar's; the others are a prescriber's word."""

    PAUSE = "pause", _("Paused")
    RESUME = "resume", _("Resumed")
    STOP = "stop", _("Stopped")
    COMPLETE = "complete", _("Completed")
    EXPIRE = "expire", _("Expired")


class OrderChange(models.Model):
    """One change of an order's state, by whose word and why. The reason is for clinical staff alone.

    `decision` is the review it was decided at. By word of mouth: which nurse wrote it down, and that it was read back.
    """

    append_only: ClassVar[bool] = True

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=8, choices=ChangeKind.choices)
    from_state = models.CharField(max_length=10, choices=OrderState.choices)
    to_state = models.CharField(max_length=10, choices=OrderState.choices)
    decision = models.OneToOneField(
        GateDecision, null=True, blank=True, on_delete=models.PROTECT, related_name="order_change"
    )
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    heard_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    was_read_back = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    written_in = models.BigIntegerField(db_default=CURRENT_TRANSACTION, editable=False)

    class Meta:
        indexes = [models.Index(fields=["order", "-id"], name="order_change_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=ChangeKind.EXPIRE, decided_by__isnull=True) | Q(decided_by__isnull=False),
                name="order_change_is_decided",
            ),
            models.CheckConstraint(
                condition=Q(heard_by__isnull=True, was_read_back=False) | Q(heard_by__isnull=False, was_read_back=True),
                name="order_change_heard_is_read_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of order {self.order_id}"


class CounterSignature(models.Model):
    """The prescriber's own signature under one thing that was said by word of mouth: at a review, of an order, on an
    infusion that was broken off, about missed visits, or what let a visit go on."""

    append_only: ClassVar[bool] = True

    decision = models.OneToOneField(
        GateDecision, null=True, blank=True, on_delete=models.PROTECT, related_name="counter_signature"
    )
    change = models.OneToOneField(
        OrderChange, null=True, blank=True, on_delete=models.PROTECT, related_name="counter_signature"
    )
    ruling = models.OneToOneField(
        "ExitRuling", null=True, blank=True, on_delete=models.PROTECT, related_name="counter_signature"
    )
    visit_check = models.OneToOneField(
        "VisitCheck", null=True, blank=True, on_delete=models.PROTECT, related_name="counter_signature"
    )
    task = models.OneToOneField(
        "ClinicianTask", null=True, blank=True, on_delete=models.PROTECT, related_name="counter_signature"
    )
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__isnull=False, change=None, ruling=None, visit_check=None, task=None)
                | Q(change__isnull=False, decision=None, ruling=None, visit_check=None, task=None)
                | Q(ruling__isnull=False, decision=None, change=None, visit_check=None, task=None)
                | Q(visit_check__isnull=False, decision=None, change=None, ruling=None, task=None)
                | Q(task__isnull=False, decision=None, change=None, ruling=None, visit_check=None),
                name="counter_signature_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"counter-signature {self.pk}"


class PrescriberCover(models.Model):
    """Who decides for a prescriber that is away, by clinic-local days, both counted. Ended early by `ended_at`."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="covers")
    prescriber = models.ForeignKey(User, on_delete=models.PROTECT, related_name="covered_by")
    cover = models.ForeignKey(User, on_delete=models.PROTECT, related_name="covers_for")
    first_day = models.DateField()
    last_day = models.DateField()
    arranged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    arranged_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=models.F("first_day")), name="cover_days_in_order"),
            models.CheckConstraint(condition=~Q(cover=models.F("prescriber")), name="cover_is_someone_else"),
        ]

    def __str__(self) -> str:
        return f"cover {self.pk}"
