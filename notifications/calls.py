"""The calls to make: asked for, taken, tried, put off, made. Each says what to say, so that nobody improvises."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import F, Q, QuerySet

from notifications import reasons
from notifications.models import CallKind, CallTask, InboundMessage, Notice, NoticeState
from notifications.notice_facts import ChannelName
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.in_hand import refuse_anothers
from scheduling.models import Clinic, Patient

TRY_AGAIN_AFTER = timedelta(hours=1)
OPEN: Mapping[str, object] = {"closed_at": None, "closed_by": None, "outcome": "", "taken_by": None}


class CallEnd(StrEnum):
    """How a call to make was settled."""

    SPOKE = "spoke"
    NOT_REACHED = "not_reached"
    WRONG_NUMBER = "wrong_number"
    NOT_NEEDED = "not_needed"
    SENT_AGAIN = "sent_again"


class TryEnd(StrEnum):
    """What came of a try that leaves the call to make."""

    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"


# Closed by the system: its subject was no longer so. What a person settled stays settled.
NEEDED_NO_MORE = Q(outcome=CallEnd.NOT_NEEDED, closed_by=None)
# The patient was not spoken with: who has the call in hand may still do so.
GIVEN_UP = frozenset({CallEnd.NOT_REACHED, CallEnd.NOT_NEEDED})


class CallIsMade(Exception):
    """Somebody settled this call before."""


def calls_to_make(*, clinic: Clinic) -> QuerySet[CallTask]:
    """The clinic's open calls, the oldest need first: those that are due before those that were put off."""
    rows = CallTask.objects.filter(clinic=clinic, closed_at=None)
    return rows.select_related("patient", "visit", "notice__message", "reply", "taken_by").order_by("due_at", "pk")


def of_use(clinic: Clinic, kinds: Collection[CallKind], now: datetime) -> QuerySet[CallTask]:
    """The clinic's open calls of these kinds that still help: not to who is gone, nor once their visit has begun."""
    rows = CallTask.objects.filter(clinic=clinic, closed_at=None, kind__in=kinds)
    rows = rows.filter(Q(useful_until=None) | Q(useful_until__gt=now))
    return rows.filter(Q(patient=None) | Q(patient__deceased_at=None, patient__merged_into=None))


def ask_to_call(
    *,
    key: str,
    kind: CallKind,
    clinic: Clinic,
    by: Actor,
    now: datetime,
    patient: Patient | None = None,
    visit_id: int | None = None,
    notice: Notice | None = None,
    reply: InboundMessage | None = None,
    reason: str = "",
    words: str = "",
    language: str = "",
    useful_until: datetime | None = None,
    due_at: datetime | None = None,
) -> CallTask:
    """Puts a call on the clinic's list, once for each `key`, whatever a person did with it since. One that was needed
    no more is to make again.

    It is due now or at `due_at`. `language` is what `words` are in, by default the patient's. Records `call.asked` when
    it comes on the list.
    """
    spoken = language or (patient.language if patient else "en")
    asked = {
        "kind": kind, "clinic": clinic, "patient": patient, "visit_id": visit_id, "notice": notice, "reply": reply,
        "reason": reason, "words": words, "language": spoken, "opened_at": now, "due_at": due_at or now,
        "useful_until": useful_until,
    }  # fmt: skip
    with transaction.atomic():
        task, is_new = CallTask.objects.get_or_create(task_key=key, defaults=asked)
        if not is_new and CallTask.objects.filter(NEEDED_NO_MORE, pk=task.pk).update(**asked, **OPEN):
            task.refresh_from_db()
            is_new = True
        if is_new:
            _record(task, "call.asked", by=by, now=now)
    return task


def take_call(*, task: CallTask, by: Actor, now: datetime, instead_of: int | None = None) -> None:
    """This person makes the call; `instead_of` is the person they take it over from.

    Refuses with HadByAnother where somebody else makes it by now, and with CallIsMade. Records `call.taken`.
    """
    with _in_hand(task, by, instead_of):
        _change(task, "call.taken", {"taken_by_id": by.staff_id}, by=by, now=now)


def give_call_back(*, task: CallTask, by: Actor, now: datetime) -> None:
    """Somebody else may make the call. Refuses with HadByAnother what somebody else makes, and with CallIsMade. Records
    `call.given_back`."""
    with _in_hand(task, by):
        _change(task, "call.given_back", {"taken_by_id": None}, by=by, now=now)


def record_try(
    *,
    task: CallTask,
    ended: TryEnd,
    by: Actor,
    now: datetime,
    again_at: datetime | None = None,
    instead_of: int | None = None,
) -> None:
    """A try that reached nobody: counted, and the call comes back at `again_at`, by default in an hour, for anybody.

    Refuses with HadByAnother while somebody else than `instead_of` makes it, and with CallIsMade. Records `call.tried`
    with how it ended.
    """
    due_at = max(now, again_at or now + TRY_AGAIN_AFTER)
    changes = {"tries": F("tries") + 1, "tried_at": now, "due_at": due_at, "taken_by_id": None}
    with _in_hand(task, by, instead_of):
        _change(task, "call.tried", changes, by=by, now=now, reason=TryEnd(ended))


