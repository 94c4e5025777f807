"""The desk's nine lists: what each holds, and how much of it is to do now. All counts in two queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db.models import BigIntegerField, Count, F, Q, QuerySet, Sum, TextField, Value
from django.db.models.functions import Cast, Coalesce

from notifications.calls import of_use
from notifications.inbox import replies_at
from notifications.models import CallKind, CallTask, InboundMessage
from notifications.unconfirmed import later_called, unconfirmed_at
from scheduling.chasing import not_ready
from scheduling.desk_lists import kept_times_ending, waits_for_prescriber
from scheduling.desk_rows import can_wait, put_off_rows, rows_in_use
from scheduling.follow_ups_due import reviews_without_visit
from scheduling.models import Appointment, Clinic, RowKind
from scheduling.orders import only_booked_by
from scheduling.paused_places import orders_to_settle


class DeskList(StrEnum):
    """The lists, in the order in which the page shows them: what can't wait first."""

    REPLIES = "replies"
    CALLS = "calls"
    UNCONFIRMED = "unconfirmed"
    KEPT = "kept"
    UNREACHABLE = "unreachable"
    NOT_READY = "not_ready"
    MISSED = "missed"
    TO_BOOK = "to_book"
    PRESCRIBER = "prescriber"


# Nobody knows how to reach them; every other call is one to make, but for those about visits not confirmed.
CANNOT_REACH: Final = (CallKind.CANNOT_REACH, CallKind.WRONG_NUMBER)
TO_CALL: Final = tuple(kind for kind in CallKind if kind not in (*CANNOT_REACH, CallKind.NOT_CONFIRMED))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of each list are to do now; `version` changes with any of them, with what was put off, with who has
    what in hand and with who comes late."""

    of: Mapping[DeskList, int]
    version: str

    @property
    def total(self) -> int:
        return sum(self.of.values())


def counts(*, clinic: Clinic, now: datetime) -> Counts:
    """What the bar and the lists say. Two queries, however much there is to do."""
    queries = [_counted(which, one) for which, found in to_do(clinic, now).items() for one in found]
    queries += [*_in_hand(clinic, now), _late(clinic, now)]
    # Whether a visit is ready is no question to the database: those that can wait are taken out here.
    waits = put_off_rows(clinic, RowKind.NOT_READY, now).annotate(which=Value("waits", TextField()))
    queries.append(waits.order_by().values_list("which", "subject", Cast("row_version", BigIntegerField())))
    read = list(queries[0].union(*queries[1:], all=True))
    later = {number for which, number, _ in read if which == "waits"}
    lacking = [one.visit.pk for one in not_ready(clinic=clinic, now=now) if one.visit.pk not in later]
    found = dict.fromkeys(DeskList, 0) | {DeskList.NOT_READY: len(lacking)}
    for which, number, _ in read:
        if which in found:
            found[DeskList(which)] += number
    words = sorted(f"{which[:4]}{number}.{more}" for which, number, more in read if number)
    return Counts(found, "-".join([*words, f"nr{len(lacking)}.{sum(lacking)}"]))


def to_do(clinic: Clinic, now: datetime) -> dict[DeskList, tuple[QuerySet[Any], ...]]:
    """What is to do now of each list, without what can wait: one query for each thing that is on it. Visits that are
    not ready have none (`chasing.not_ready`)."""
    on = on_lists(clinic, now)
    due = {which: tuple(one.filter(due_at__lte=now) for one in on[which]) for which in OF_CALLS}
    due[DeskList.UNCONFIRMED] = tuple(one.exclude(later_called(clinic, now)) for one in on[DeskList.UNCONFIRMED])
    return due | {
        which: tuple(one.exclude(can_wait(clinic, kind, now)) for kind, one in zip(kinds, on[which], strict=True))
        for which, kinds in KINDS.items()
        if which in on
    }


OF_CALLS: Final = (DeskList.CALLS, DeskList.UNREACHABLE)
# What the rows of a list are about, in the order of its queries.
KINDS: Final[Mapping[DeskList, tuple[RowKind, ...]]] = {
    DeskList.REPLIES: (RowKind.REPLY,),
    DeskList.KEPT: (RowKind.KEPT_TIMES, RowKind.PLACES_TO_SETTLE),
    DeskList.NOT_READY: (RowKind.NOT_READY,),
    DeskList.MISSED: (RowKind.INFUSION_MISSED,),
    DeskList.TO_BOOK: (RowKind.ORDER_TO_BOOK, RowKind.REVIEW_TO_BOOK),
    DeskList.PRESCRIBER: (RowKind.WAITS_FOR_PRESCRIBER,),
}


def on_lists(clinic: Clinic, now: datetime) -> dict[DeskList, tuple[QuerySet[Any], ...]]:
    """Everything on each list, what can wait included."""
    return {
        DeskList.REPLIES: (open_replies(clinic),),
        DeskList.CALLS: (of_use(clinic, TO_CALL, now),),
        DeskList.UNCONFIRMED: (unconfirmed_at(clinic, now),),
        DeskList.KEPT: (kept_times_ending(clinic, now), orders_to_settle(clinic, now)),
        DeskList.UNREACHABLE: (of_use(clinic, CANNOT_REACH, now),),
        DeskList.MISSED: (only_booked_by(clinic, missed=True),),
        DeskList.TO_BOOK: (only_booked_by(clinic, missed=False), reviews_without_visit(clinic)),
        DeskList.PRESCRIBER: (waits_for_prescriber(clinic),),
    }


def open_replies(clinic: Clinic) -> QuerySet[InboundMessage]:
    """Replies that nobody has dealt with, also of patients who have died: whoever writes there is answered."""
    return replies_at(clinic).filter(handled_at=None)


def _counted(which: DeskList, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """One line: which list, how many, and a number that changes when others are on it."""
    named = rows.order_by().annotate(which=Value(str(which), TextField())).values("which")
    counted = named.annotate(n=Count("pk", distinct=True), more=Coalesce(Cast(Sum("pk"), BigIntegerField()), 0))
    line: QuerySet[Any, Any] = counted.values_list("which", "n", "more")
    return line


def _late(clinic: Clinic, now: datetime) -> QuerySet[Any, Any]:
    """Who said that they come late, which rows about their visits say too. Never of another day."""
    today = (now - timedelta(days=1), now + timedelta(days=1))
    late = Appointment.objects.filter(clinic=clinic, period__overlap=today, expected_at__isnull=False).order_by()
    named = late.annotate(which=Value("late", TextField())).values("which")
    line: QuerySet[Any, Any] = named.annotate(
        n=Count("pk"), more=Cast(Sum("row_version"), BigIntegerField())
    ).values_list("which", "n", "more")
    return line


def _in_hand(clinic: Clinic, now: datetime) -> list[QuerySet[Any, Any]]:
    rows = rows_in_use(clinic, now).annotate(which=Value("rows", TextField())).order_by()
    calls = CallTask.objects.filter(Q(taken_by__isnull=False) | Q(tries__gt=0), clinic=clinic, closed_at=None)
    calls = calls.annotate(which=Value("hand", TextField())).order_by()
    return [
        rows.values("which").annotate(n=Count("pk"), more=Sum("row_version")).values_list("which", "n", "more"),
        calls.values("which")
        .annotate(n=Count("pk"), more=Cast(Sum(F("tries") * 1000 + Coalesce("taken_by_id", 0)), BigIntegerField()))
        .values_list("which", "n", "more"),
    ]
