"""What a change of an order would do to each visit, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.order_effects import Becomes, OrderEffect, VisitEffect
from web.spoken import infusion

BECOMES: Mapping[Becomes, tuple[str, str | Promise]] = {
    Becomes.CANCELLED: ("calendar-x", _("is cancelled")),
    Becomes.RELEASED: ("timer-off", _("is no longer kept")),
    Becomes.KEEPS_ITS_PLACE: ("calendar", _("keeps its time, can't be started")),
    Becomes.GOES_AHEAD: ("calendar-check", _("goes ahead")),
    Becomes.UNDER_WAY: ("door-open", _("the patient is here: staff see to it")),
    Becomes.TIME_PASSED: ("clock-alert", _("its time has passed: say what happened")),
}


@dataclass(frozen=True, slots=True)
class EffectLine:
    """One visit and what becomes of it."""

    what: str
    at: datetime
    icon: str
    becomes: str | Promise


def effect_lines(effect: OrderEffect) -> list[EffectLine]:
    """The visits, the earliest first."""
    return [EffectLine(_what(one), one.starts_at, *BECOMES[one.becomes]) for one in effect.visits]


def _what(visit: VisitEffect) -> str:
    return infusion(visit.number) if visit.number else gettext("Review")
