"""How to prepare for a visit, said as times on the clinic's clock: nobody has to count hours at night."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext

from notifications.notice_facts import Preparation
from web.patient.shown import Shown
from web.spoken import clock


def instructions_of(one: Shown) -> list[tuple[str, str]]:
    """Icon and sentence of each; none where eating and drinking are as usual."""
    asked, said = one.preparing or Preparation(), []
    with timezone.override(one.visit.time_zone):
        if asked.food_until:
            words = gettext("No food after %(time)s on %(day)s.")
            said.append(("utensils-crossed", words % _time_and_day(asked.food_until)))
        if asked.drinks_until:
            words = gettext("Water and other clear drinks until %(time)s on %(day)s, then nothing more.")
            said.append(("glass-water", words % _time_and_day(asked.drinks_until)))
    return said


def _time_and_day(instant: datetime) -> dict[str, str]:
    local = timezone.localtime(instant)
    if (local.hour, local.minute) == (0, 0):
        # Nobody knows for sure to which day "12:00 AM" belongs.
        local -= timedelta(minutes=1)
    return {"time": clock(local), "day": formatted(local, "l")}
