"""What a change of an order would do, in words, before it is saved: to its visits and to messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from notifications.order_news import MessagesOfEffect, messages_of
from scheduling.models import ChangeKind, Order, VisitKind
from scheduling.order_effects import Becomes, OrderEffect, VisitEffect
from web.messages_sent import CHANNELS, PURPOSES
from web.spoken import clock, infusion_of, long_day, soon

BECOMES: Mapping[Becomes, str | Promise] = {
    Becomes.CANCELLED: _("is cancelled; its time is free at once"),
    Becomes.RELEASED: _("is no longer kept"),
    Becomes.KEEPS_ITS_PLACE: _("keeps its time; it can't be confirmed or started"),
    Becomes.GOES_AHEAD: _("goes ahead"),
    Becomes.NO_LONGER_FITS: _("no longer fits the order: it has to be moved before it can take place"),
    Becomes.UNDER_WAY: _("the patient is there: what happens is written down as it is"),
    Becomes.TIME_PASSED: _("its time has passed and nobody said what happened; it is not changed"),
}


@dataclass(frozen=True, slots=True)
class EffectWords:
    """`visits`: which visit, and what becomes of it. `messages`: sentences on what goes and what does not."""

    visits: list[tuple[str, str | Promise]]
    messages: list[str]


def words_of(order: Order, effect: OrderEffect, *, now: datetime) -> EffectWords:
    """The effect in words."""
    told = messages_of(order, effect, now=now)
    return EffectWords(
        [(_which(visit, order), BECOMES[visit.becomes]) for visit in effect.visits],
        [*_withheld(effect, told), *_told(effect, told, now), *_goes_on(effect)],
    )


def _which(visit: VisitEffect, order: Order) -> str:
    doses = order.current_version.doses if order.current_version else 0
    what = infusion_of(visit.number, doses) if visit.number else str(VisitKind(visit.kind).label)
    local = visit.starts_at.astimezone(ZoneInfo(visit.time_zone))
    with timezone.override(visit.time_zone):
        return gettext("%(what)s, %(day)s, %(time)s") % {"what": what, "day": long_day(local), "time": clock(local)}


def _withheld(effect: OrderEffect, told: MessagesOfEffect) -> list[str]:
    """What is planned about these visits and will not go, each kind once with how many."""
    counts: dict[str, int] = {}
    for notice in told.withheld:
        counts[notice.purpose] = counts.get(notice.purpose, 0) + 1
    if not counts and not effect.reminders_stop:
        return []
    if not counts:
        return [gettext("No planned message is held back.")]
    listed = ", ".join(f"{PURPOSES[purpose]} ({number})" for purpose, number in counts.items())
    return [gettext("These planned messages do not go: %(list)s.") % {"list": listed}]


def _told(effect: OrderEffect, told: MessagesOfEffect, now: datetime) -> list[str]:
    if effect.kind == ChangeKind.RESUME or not (effect.cancelled or effect.kind == ChangeKind.PAUSE):
        return []
    if not effect.visits:
        return [gettext("Nothing is booked, so the patient is told nothing.")]
    first = gettext("The patient is to hear it from a person first.")
    if not told.channels:
        return [first, gettext("No message reaches this patient: please call.")]
    if told.goes_at is None:
        return [first, gettext("They have had no message about these visits, so none follows.")]
    ways = " + ".join(str(CHANNELS[channel]) for channel in told.channels)
    return [first, _after_that(effect, told.goes_at, ways, now)]


def _after_that(effect: OrderEffect, goes_at: datetime, ways: str, now: datetime) -> str:
    said = {"ways": ways, "at": soon(max(goes_at, now), timezone.localdate(now))}
    if effect.kind == ChangeKind.PAUSE:
        words = gettext(
            "Then a message (%(ways)s) may follow, as whoever told them says: please don't come, we will call. Where"
            " nobody has told them by %(at)s, it goes by itself, not by night."
        )
    else:
        words = gettext(
            "Then a message (%(ways)s) may follow, as whoever told them says: these visits are cancelled. Where nobody"
            " has told them by %(at)s, it goes by itself, not by night."
        )
    return words % said


def _goes_on(effect: OrderEffect) -> list[str]:
    lines = []
    if effect.kind == ChangeKind.RESUME:
        lines.append(gettext("Reminders are planned again. Who heard of the pause hears that the visits go ahead."))
        passed = sum(visit.becomes == Becomes.TIME_PASSED for visit in effect.visits)
        if passed:
            words = ngettext(
                "The time of one visit passed meanwhile: the front desk says what happened and books it again.",
                "The times of %(n)s visits passed meanwhile: the front desk says what happened and books them again.",
                passed,
            )
            lines.append(words % {"n": passed})
    if effect.questions:
        words = ngettext(
            "One question about other times is taken back.",
            "%(n)s questions about other times are taken back.",
            effect.questions,
        )
        lines.append(words % {"n": effect.questions})
    return lines
