"""What could not be sent becomes a call to make, with the words to say where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from notifications.calls import ask_to_call
from notifications.ledger import needs_person
from notifications.models import CallKind, Notice, NoticeState, NoticeVisit
from notifications.notice_facts import ChannelName, Purpose
from notifications.patient_facts import sender_name
from notifications.rendering import NoWording, Wording, render
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
    words, language = words_to_say(notice, told)
    ask_to_call(
        key=key,
        kind=CallKind.NOT_CERTAIN if notice.state == NoticeState.UNKNOWN else CallKind.SAY_INSTEAD,
        clinic=notice.clinic,
        patient=notice.patient,
        notice=notice,
        reason=notice.reason,
        words=words,
        language=language,
        useful_until=max([notice.useful_until, *(one.starts_at for one in told)]),
        by=by,
        now=now,
    )


def _told_with(notice: Notice) -> list[NoticeVisit]:
    """The visits of all that was to leave as one message, by time."""
    same = {"notice__message": notice.message} if notice.message else {"notice": notice}
    return list(NoticeVisit.objects.filter(**same).select_related("clinic").order_by("starts_at"))


def words_to_say(notice: Notice, told: Sequence[NoticeVisit]) -> tuple[str, str]:
    """What to say on the telephone of the visits `told`, and in which language: the patient's, else their second one,
    else English.

    Without words written for a call it is what was to be read, where that was written; else nothing.
    """
    patient = notice.patient
    for language in dict.fromkeys((patient.language, patient.second_language, "en")):
        try:
            text = render(
                purpose=Purpose(notice.purpose),
                channel=ChannelName.CALL,
                language=language,
                wording=Wording(
                    sender=sender_name(notice.clinic, language),
                    phone=notice.clinic.phone,
                    link="",
                    visits=[(one.starts_at, ZoneInfo(one.clinic.time_zone)) for one in told],
                    to_confirm=False,
                ),
            )
        except NoWording:
            continue
        return text.body.strip(), text.language
    return (notice.message.body, notice.message.language) if notice.message else ("", patient.language)
