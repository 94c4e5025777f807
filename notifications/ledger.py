"""What went to whom, when, in which words, and what became of it: read for the desk, newest first. Writes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Concat

from notifications import reasons
from notifications.calls import NEEDED_NO_MORE, CallEnd
from notifications.channels.outcomes import REASONS
from notifications.models import Address, CallKind, CallTask, Message, Notice, NoticeState, NoticeVisit
from notifications.models.notice import AGAIN, NoticeQuerySet
from notifications.notice_facts import Purpose
from scheduling.intervals import Interval
from scheduling.models import Clinic, Patient

# The longest a reminder goes ahead of its visit: later its visit can't be to come.
LONGEST_AHEAD = timedelta(days=15)


class Stands(StrEnum):
    """Where a message stands, as the desk asks for it."""

    NEEDS_PERSON = "needs_person"
    TO_COME = "to_come"
    GONE = "gone"
    ARRIVED = "arrived"
    NOT_SENT = "not_sent"


STATES = {
    Stands.TO_COME: (NoticeState.PLANNED, NoticeState.CLAIMED),
    Stands.GONE: (NoticeState.SENT,),
    Stands.ARRIVED: (NoticeState.DELIVERED,),
    Stands.NOT_SENT: (NoticeState.FAILED, NoticeState.SUPPRESSED, NoticeState.LAPSED, NoticeState.UNKNOWN),
}


def needs_person(*, now: datetime) -> NoticeQuerySet:
    """What did not go, or may not have, of visits still to come, until a person settled its call or sent it again."""
    to_come = NoticeVisit.objects.filter(notice=OuterRef("pk"), starts_at__gt=now)
    other = (Q(told_visits__isnull=True) | Q(purpose=Purpose.CHECK_IN)) & Q(useful_until__gt=now)
    rows = Notice.objects.needs_person().filter(useful_until__gt=now - LONGEST_AHEAD).filter(Exists(to_come) | other)
    rows = rows.filter(patient__deceased_at=None, patient__merged_into=None)
    again = Notice.objects.filter(notice_key=Concat(OuterRef("notice_key"), Value(AGAIN)))
    return without_call(rows.exclude(Exists(again)), settled=True)


def without_call(rows: NoticeQuerySet, *, settled: bool = False) -> NoticeQuerySet:
    """Those that nobody was asked to call about, or with `settled` that no call was settled about: neither their own
    nor one about their message, nor one that says the same of the same visit in place of another channel."""
    # What was sent again may fail again, and then it is another call.
    calls = CallTask.objects.exclude(outcome=CallEnd.SENT_AGAIN)
    # So does what was not certain, then known to have gone, and is lost after all.
    calls = calls.exclude(NEEDED_NO_MORE, kind=CallKind.NOT_CERTAIN)
    if settled:
        calls = calls.filter(closed_at__isnull=False)
    same = calls.filter(
        notice__told_visits__appointment=OuterRef("appointment"),
        notice__told_visits__told_version=OuterRef("told_version"),
        notice__patient=OuterRef("notice__patient"),
        notice__purpose=OuterRef("notice__purpose"),
        notice__step=OuterRef("notice__step"),
    )
    return rows.exclude(
        Exists(calls.filter(notice=OuterRef("pk")))
        | Exists(calls.filter(notice__message=OuterRef("message")))
        | Exists(NoticeVisit.objects.filter(Exists(same), notice=OuterRef("pk")))
    )


def needs_person_at(clinic: Clinic, *, now: datetime) -> QuerySet[Notice]:
    """A clinic's, the nearest visit's first."""
    return _shown(needs_person(now=now).filter(clinic=clinic)).order_by("useful_until", "pk")


def of_day(clinic: Clinic, day: Interval, stands: Stands | None, *, now: datetime) -> QuerySet[Notice]:
    """What was due at a clinic on a day, newest first; with `stands` only what stands so."""
    rows = Notice.objects.filter(clinic=clinic, due_at__gte=day.start, due_at__lt=day.end)
    if stands is Stands.NEEDS_PERSON:
        rows = rows.filter(pk__in=needs_person(now=now).filter(clinic=clinic).values("pk"))
    elif stands is not None:
        rows = rows.filter(state__in=STATES[stands])
    return _shown(rows).order_by("-due_at", "-pk")


def sent_to(address: Address, patient: Patient | None = None) -> QuerySet[Message]:
    """What was sent to an address about a patient, or about everyone, oldest first: the very words, and with their
    notices what became of them."""
    rows = Message.objects.filter(address=address, **({"patient": patient} if patient else {}))
    return rows.select_related("patient").prefetch_related("notices").order_by("written_at", "pk")


def _shown(rows: QuerySet[Notice]) -> QuerySet[Notice]:
    told = Prefetch("told_visits", NoticeVisit.objects.select_related("appointment").order_by("starts_at"))
    return rows.select_related("patient", "address", "message").prefetch_related(told)


def sentence(reason: str) -> str:
    """The desk's sentence for why something did not go, ours or a provider's; empty for none."""
    if reason in reasons.SENTENCES:
        return str(reasons.SENTENCES[reason])
    return REASONS[reason].words if reason in REASONS else ""
