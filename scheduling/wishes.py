"""A patient's own wish for another infusion: it is passed on to a clinician, and nothing is ever booked by it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from scheduling import permissions
from scheduling.clinician_tasks import open_task
from scheduling.events import Actor, record
from scheduling.locking import lock_patients, writing
from scheduling.models import Clinic, ClinicianTask, Order, OrderState, Patient, TaskKind

LONGEST: Final = 1000
# Under way or finished. What a prescriber stopped, a person talks about with the patient.
MAY_WISH: Final = (OrderState.ACTIVE, OrderState.PAUSED, OrderState.COMPLETED, OrderState.EXPIRED)


class NothingToWishFor(Exception):
    """The patient has no series that is under way or finished, or their record is closed."""


def pass_on_wish(
    *, patient: Patient, clinic: Clinic, order: Order | None = None, words: str = "", by: Actor, now: datetime
) -> bool:
    """Passes on that the patient wishes another infusion, in their own words if they gave any; False where a wish of
    theirs waits already. `order` is the series it is about, by default their newest.

    Refuses with NothingToWishFor. Records `task.opened`; the words stay with clinical staff.
    """
    permissions.check(by, "task.open", organisation_id=patient.organisation_id, clinic_id=clinic.pk)
    with writing():
        # Two pressed at once: the second waits here, and finds the first one's task.
        lock_patients(patient.pk)
        about = order if order and order.state in MAY_WISH else orders_to_wish_after(patient).first()
        if about is None or about.patient_id != patient.pk or patient.is_gone:
            raise NothingToWishFor
        if open_wishes([patient.pk]).exists():
            return False
        earlier = ClinicianTask.objects.filter(kind=TaskKind.WISH, patient=patient).count()
        entries = open_task(
            TaskKind.WISH,
            f"{TaskKind.WISH}/p{patient.pk}/{earlier + 1}",
            clinic=clinic,
            patient=patient,
            order=about,
            words=words.strip()[:LONGEST],
            by=by,
            now=now,
        )
        record(organisation_id=patient.organisation_id, entries=entries, by=by, now=now)
    return True


def open_wishes(patient_ids: Iterable[int]) -> QuerySet[ClinicianTask]:
    """The wishes of these patients that no clinician has answered yet."""
    return ClinicianTask.objects.filter(kind=TaskKind.WISH, patient__in=list(patient_ids), closed_at=None)


def orders_to_wish_after(patient: Patient) -> QuerySet[Order]:
    """The patient's series that are under way or finished, the newest first."""
    return Order.objects.filter(patient=patient, state__in=MAY_WISH).order_by("-pk")
