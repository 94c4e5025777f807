"""What to say on the telephone to who has yet to be told of their visits, in their language. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from notifications.message_texts import Stationery, words_about
from notifications.notice_facts import Purpose, Visit
from notifications.untold import ToTell
from notifications.visits_to_tell import visits_of
from scheduling.models import Status


def words_to_tell(untold: Sequence[ToTell], *, now: datetime) -> dict[int, str]:
    """By order what the message about these visits would say, as a person says it. No reason is in it."""
    if not untold:
        return {}
    known = visits_of({one.order.patient_id for one in untold}, now, with_history=False)
    stationery = Stationery()
    return {one.order.pk: _words(one, known[one.order.patient_id], stationery) for one in untold}


def _words(one: ToTell, known: Sequence[Visit], stationery: Stationery) -> str:
    """What ended, and what the patient is not to come to before somebody has called."""
    ended = {visit.pk for visit in one.visits if visit.status == Status.CANCELLED}
    texts = []
    for purpose, ids in (
        (Purpose.CANCELLED, ended),
        (Purpose.ORDER_PAUSED, {visit.pk for visit in one.visits} - ended),
    ):
        about = [visit for visit in known if visit.id in ids]
        if about:
            clinic = next(visit.clinic for visit in one.visits if visit.pk in ids)
            words = words_about(
                about, purpose=purpose, clinic=clinic, patient=one.order.patient, stationery=stationery
            )  # fmt: skip
            texts.append(words.body)
    return "\n\n".join(texts)
