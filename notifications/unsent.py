"""What could not be sent becomes a call to make, with the words that were to be read."""

from __future__ import annotations

from datetime import datetime

from notifications.calls import ask_to_call
from notifications.ledger import needs_person
from notifications.models import CallKind, Notice, NoticeState, NoticeVisit
from scheduling.events import Actor

AT_A_TIME = 200


def ask_to_call_about_unsent(*, by: Actor, now: datetime) -> int:
    """One call for each message that needs a person and has none yet; gives how many. Records `call.asked` for each."""
    rows = needs_person(now=now).filter(calls__isnull=True).exclude(message__notices__calls__isnull=False)
    asked = set()
    for notice in rows.select_related("patient", "clinic", "message").order_by("useful_until", "pk")[:AT_A_TIME]:
        key = f"unsent/{notice.message_id or notice.pk}"
        if key not in asked:
            asked.add(key)
            _ask(key, notice, by=by, now=now)
    return len(asked)


def _ask(key: str, notice: Notice, *, by: Actor, now: datetime) -> None:
    told = _told_with(notice)
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


def _told_with(notice: Notice) -> list[NoticeVisit]:
    """The visits of all that was to leave as one message, by time."""
    same = {"notice__message": notice.message} if notice.message else {"notice": notice}
    return list(NoticeVisit.objects.filter(**same).select_related("clinic").order_by("starts_at"))
