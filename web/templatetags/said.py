"""Filters that say times, dates and visits as `web.spoken` does."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone

from web import spoken, telephones

register = template.Library()

register.filter("clock", spoken.clock)
register.filter("wall_clock", spoken.wall_clock)
register.filter("weekday", spoken.weekday)
register.filter("long_day", spoken.long_day)
register.filter("short_day", spoken.short_day)
register.filter("long_date", spoken.long_date)
register.filter("short_date", spoken.short_date)
register.filter("month_day", spoken.month_day)
register.filter("span", spoken.span)
register.filter("full_date", spoken.full_date)
register.filter("short_birth_date", spoken.short_birth_date)
register.filter("visit_name", spoken.visit_name)
register.filter("infusions", spoken.infusions)
register.filter("infusion", spoken.infusion)
register.filter("language_name", spoken.language_name)
register.filter("address_said", spoken.address)
register.filter("phone_number", spoken.phone_number)
register.filter("dialled", telephones.dialled)
register.filter("with_calls", telephones.with_calls)
register.filter("why_not", spoken.said)
register.filter("would_work", spoken.would_work)


@register.filter
def soon(instant: datetime) -> str:
    """10:15 AM, with its day where that is not today."""
    return spoken.soon(instant, timezone.localdate())
