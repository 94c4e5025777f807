"""Made-up facts to try a text with, as long as real ones: what a manager sees before a patient does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from notifications.clinic_rules import answer_hours, sender_name
from notifications.notice_facts import Purpose
from notifications.rendering import Wording
from scheduling.models import Clinic

# As long as a real one, and nobody's.
LINK_END = "this-is-only-a-sample-"
# The Spanish needs a qualified reviewer.
ANSWERS = {"en": "Thank you. We will call you today.", "es": "Gracias. Le llamaremos hoy."}
HOURS = {"en": "Mon-Fri 8 to 5", "es": "lun-vie de 8 a 17"}
MAY_BE_KEPT = (Purpose.BOOKING_CONFIRMATION, Purpose.CHANGED)


def samples_for(clinic: Clinic, purpose: Purpose, language: str, *, now: datetime) -> list[tuple[str, Wording]]:
    """One visit, several, and whatever else texts of this purpose differ by; each with its name."""
    zone = ZoneInfo(clinic.time_zone)
    first = (now + timedelta(days=3)).astimezone(zone).replace(hour=10, minute=30, second=0, microsecond=0)
    while first.day < 10:  # a time that takes as much room as any
        first += timedelta(days=1)
    times = [(first + timedelta(days=3 * number), zone) for number in range(4)]
    link = f"{settings.PUBLIC_URL.rstrip('/')}/v/{LINK_END}/"
    one = Wording(sender=sender_name(clinic, language), phone=clinic.phone, link=link, visits=times[:1])
    if purpose is Purpose.REPLY:
        return [("one", replace(one, visits=[], words=ANSWERS.get(language, ANSWERS["en"])))]
    if purpose is Purpose.CHECK_IN:
        hours = answer_hours(clinic, language) or HOURS.get(language, HOURS["en"])
        one = replace(one, answer_hours=hours)
        return [("one", one), ("questions", replace(one, has_questions=True))]
    if purpose is Purpose.REMINDER:
        return [("one", one), ("next", replace(one, later=times[1:])), ("several", replace(one, visits=times))]
    if purpose is Purpose.INSTRUCTIONS:
        one = replace(
            one, needs_ride=True, asks_driver=True,
            food_until=first - timedelta(hours=6), drinks_until=first - timedelta(hours=2),
        )  # fmt: skip
        return [
            ("one", one),
            ("driver", replace(one, asks_driver=False)),
            ("next", replace(one, later=times[1:])),
            ("several", replace(one, visits=times)),
        ]
    found = [("one", one), ("several", replace(one, visits=times))]
    if purpose in MAY_BE_KEPT:
        found.append(("kept", replace(one, kept=times[1:2])))
    return found
