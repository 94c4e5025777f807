"""Staff: one person, one account, several roles a clinic."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scheduling.models.clinic import Clinic


class Role(models.TextChoices):
    """What a person may be at a clinic; `permissions` says what each role may do."""

    FRONT_DESK = "front_desk", _("Front desk")
    NURSE = "nurse", _("Nurse")
    PRESCRIBER = "prescriber", _("Prescriber")
    MANAGER = "manager", _("Manager")
    AUDITOR = "auditor", _("Privacy officer")


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="UserHistory",
    obj_field=pghistory.ObjForeignKey(related_name="row_history"),
    exclude=["password", "last_login"],
)
class User(AbstractUser):
    """A member of staff. Patients have no account."""

    display_name = models.CharField(max_length=150, blank=True)
    clinics = models.ManyToManyField(Clinic, through="Membership", related_name="staff")

    @property
    def shown_name(self) -> str:
        """The name colleagues know: display name, else the full name, else the user name."""
        return self.display_name or self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        """The first letters of the first and the last word of the name, for where there is little room."""
        words = self.shown_name.split() or ["?"]
        return "".join(word[0] for word in (words if len(words) == 1 else (words[0], words[-1]))).upper()


class Membership(models.Model):
    """One role of one person at one clinic."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "clinic", "role"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} at {self.clinic_id}"


class WrongPassword(models.Model):
    """That somebody who was signed in gave a wrong password where one is asked once more; never what it was."""

    append_only: ClassVar[bool] = True

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-at"], name="wrong_password_latest")]

    def __str__(self) -> str:
        return f"a wrong password of user {self.user_id}"


class StaffInvite(models.Model):
    """A way in for a person of the staff who has no password (or lost it): a link that works once, until it ends.

    Only its SHA-256 is kept, so nobody who reads this table can use it.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invites")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    useful_until = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(useful_until__gt=F("made_at")), name="invite_lasts_a_while"),
        ]

    def __str__(self) -> str:
        return f"invite of user {self.user_id}"