def put_off(*, task: CallTask, until: datetime, by: Actor, now: datetime, instead_of: int | None = None) -> None:
    """The call is not to be made before `until`. Refuses with HadByAnother while somebody else than `instead_of` makes
    it, and with CallIsMade. Records `call.put_off`."""
    with _in_hand(task, by, instead_of):
        _change(task, "call.put_off", {"due_at": max(now, until), "taken_by_id": None}, by=by, now=now)


def settle_call(*, task: CallTask, ended: CallEnd, by: Actor, now: datetime, instead_of: int | None = None) -> None:
    """The call is done with. Words that were to be said by telephone have then arrived, or not.

    Refuses with CallIsMade; with HadByAnother where a person gives it up while somebody else than `instead_of` makes
    it. Records `call.settled` with how it ended.
    """
    _check(task, by)
    changes = {"closed_at": now, "closed_by_id": by.user_id, "outcome": CallEnd(ended)}
    gives_up = by.user_id is not None and ended in GIVEN_UP
    with _in_hand(task, by, instead_of) if gives_up else transaction.atomic():
        _change(task, "call.settled", changes, by=by, now=now, reason=CallEnd(ended))
        _settle_notices(task, ended, now)


def close_unneeded(*, calls: QuerySet[CallTask], by: Actor, now: datetime, reason: str = "") -> None:
    """Takes those of these calls that are open off the list: what they are about is no longer so, `reason` says why
    where the call itself does not. Their notices stay as they are, for planning tells what is so now.

    Records `call.settled` for each.
    """
    closed = {"closed_at": now, "outcome": CallEnd.NOT_NEEDED, **({"reason": reason} if reason else {})}
    for task in calls.filter(closed_at=None).select_related("clinic").order_by("pk"):
        with suppress(CallIsMade):
            _change(task, "call.settled", closed, by=by, now=now, reason=CallEnd.NOT_NEEDED)


@contextmanager
def _in_hand(task: CallTask, by: Actor, instead_of: int | None = None) -> Iterator[None]:
    """A transaction in which the call is nobody's, this person's or `instead_of`'s: a page of before takes nothing off
    a colleague."""
    _check(task, by)
    with transaction.atomic():
        # The second of two who press at once waits here. Read with its person beside it, the row would come new and
        # the person as it was before.
        locked = CallTask.objects.select_for_update(no_key=True).get(pk=task.pk)
        if locked.closed_at is not None:
            raise CallIsMade
        refuse_anothers(locked.taken_by, by, instead_of)
        yield


def _settle_notices(task: CallTask, ended: CallEnd, now: datetime) -> None:
    """A message that went out as this call is what was said in it."""
    if task.notice is not None and task.reason == reasons.AT_NIGHT and ended is CallEnd.SPOKE:
        _take_back(task.notice, now)
    if task.notice is None or task.notice.channel != ChannelName.CALL or task.notice.message_id is None:
        return
    told = Notice.objects.filter(message=task.notice.message_id)
    if ended is CallEnd.SPOKE:
        told.move(NoticeState.DELIVERED, now=now)
    else:
        told.move(NoticeState.FAILED, now=now, reason=reasons.NOT_REACHED)


def _take_back(notice: Notice, now: datetime) -> None:
    """The texts that wait for the morning to say the same."""
    visits = notice.told_visits.values("appointment")
    same = Notice.objects.filter(patient=notice.patient_id, purpose=notice.purpose, told_visits__appointment__in=visits)
    ids = same.filter(state=NoticeState.PLANNED, reason=reasons.AT_NIGHT).values_list("pk", flat=True)
    waiting = Notice.objects.filter(pk__in=list(ids), state=NoticeState.PLANNED)
    waiting.move(NoticeState.SUPPRESSED, now=now, reason=reasons.TOLD_IN_PERSON)


def _change(
    task: CallTask, verb: str, changes: Mapping[str, object], *, by: Actor, now: datetime, reason: str = ""
) -> None:
    _check(task, by)
    with transaction.atomic():
        if not CallTask.objects.filter(pk=task.pk, closed_at=None).update(**changes):
            raise CallIsMade
        _record(task, verb, by=by, now=now, reason=reason)
    task.refresh_from_db()


def _check(task: CallTask, by: Actor) -> None:
    organisation_id = task.clinic.organisation_id
    permissions.check(by, "call.work", organisation_id=organisation_id, clinic_id=task.clinic_id)


def _record(task: CallTask, verb: str, *, by: Actor, now: datetime, reason: str = "") -> None:
    entry = Entry(
        verb,
        clinic_id=task.clinic_id,
        patient_id=task.patient_id,
        appointment_id=task.visit_id,
        reason=reason,
        data={"call": task.pk, "kind": task.kind},
    )
    events.record(organisation_id=task.clinic.organisation_id, entries=[entry], by=by, now=now)
