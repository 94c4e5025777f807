"""Which messages would go if visits were moved or cancelled, with their words, before it is written. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from notifications.message_texts import Stationery, text_of_news
from notifications.models import Address
from notifications.notice_facts import ChannelName, PatientFacts, Purpose, Standing, Visit, Wanted
from notifications.notice_rules import find_wanted
from notifications.planning import read_facts
from notifications.rendering import NoWording
from notifications.visits_to_tell import read_visits
from notifications.wording_samples import LINK_END
from scheduling.models import Clinic, Patient

NEWS = (Purpose.BOOKING_CONFIRMATION, Purpose.CHANGED, Purpose.CANCELLED)


@dataclass(frozen=True, slots=True)
class WouldGo:
    """One message that would go to `address` at `at`; `text` is empty where there is none in the patient's language, so
    that somebody calls."""

    purpose: Purpose
    channel: ChannelName
    address: Address
    at: datetime
    text: str


def would_be_told(
    *,
    patient: Patient,
    clinic: Clinic,
    moved: Mapping[int, datetime] | None = None,
    cancelled: Collection[int] = (),
    by_clinician: bool = False,
    now: datetime,
) -> list[WouldGo]:
    """The news of these visits, by id with their new starts, or cancelled; `by_clinician` as a prescriber's decision,
    of which somebody tells the patient first. In the order in which they would go; empty where nothing would."""
    moved = moved or {}
    touched = {*moved, *cancelled}
    visits = [
        _as_it_would_be(one, moved, cancelled, now, by_clinician=by_clinician) if one.id in touched else one
        for one in read_visits(patient, now)
    ]
    facts = read_facts(patient, visits, now)
    news = [one for one in _wanted(facts, now) if one.purpose in NEWS and one.subject[0][0] in touched]
    by_id = {visit.id: visit for visit in visits}
    return _messages(news, by_id, clinic=clinic, patient=patient)


def _as_it_would_be(
    visit: Visit, moved: Mapping[int, datetime], cancelled: Collection[int], now: datetime, *, by_clinician: bool
) -> Visit:
    after = replace(visit, told_version=visit.told_version + 1, known_since=now, is_confirmed=False)
    if visit.id in cancelled:
        return replace(after, standing=Standing.CANCELLED, by_clinician=by_clinician)
    return replace(after, starts_at=moved[visit.id])


def _wanted(facts: PatientFacts, now: datetime) -> Sequence[Wanted]:
    if not facts.visits:
        return ()
    return find_wanted(
        visits=facts.visits,
        rules_of=facts.rules_of,
        reachable=facts.reachable,
        told=facts.told,
        in_person=facts.in_person,
        now=now,
        hurried_at=facts.hurried_at,
    )


def _messages(news: Sequence[Wanted], by_id: Mapping[int, Visit], *, clinic: Clinic, patient: Patient) -> list[WouldGo]:
    """What leaves together is one message."""
    together: dict[tuple[Purpose, ChannelName, int], list[Wanted]] = defaultdict(list)
    for one in news:
        together[one.purpose, one.channel, one.address_id].append(one)
    addresses = Address.objects.in_bulk({address_id for _, _, address_id in together})
    stationery, found = Stationery(), []
    link = f"{settings.PUBLIC_URL.rstrip('/')}/v/{LINK_END}/"
    for (purpose, channel, address_id), wanted in together.items():
        told = sorted({by_id[one.subject[0][0]] for one in wanted}, key=lambda visit: visit.starts_at)
        try:
            text = text_of_news(
                told, purpose=purpose, channel=channel, clinic=clinic, patient=patient, link=link, stationery=stationery
            ).body
        except NoWording:
            text = ""
        found.append(WouldGo(purpose, channel, addresses[address_id], max(one.due_at for one in wanted), text))
    return sorted(found, key=lambda one: (one.at, one.channel))
