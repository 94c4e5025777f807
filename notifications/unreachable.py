"""Who can't be reached is on the desk's call list at once, with the reason, and leaves it when they can be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from notifications.calls import NEEDED_NO_MORE, ask_to_call, close_unneeded
from notifications.models import CallKind, CallTask
from notifications.notice_facts import Standing, Visit
from scheduling.events import Actor
from scheduling.models import Clinic, Patient


def ask_to_call_unreachable(
    *, patient: Patient, visits: Sequence[Visit], reason: str, by: Actor, now: datetime
) -> None:
    """Puts who can't be reached on the call list for these visits to come; `reason` is a word of `reasons`, empty for
    somebody who can be reached, whose call is closed. One open call a patient, kept up to date; what a person has
    called about is asked for again once a visit is new or has changed.

    Records `call.asked` and `call.settled`.
    """
    calls = CallTask.objects.filter(patient=patient, kind=CallKind.CANNOT_REACH)
    ahead = [one for one in visits if one.standing in (Standing.FIRM, Standing.TENTATIVE) and one.starts_at > now]
    subject = {f"{one.id}v{one.told_version}" for one in ahead}
    called = calls.filter(closed_at__isnull=False).exclude(NEEDED_NO_MORE).values_list("task_key", flat=True)
    if not reason or not ahead or any(subject <= set(key.rpartition("/")[2].split("+")) for key in called):
        close_unneeded(calls=calls, by=by, now=now)
        return
    first = min(ahead, key=lambda one: one.starts_at)
    key = f"{CallKind.CANNOT_REACH}/p{patient.pk}/{'+'.join(sorted(subject))}"
    if _bring_up_to_date(calls.filter(closed_at=None).order_by("pk").first(), key, first, reason):
        return
    close_unneeded(calls=calls.exclude(task_key=key), by=by, now=now)
    ask_to_call(
        key=key,
        kind=CallKind.CANNOT_REACH,
        clinic=Clinic.objects.get(pk=first.clinic_id),
        patient=patient,
        visit_id=first.id,
        reason=reason,
        useful_until=first.starts_at,
        by=by,
        now=now,
    )


def _bring_up_to_date(call: CallTask | None, key: str, first: Visit, reason: str) -> bool:
    """Whether an open call now says what is so. One of the same key that was closed is to be opened in its place."""
    if call is None or CallTask.objects.filter(task_key=key).exclude(pk=call.pk).exists():
        return False
    said = {
        "task_key": key,
        "clinic_id": first.clinic_id,
        "visit_id": first.id,
        "reason": reason,
        "language": call.patient.language if call.patient else call.language,
        "useful_until": first.starts_at,
    }
    if any(getattr(call, name) != value for name, value in said.items()):
        CallTask.objects.filter(pk=call.pk).update(**said)
    return True
