"""A booked time of one patient, its phases and its claims on places; the status list and its groups stand here once."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Deferrable, ExpressionWrapper, Func, Q
from django.utils.translation import gettext_lazy as _

from scheduling.models.clinic import Clinic
from scheduling.models.dose import DoseGap, DoseTerms, PlannedDose
from scheduling.models.order import Order
from scheduling.models.organisation import Organisation
from scheduling.models.patient import Patient
from scheduling.models.protocol import VisitKind, VisitMode, VisitType
from scheduling.models.resource import ClaimRole, Resource
from scheduling.models.user import User


class Status(models.TextChoices):
    """Where a visit stands. Confirmation and "waits for review" are fields, not statuses."""

    HELD = "held", _("Kept")
    BOOKED = "booked", _("Booked")
    ARRIVED = "arrived", _("Arrived")
    SEATED = "seated", _("Seated")
    INFUSING = "infusing", _("Infusing")
    RECOVERING = "recovering", _("Recovering")
    COMPLETED = "completed", _("Completed")
    RELEASED = "released", _("Released")
    CANCELLED = "cancelled", _("Cancelled")
    NO_SHOW = "no_show", _("Did not come")
    TURNED_AWAY = "turned_away", _("Not treated today")
    STOPPED_EARLY = "stopped_early", _("Stopped Early")
    TRANSFERRED = "transferred", _("Transferred")
    LEFT_UNCLEARED = "left_uncleared", _("Left without clearance")
    ENTERED_IN_ERROR = "entered_in_error", _("Entered In Error")


PATIENT_IS_THERE = (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING)
HOLDS_PLACE = (Status.HELD, Status.BOOKED, *PATIENT_IS_THERE)
BROKEN_OFF = (Status.STOPPED_EARLY, Status.TRANSFERRED, Status.LEFT_UNCLEARED)
AFTER_GIVEN = (Status.COMPLETED, *BROKEN_OFF)
# The patient was expected and the infusion was not given.
MISSED = (Status.NO_SHOW, Status.TURNED_AWAY)
# No longer a visit at all, whoever said so.
GONE = (Status.CANCELLED, Status.RELEASED, Status.ENTERED_IN_ERROR)
MUST_BE_GIVEN = (Status.INFUSING, Status.RECOVERING, Status.COMPLETED, Status.STOPPED_EARLY)
NOT_GIVEN = (
    Status.HELD, Status.BOOKED, Status.ARRIVED, Status.SEATED, Status.RELEASED, Status.CANCELLED, Status.NO_SHOW,
    Status.TURNED_AWAY,
)  # fmt: skip


class CancelledBy(models.TextChoices):
    """On whose side a visit was cancelled."""

    PATIENT = "patient", _("Patient")
    CLINIC = "clinic", _("Clinic")
    CLINICIAN = "clinician", _("Clinician")


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Which visits a page means."""

    def given(self) -> AppointmentQuerySet:
        """Infusions that were given, here or elsewhere, those included that are given again."""
        return self.filter(given_at__isnull=False).exclude(status=Status.ENTERED_IN_ERROR)

    def spaced(self) -> AppointmentQuerySet:
        """Infusions that keep others at their signed distance, as the database's column `spaced` has it: they hold a
        place, or were given and are over."""
        return self.filter(Q(live=True) | Q(given_at__isnull=False, status__in=AFTER_GIVEN), dose__isnull=False)

    def counting_for_order(self, orders: models.QuerySet[Order]) -> AppointmentQuerySet:
        """Infusions of these orders that are booked or were given: each settles its planned dose. One that is only
        kept settles nothing yet, and one that is given again settles nothing any more."""
        return self.had_of_order(orders).filter(is_repeated=False)

    def had_of_order(self, orders: models.QuerySet[Order]) -> AppointmentQuerySet:
        """The same with infusions that were broken off and are given again."""
        return self._booked_or_given().filter(order__in=orders)

    def settling(self) -> AppointmentQuerySet:
        """Infusions that settle their planned dose, of any order: as `counting_for_order`."""
        return self._booked_or_given().filter(is_repeated=False)

    def _booked_or_given(self) -> AppointmentQuerySet:
        live = Q(live=True) & ~Q(status=Status.HELD)
        settled = live | (Q(given_at__isnull=False) & ~Q(status=Status.ENTERED_IN_ERROR))
        return self.filter(settled, dose__isnull=False)

    def unruled(self) -> AppointmentQuerySet:
        """Infusions that were broken off and wait for a prescriber's ruling."""
        return self.filter(needs_ruling=True, rulings=None)

    def at_clinic(self, clinic: Clinic) -> AppointmentQuerySet:
        """Visits at one clinic; an infusion that was given elsewhere is none."""
        return self.filter(clinic=clinic, given_where="")


