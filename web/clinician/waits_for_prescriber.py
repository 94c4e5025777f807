"""What waits for a prescriber besides reviews and drafts: who is here now, words to sign, questions, tasks."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.asking import open_questions
from scheduling.clinic_time import ClinicTime
from scheduling.covers import covers_for
from scheduling.models import Clinic, ClinicianTask, Role
from scheduling.owed_today import Owed, owed_now
from scheduling.said_by_word import counter_signatures_due
from web.clinician.said_cards import said_cards
from web.current_clinic import ClinicRequest
from web.spoken import visit_name

OWED: Mapping[Owed, str | Promise] = {
    Owed.REVIEW: _("waits for review"),
    Owed.RULING: _("an infusion was broken off: does it count?"),
    Owed.CHECK: _("something is not met before the start"),
    Owed.PRESENCE: _("the start needs you there"),
    Owed.CLEARANCE: _("waits for your clearance"),
}


def what_waits(request: ClinicRequest) -> dict[str, object]:
    """What only a prescriber settles."""
    clinic, now = request.clinic, timezone.now()
    today = ClinicTime(clinic.time_zone).local_day(now)
    covered = covers_for(request.user, today)
    to_sign = counter_signatures_due(user=request.user, covered=covered, clinic=clinic, today=today)
    return {
        "owed": [
            (one, visit_name(one.visit), [OWED[owed] for owed in one.owed], one.earliest and one.earliest > now)
            for one in owed_now(clinic=clinic)
        ],
        "said": said_cards(to_sign, request.user, now=now),
        "questions": open_questions(clinic=clinic, role=Role.PRESCRIBER),
        "covers_for": covered,
    }


def open_tasks(clinic: Clinic) -> list[ClinicianTask]:
    """What waits for a clinician here: urgent first, then the longest open."""
    tasks = ClinicianTask.objects.filter(clinic=clinic, closed_at__isnull=True)
    tasks = tasks.select_related("patient", "acknowledged_by")
    return list(tasks.order_by("-is_urgent", "opened_at", "pk"))
