"""The desk's lists as a page shows them: what is on them, who works on it, who was called and what came of that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Q

from notifications.desk_work import DeskList
from scheduling.desk_rows import TRIED as ROW_TRIED
from scheduling.desk_rows import held_by, rows_in_use
from scheduling.events import Actor
from scheduling.models import Clinic, DeskRow, Event
from web.frontdesk.calls import numbers_of
from web.frontdesk.list_facts import facts_of
from web.frontdesk.list_rows import CALL, NAMES, TRIED, VISIT, Attempt, Facts, Hand, Row, Shown
from web.spoken import look_alikes

CALL_TRIED = "call.tried"
# Who was called longer ago is called as if for the first time.
SHOWN_FOR = timedelta(days=14)
MOST_SHOWN = 3
# What an attempt was about: a call, or the kind and subject of a row.
About = tuple[str, int]


def lists_of(clinic: Clinic, by: Actor, *, now: datetime) -> list[Shown]:
    """All nine, each with what is to do now and what can wait."""
    facts = facts_of(clinic, by, now=now)
    everything = [one for found in facts.values() for one in found]
    patients = {one.patient.pk: one.patient for one in everything if one.patient}
    alike = look_alikes(patients.values())
    numbers, only = numbers_of(patients)
    in_use = rows_in_use(clinic, now).select_related("taken_by")
    touched, tried = {(one.kind, one.subject): one for one in in_use}, attempts(clinic, patients, now)

    def row(one: Facts) -> Row:
        pk = one.patient.pk if one.patient else 0
        kept = touched.get((one.kind, one.subject))
        hand = one.hand if kept is None else in_hand(one.hand, kept, clinic, by, now)
        known = tried.get((one.kind, one.subject), [])
        return Row(one, hand, pk in alike, known[:MOST_SHOWN], numbers.get(pk, ()), only.get(pk))

    return [shown(which, [row(one) for one in facts[which]]) for which in DeskList]


def shown(which: DeskList, rows: Collection[Row]) -> Shown:
    now = [row for row in rows if row.hand.later is None]
    above = ["", *(row.key for row in now)]
    placed = [replace(row, above=key) for row, key in zip(now, above, strict=False)]
    return Shown(which, NAMES[which], placed, [row for row in rows if row.hand.later is not None])


def in_hand(usual: Hand, kept: DeskRow, clinic: Clinic, by: Actor, now: datetime) -> Hand:
    """Who said that they have it; else whoever has it by what it is, as kept times are somebody's."""
    later = kept.snoozed_until if kept.snoozed_until and kept.snoozed_until > now else None
    holder = held_by(kept, clinic, now)
    if holder is None:
        return Hand(usual.holder, usual.since, usual.is_mine, later)
    return Hand(holder, kept.taken_at, holder.pk == by.user_id, later)


def attempts(clinic: Clinic, patients: Collection[int], now: datetime) -> Mapping[About, list[Attempt]]:
    """What came of calls about these rows lately, the last first. One query."""
    events = Event.objects.filter(
        Q(patient__in=patients) | Q(patient=None),
        clinic=clinic,
        verb__in=(CALL_TRIED, ROW_TRIED),
        recorded_at__gt=now - SHOWN_FOR,
    )
    found: defaultdict[About, list[Attempt]] = defaultdict(list)
    for event in events.select_related("user").order_by("-recorded_at", "-pk"):
        who = event.user.shown_name if event.user else ""
        said = Attempt(TRIED.get(event.reason, event.reason), who, event.recorded_at)
        if event.verb == ROW_TRIED:
            found[event.data["kind"], event.data["subject"]].append(said)
        else:
            found[CALL, event.data["call"]].append(said)
            if event.appointment_id:
                found[VISIT, event.appointment_id].append(said)
    return found
