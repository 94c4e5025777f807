"""News by night of a visit that comes soon after: a call to make at once, although the text goes in the morning."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from notifications import reasons
from notifications.calls import ask_to_call
from notifications.ledger import without_call
from notifications.look_at_many import group_of, look_again
from notifications.message_texts import Stationery, words_to_say
from notifications.models import CallKind, Notice, NoticeState
from scheduling.events import Actor

AT_A_TIME = 200


def ask_to_call_by_night(*, by: Actor, now: datetime) -> int:
    """One call for each patient and kind of news that quiet hours keep from going until shortly before the visit, with
    the words to say; gives how many. Who makes it tells the patient themselves, and then no text follows.

    Records `call.asked` for each.
    """
    waiting = Notice.objects.filter(state=NoticeState.PLANNED, reason=reasons.AT_NIGHT, due_at__gt=now)
    rows = without_call(waiting.filter(patient__deceased_at=None, patient__merged_into=None))
    together: dict[tuple[int, int, str, str], list[Notice]] = defaultdict(list)
    for row in rows.select_related("patient", "clinic", "address").order_by("useful_until", "pk")[:AT_A_TIME]:
        together[row.patient_id, row.clinic_id, row.purpose, row.channel].append(row)
    facts = look_again([row for some in together.values() for row in some], now) if together else {}
    stationery = Stationery()
    keys = set()
    for some in together.values():
        one = some[0]
        told = sorted({(told.appointment_id, told.told_version) for row in some for told in row.told_visits.all()})
        key = f"{reasons.AT_NIGHT}/{one.purpose}/p{one.patient_id}/" + "+".join(
            f"{pk}v{version}" for pk, version in told
        )
        text = words_to_say(some, facts[group_of(one)], stationery=stationery)
        ask_to_call(
            key=key,
            kind=CallKind.SAY_INSTEAD,
            clinic=one.clinic,
            patient=one.patient,
            notice=one,
            reason=reasons.AT_NIGHT,
            words=text.body,
            language=text.language,
            useful_until=min(row.useful_until for row in some),
            by=by,
            now=now,
        )
        keys.add(key)
    return len(keys)
