"""What a change of an order does to messages, said before. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from notifications.already_told import read_told
from notifications.clinic_rules import read_rules
from notifications.models import Notice, NoticeState
from notifications.notice_facts import ChannelName
from notifications.reaching import read_reachable
from notifications.visit_news import waits_for_a_person
from scheduling.models import Clinic, Order
from scheduling.order_effects import Becomes, OrderEffect


@dataclass(frozen=True, slots=True)
class MessagesOfEffect:
    """`withheld`: what is planned about the visits and will not go. `heard`: visits that the patient has heard of, so
    that they hear of the change too. `goes_at`: when they do by message if nobody has told them; None where no message
    will. `channels`: by which.
    """

    withheld: Sequence[Notice]
    heard: frozenset[int]
    goes_at: datetime | None
    channels: Sequence[ChannelName]


def messages_of(order: Order, effect: OrderEffect, *, now: datetime) -> MessagesOfEffect:
    """What this change of the order would do to messages."""
    touched = {
        visit.visit_id for visit in effect.visits if visit.becomes in (Becomes.CANCELLED, Becomes.KEEPS_ITS_PLACE)
    }
    if not touched:
        return MessagesOfEffect((), frozenset(), None, ())
    planned = Notice.objects.filter(told_visits__appointment__in=touched, state=NoticeState.PLANNED)
    heard = frozenset(one.visit_id for one in read_told(order.patient, touched))
    first = min((visit for visit in effect.visits if visit.visit_id in touched), key=lambda visit: visit.starts_at)
    clinics = {visit.clinic_id for visit in effect.visits if visit.visit_id in touched}
    by_text = not Clinic.objects.filter(pk__in=clinics, sends_texts=False).exists()
    reachable = read_reachable(order.patient, ZoneInfo(first.time_zone), by_text=by_text)
    channels = [one for one in ChannelName if one in {address.channel for address in reachable}]
    rules = read_rules([first.clinic_id])[first.clinic_id]
    knows = [visit.starts_at for visit in effect.visits if visit.visit_id in heard]
    goes_at = waits_for_a_person(now, min(knows), rules) if knows and channels else None
    withheld = list(
        planned.select_related("clinic").prefetch_related("told_visits").order_by("due_at", "pk").distinct()
    )
    return MessagesOfEffect(withheld, heard, goes_at, channels)
