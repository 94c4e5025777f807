"""Why no message goes to a patient, what to do about it, and the call that takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications import reasons
from notifications.ledger import sentence
from notifications.models import CallKind, CallTask
from notifications.reaching import why_nothing_goes
from scheduling.models import Clinic, Patient

WHAT_TO_DO: Mapping[str, str | Promise] = {
    reasons.NO_ADDRESS: _("Ask for a number or an e-mail address and whether messages may go there."),
    reasons.NO_CONSENT: _("Ask whether messages may go there, and write the answer down."),
    reasons.NOT_VALID: _("Ask for the right number or address."),
    reasons.ADDRESS_STOPPED: _("Ask for another number or address."),
}


@dataclass(frozen=True, slots=True)
class Unreached:
    """Nothing can be sent, and `why`. `call`: the open one about it at this clinic, None where there is none."""

    why: str
    what_to_do: str
    call: CallTask | None


def unreached(patient: Patient, clinic: Clinic) -> Unreached | None:
    """Why nothing goes to this patient; None for somebody whom messages reach, or who is gone."""
    why = "" if patient.is_gone else why_nothing_goes(patient)
    if not why:
        return None
    calls = CallTask.objects.filter(patient=patient, clinic=clinic, kind=CallKind.CANNOT_REACH, closed_at=None)
    return Unreached(sentence(why), str(WHAT_TO_DO[why]), calls.order_by("due_at", "pk").first())
