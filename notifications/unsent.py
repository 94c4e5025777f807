"""What could not be sent becomes a call to make, with the words that were to be read."""

from __future__ import annotations

from datetime import datetime

from notifications import reasons
from notifications.calls import ask_to_call
from notifications.ledger import needs_person, without_call
from notifications.models import CallKind, Notice, NoticeState, NoticeVisit
from notifications.models.notice import AGAIN
from scheduling.events import Actor

AT_A_TIME = 200


def ask_to_call_about_unsent(*, by: Actor, now: datetime) -> int:
    """One call for each message that needs a person and has none yet, whatever the channels; gives how many.

    Records `call.asked` for each.
    """
    # Where there was no text in the patient's language the attempt has asked already, once for all it was to tell.
    left = without_call(needs_person(now=now)).exclude(reason=reasons.NO_WORDING)
    rows = left.select_related("patient", "clinic", "message")
    return len({_ask(notice, by=by, now=now) for notice in rows.order_by("useful_until", "pk")[:AT_A_TIME]})


def _ask(notice: Notice, *, by: Actor, now: datetime) -> str:
    told = _told_with(notice)
    subject = "+".join(sorted(f"{one.appointment_id}v{one.told_version}" for one in told)) or f"n{notice.pk}"
    key = (
        f"unsent/{notice.purpose}/{notice.step}/p{notice.patient_id}/{subject}{AGAIN * notice.notice_key.count(AGAIN)}"
    )
    ask_to_call(
        key=key,
        kind=CallKind.NOT_CERTAIN if notice.state == NoticeState.UNKNOWN else CallKind.SAY_INSTEAD,
        clinic=notice.clinic,
        patient=notice.patient,
        notice=notice,
        reason=notice.reason,
        # What was to be read, where it was written; else the desk sees which visits it is about.
        words=notice.message.body if notice.message else "",
        language=notice.message.language if notice.message else "",
        useful_until=max([notice.useful_until, *(one.starts_at for one in told)]),
        by=by,
        now=now,
    )
    return key


def _told_with(notice: Notice) -> list[NoticeVisit]:
    """The visits of all that was to leave as one message, by time."""
    same = {"notice__message": notice.message} if notice.message else {"notice": notice}
    return list(NoticeVisit.objects.filter(**same).select_related("clinic").order_by("starts_at"))
