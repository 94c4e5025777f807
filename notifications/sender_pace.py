"""How fast a sender may go, and whether its gateway answers at all: a row a sender, shared by all workers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from notifications.channels.outcomes import Outcome, Refused, says_gateway_is_down
from notifications.models import MessageRules, Notice, SenderPace
from notifications.models.notice import NoticeQuerySet
from notifications.notice_facts import ChannelName

FAILURES_TO_OPEN = 5
OPEN_FOR = timedelta(seconds=30)
# A sender that was idle may go this far ahead of its pace, so that few messages never wait.
AHEAD = timedelta(seconds=3)
DEFAULT_A_MINUTE = 60


def name_of(channel: ChannelName, sender: str) -> str:
    """The row's name: a channel and the number or server it sends by."""
    return f"{channel} {sender}"


@dataclass(frozen=True, slots=True)
class Circuit:
    """How many messages a gateway may get just now (None: any number), and the row this was read from."""

    most: int | None
    half_open: SenderPace | None = None

    def claim_try(self, now: datetime) -> bool:
        """Takes the one try that tells whether the gateway is back; False where another worker has it."""
        if self.half_open is None:
            return True
        mine = SenderPace.objects.filter(pk=self.half_open.pk, open_until=self.half_open.open_until)
        return mine.update(open_until=now + OPEN_FOR, changed_at=now) > 0


def read_circuit(name: str, now: datetime) -> Circuit:
    """None may go while it is open; then one, whose outcome closes it or keeps it open."""
    row = SenderPace.objects.filter(pk=name).first()
    if row is None or row.open_until is None:
        return Circuit(None)
    return Circuit(0) if row.open_until > now else Circuit(1, row)


def note_outcomes(name: str, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Counts failures in a row, of all workers; enough of them, or the gateway's wish for a pause, open the circuit.

    Any answer that is about a message closes it: the gateway is there.
    """
    row = SenderPace.objects.filter(pk=name)
    down = 0
    for outcome in outcomes:
        down = down + 1 if says_gateway_is_down(outcome) else 0
    if down < len(outcomes):
        row.exclude(failures=0, open_until=None).update(failures=0, open_until=None, changed_at=now)
    if not down:
        return
    _make([name], now)
    row.update(failures=F("failures") + down, changed_at=now)
    wait = max((one.wait for one in outcomes if isinstance(one, Refused) and one.wait), default=None)
    if wait is not None:
        row.update(open_until=now + wait)
    row.filter(Q(open_until=None) | Q(open_until__lt=now + OPEN_FOR), failures__gte=FAILURES_TO_OPEN).update(
        open_until=now + OPEN_FOR
    )


def leave_out_of_breath(due: NoticeQuerySet, channel: ChannelName, sender: str, now: datetime) -> NoticeQuerySet:
    """The due notices whose sender may go on; those of a clinic without a limit always may."""
    if channel is not ChannelName.SMS:
        return due
    prefix = name_of(channel, "")
    ahead = SenderPace.objects.filter(pk__startswith=prefix, free_at__gt=now + AHEAD)
    numbers = {name.removeprefix(prefix) for name in ahead.values_list("pk", flat=True)}
    if not numbers:
        return due
    rules = MessageRules.objects.filter(clinic=OuterRef("clinic"))
    known_as = numbers | ({""} if sender in numbers else set())
    due = due.filter(~Exists(rules.filter(text_number__in=known_as, texts_per_minute__gt=0)))
    # A clinic that says nothing has the default limit at the sender's own number.
    return due.filter(Exists(rules)) if sender in numbers else due


def take_turns(rows: Iterable[Notice], channel: ChannelName, sender: str, now: datetime) -> set[int]:
    """Takes a turn for each message of these notices, in their order; gives the addresses that got all of theirs.

    Holds the senders' rows until the transaction ends, so that workers count one after the other.
    """
    rows = list(rows)
    if channel is not ChannelName.SMS:
        return {row.address_id for row in rows}
    said = {
        rule.clinic_id: (rule.text_number or sender, rule.texts_per_minute)
        for rule in MessageRules.objects.filter(clinic__in={row.clinic_id for row in rows})
    }
    limits = {row.clinic_id: said.get(row.clinic_id, (sender, DEFAULT_A_MINUTE)) for row in rows}
    names = sorted({name_of(channel, number) for number, a_minute in limits.values() if a_minute})
    if not names:
        return {row.address_id for row in rows}
    _make(names, now)
    paces = {pace.pk: pace for pace in SenderPace.objects.filter(pk__in=names).select_for_update().order_by("pk")}
    messages = {(row.address_id, row.patient_id, row.clinic_id, row.purpose): row for row in rows}
    late = set()
    for row in messages.values():
        number, a_minute = limits[row.clinic_id]
        if a_minute and row.address_id not in late:
            pace = paces[name_of(channel, number)]
            if pace.free_at > now + AHEAD:
                late.add(row.address_id)
            else:
                pace.free_at = max(pace.free_at, now) + timedelta(minutes=1) / a_minute
    for pace in paces.values():
        SenderPace.objects.filter(pk=pace.pk).update(free_at=pace.free_at, changed_at=now)
    return {row.address_id for row in rows} - late


def _make(names: Sequence[str], now: datetime) -> None:
    SenderPace.objects.bulk_create(
        (SenderPace(name=name, free_at=now, changed_at=now) for name in names), ignore_conflicts=True
    )
