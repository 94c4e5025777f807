"""What could not be sent becomes a call to make, with the words to say: those of a call, as things stand now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from notifications import reasons
from notifications.last_look import Facts, is_still_so
from notifications.ledger import needs_person, without_call
from notifications.look_at_many import group_of, look_again
from notifications.message_texts import Stationery, words_to_say
from notifications.models import CallKind, Message, Notice, NoticeState
from notifications.models.notice import NoticeQuerySet
from notifications.say_instead import ask_to_say
from scheduling.events import Actor

AT_A_TIME = 200


def ask_to_call_about_unsent(*, by: Actor, now: datetime) -> int:
    """One call for each message that needs a person and has none yet, whatever the channels; gives how many.

    Records `call.asked` for each.
    """
    # Where there was no text in the patient's language the attempt has asked already, once for all it was to tell.
    return _ask_about(needs_person(now=now).exclude(reason=reasons.NO_WORDING), "", by=by, now=now)


def ask_to_call_about(*, message: Message, reason: str, by: Actor, now: datetime) -> int:
    """The same at once for one message of which it is known that it did not arrive; `reason` is a word of `reasons`."""
    return _ask_about(needs_person(now=now).filter(message=message), reason, by=by, now=now)


def _ask_about(notices: NoticeQuerySet, reason: str, *, by: Actor, now: datetime) -> int:
    left = without_call(notices).order_by("useful_until", "pk")
    messages = _together(list(left.values_list("pk", "message")[:AT_A_TIME]))
    facts = look_again([row for rows in messages for row in rows], now) if messages else {}
    stationery = Stationery()
    return len({_ask(rows, facts[group_of(rows[0])], stationery, reason, by=by, now=now) for rows in messages})


def _together(left: Sequence[tuple[int, object]]) -> list[list[Notice]]:
    """These notices, each with all that was to leave with it as one message; those that need a person come first."""
    ids, messages = {pk for pk, _ in left}, {message for _, message in left if message}
    rows = Notice.objects.filter(Q(pk__in=ids) | Q(message__in=messages)).select_related(
        "patient", "address", "message"
    )
    found: dict[object, list[Notice]] = defaultdict(list)
    for row in rows.prefetch_related("told_visits", "clinic").order_by("useful_until", "pk"):
        found[row.message_id or row.pk].append(row)
    return [sorted(some, key=lambda row: row.pk not in ids) for some in found.values()]


def _ask(rows: Sequence[Notice], facts: Facts, stationery: Stationery, reason: str, *, by: Actor, now: datetime) -> int:
    notice = rows[0]
    starts = [told.starts_at for row in rows for told in row.told_visits.all()]
    # No words for what is no longer so: the desk sees which visits it was about.
    so = [row for row in rows if is_still_so(row, facts)]
    text = words_to_say(so, facts, stationery=stationery) if so else None
    call = ask_to_say(
        notices=rows,
        words=text.body if text else "",
        language=text.language if text else "",
        reason=reason or notice.reason,
        kind=CallKind.NOT_CERTAIN if notice.state == NoticeState.UNKNOWN else CallKind.SAY_INSTEAD,
        useful_until=max([notice.useful_until, *starts]),
        by=by,
        now=now,
    )
    return call.pk
