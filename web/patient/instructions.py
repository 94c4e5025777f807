"""How to prepare for a visit: times on the clinic's clock, so that nobody counts hours at night, and the order's own
words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import get_language, gettext

from notifications.notice_facts import Preparation
from web.patient.shown import Shown
from web.spoken import clock

# Where a text is in no language of the patient's.
FALLBACK = "en"


def instructions_of(one: Shown) -> list[tuple[str, str]]:
    """Icon and sentence of each; none where eating and drinking are as usual."""
    return instructions_for(one.preparing or Preparation(), one.visit.time_zone)


def instructions_for(asked: Preparation, zone: str) -> list[tuple[str, str]]:
    """As `instructions_of`, for what one visit in this zone asks."""
    said = []
    with timezone.override(zone):
        if asked.food_until:
            words = gettext("No food after %(time)s on %(day)s.")
            said.append(("utensils-crossed", words % _time_and_day(asked.food_until)))
        if asked.drinks_until:
            words = gettext("Water and other clear drinks until %(time)s on %(day)s, then nothing more.")
            said.append(("glass-water", words % _time_and_day(asked.drinks_until)))
    return said


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The signed order's own text. `is_other`: it is not in the language of the page, so the page says whom to call."""

    lines: tuple[str, ...]
    language: str
    is_other: bool


def own_words_of(one: Shown) -> OwnWords | None:
    """What the order says to its patient, in the language of the page; where it has none in that language, in English
    with the offer of a call, never in words that nobody reviewed. None where it says nothing."""
    wanted = get_language() or FALLBACK
    language = wanted if wanted in one.plan_says else FALLBACK
    text = one.plan_says.get(language, "").strip()
    return OwnWords(tuple(text.splitlines()), language, language != wanted) if text else None


def _time_and_day(instant: datetime) -> dict[str, str]:
    local = timezone.localtime(instant)
    if (local.hour, local.minute) == (0, 0):
        # Nobody knows for sure to which day "12:00 AM" belongs.
        local -= timedelta(minutes=1)
    return {"time": clock(local), "day": formatted(local, "l")}