class Appointment(models.Model):
    """A visit. `period` is the patient's presence; turnover stands only in the chair's claim.

    A review that stands between two infusions names the first of them by `review_after`. A visit of kind "kept" only
    keeps a time (a second option, or one that was asked for) for infusion `kept_for_number` or for such a review; two
    options of one patient may overlap, for only one of them will be. `is_placed` is false while
    it waits for a chair. `moved_from` and `moved_at` say which chair it was moved from to make room, for the board.
    `expected_at` is when a patient who said they come late means to be there; the visit stays where it is.
    `row_version` rises with every write (stale pages); `told_version` only with what a patient would notice.
    `given_where` names the other place of an infusion that was given elsewhere: it takes no chair here. Of one that was
    broken off, `needs_ruling` says that a prescriber has yet to rule on it before the next may start, and `is_repeated`
    that it does not count and is given again. `live` is generated from the status; the database also generates `spaced`
    and `guard` (`[start, earliest next start)`), see `docs/flows.md`.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="appointments")
    time_zone = models.CharField(max_length=64)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="appointments")
    visit_type = models.ForeignKey(VisitType, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=VisitKind.choices)
    mode = models.CharField(max_length=10, choices=VisitMode.choices, default=VisitMode.IN_PERSON)

    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments")
    dose = models.ForeignKey(PlannedDose, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments")
    dose_number = models.PositiveSmallIntegerField(null=True, blank=True)
    terms = models.ForeignKey(DoseTerms, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments")
    therapy = models.SlugField(max_length=60, null=True, blank=True)
    gap = models.ForeignKey(DoseGap, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments")
    gap_days = models.PositiveSmallIntegerField(null=True, blank=True)
    gap_minutes = models.PositiveIntegerField(null=True, blank=True)

    period = DateTimeRangeField()
    status = models.CharField(max_length=20, choices=Status.choices)
    live = models.GeneratedField(
        expression=ExpressionWrapper(Q(status__in=[str(s) for s in HOLDS_PLACE]), output_field=models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    is_placed = models.BooleanField(default=True)
    is_tentative = models.BooleanField(default=False)
    is_pinned = models.BooleanField(default=False)
    review_after = models.PositiveSmallIntegerField(null=True, blank=True)
    asked_for = models.ForeignKey(
        "AskedFor", null=True, blank=True, on_delete=models.PROTECT, related_name="kept_times"
    )
    kept_for_number = models.PositiveSmallIntegerField(null=True, blank=True)
    moved_from = models.ForeignKey(Resource, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField(null=True, blank=True)

    held_until = models.DateTimeField(null=True, blank=True)
    held_with = models.CharField(max_length=120, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=20, blank=True)
    expected_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    seated_at = models.DateTimeField(null=True, blank=True)
    given_at = models.DateTimeField(null=True, blank=True)
    given_where = models.CharField(max_length=120, blank=True, db_default="", default="")
    needs_ruling = models.BooleanField(default=False, db_default=False)
    is_repeated = models.BooleanField(default=False, db_default=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=12, choices=CancelledBy.choices, blank=True)
    cancel_reason = models.CharField(max_length=40, blank=True)
    notice_minutes = models.IntegerField(null=True, blank=True)

    row_version = models.PositiveIntegerField(default=1)
    told_version = models.PositiveIntegerField(default=1)
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["patient", "dose_number"], name="appointment_by_patient"),
            # The board asks for a clinic's day.
            GistIndex(fields=["clinic", "period"], name="appointment_by_day"),
            models.Index(fields=["held_until"], condition=Q(status="held"), name="appointment_held_until"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["id", "live"], name="appointment_id_live"),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
                name="appointment_period_bounded",
            ),
            ExclusionConstraint(
                name="patient_in_one_place",
                expressions=[("patient", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=Q(live=True) & ~Q(kind=VisitKind.KEPT),
                deferrable=Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=VisitKind.INFUSION,
                    order__isnull=False,
                    dose__isnull=False,
                    dose_number__isnull=False,
                    terms__isnull=False,
                    therapy__isnull=False,
                    gap__isnull=False,
                    gap_days__isnull=False,
                    gap_minutes__isnull=False,
                )
                | (
                    ~Q(kind=VisitKind.INFUSION)
                    & Q(
                        dose__isnull=True,
                        dose_number__isnull=True,
                        terms__isnull=True,
                        therapy__isnull=True,
                        gap__isnull=True,
                        gap_days__isnull=True,
                        gap_minutes__isnull=True,
                    )
                ),
                name="appointment_infusion_has_dose",
            ),
            models.CheckConstraint(
                condition=Q(review_after__isnull=True)
                | Q(kind__in=[VisitKind.REVIEW, VisitKind.KEPT], order__isnull=False),
                name="appointment_review_of_order",
            ),
            models.CheckConstraint(
                condition=Q(kind=VisitKind.KEPT, status__in=[Status.HELD, Status.RELEASED])
                | (~Q(kind=VisitKind.KEPT) & Q(asked_for__isnull=True, kept_for_number__isnull=True)),
                name="appointment_kept_time_is_held",
            ),
            models.CheckConstraint(
                condition=Q(moved_from__isnull=True, moved_at__isnull=True)
                | Q(moved_from__isnull=False, moved_at__isnull=False),
                name="appointment_moved_pair",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.HELD, held_until__isnull=False)
                | (~Q(status=Status.HELD) & Q(held_until__isnull=True)),
                name="appointment_held_until_pair",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=Status.CANCELLED,
                    cancelled_at__isnull=False,
                    notice_minutes__isnull=False,
                    cancelled_by__in=CancelledBy.values,
                )
                | (
                    ~Q(status=Status.CANCELLED)
                    & Q(cancelled_at__isnull=True, cancelled_by="", cancel_reason="", notice_minutes__isnull=True)
                ),
                name="appointment_cancelled_pair",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by="")
                | (Q(confirmed_at__isnull=False) & ~Q(confirmed_by="")),
                name="appointment_confirmed_pair",
            ),
            models.CheckConstraint(
                condition=Q(expected_at__isnull=True) | Q(expected_at__gt=Func("period", function="lower")),
                name="appointment_expected_later",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[str(s) for s in PATIENT_IS_THERE]) | Q(arrived_at__isnull=False),
                name="appointment_there_has_arrived",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[str(s) for s in MUST_BE_GIVEN])
                | ~Q(kind=VisitKind.INFUSION)
                | Q(given_at__isnull=False),
                name="appointment_status_says_given",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[str(s) for s in NOT_GIVEN]) | Q(given_at__isnull=True),
                name="appointment_status_says_not_given",
            ),
        ]

    def __str__(self) -> str:
        return f"appointment {self.pk}"


class AppointmentPhase(models.Model):
    """A part of a visit: what it needs and its planned time; its actual time once it happened."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="phases")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    period = DateTimeRangeField()
    needs_chair = models.BooleanField(default=False)
    nurse = models.CharField(max_length=10, default="none")
    prescriber = models.CharField(max_length=12, default="none")
    place = models.CharField(max_length=5, default="chair", db_default="chair")
    features = ArrayField(models.CharField(max_length=40), default=list, db_default=[], blank=True)
    equipment = ArrayField(models.CharField(max_length=40), default=list, db_default=[], blank=True)
    actual_start_at = models.DateTimeField(null=True, blank=True)
    actual_end_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appointment", "position"], name="phase_once"),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
                name="phase_period_bounded",
            ),
            models.CheckConstraint(condition=Q(nurse__in=("none", "watch", "attention")), name="phase_nurse_known"),
            models.CheckConstraint(
                condition=Q(prescriber__in=("none", "present", "with-patient")), name="phase_prescriber_known"
            ),
            models.CheckConstraint(condition=Q(place__in=("chair", "bay")), name="phase_place_known"),
            models.CheckConstraint(
                condition=Q(actual_end_at__isnull=True) | Q(actual_start_at__isnull=False), name="phase_actual_pair"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of appointment {self.appointment_id}"


class Claim(models.Model):
    """An appointment's use of a numbered place for a period, merged per resource and role.

    `live` follows the appointment's by a cascading composite key, so a cancel frees at once and a lie is refused.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="claims")
    live = models.BooleanField(default=True)
    # Its index is `claims_of_days`.
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="claims", db_index=False)
    role = models.CharField(max_length=12, choices=ClaimRole.choices)
    place = models.PositiveSmallIntegerField()
    period = DateTimeRangeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
                name="claim_period_bounded",
            ),
            ExclusionConstraint(
                name="place_used_once",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("place", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(live=True),
                deferrable=Deferrable.IMMEDIATE,
            ),
        ]
        indexes = [
            # All that a search reads of claims, by resource and day, without a look at the rows themselves: years of
            # past visits cost it nothing.
            models.Index(
                "resource",
                Func("period", function="lower"),
                include=["period", "role", "appointment", "live"],
                name="claims_of_days",
            ),
        ]

    def __str__(self) -> str:
        return f"claim {self.pk}"
