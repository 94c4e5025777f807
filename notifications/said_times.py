"""Days and times as a message says them: short in a text, with its accents in a mail, in full where it is read aloud.
Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from notifications.notice_facts import ChannelName

# Abbreviations of our own: Spanish ones with accents would more than halve what a text can hold.
DAYS = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "es": ["lun", "mar", "mie", "jue", "vie", "sab", "dom"],
}
MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "es": ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
}
# A mail has room for the accents.
DAYS_WRITTEN = DAYS | {"es": ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"]}
# Nobody should have to read an abbreviation out. The Spanish needs a qualified reviewer.
DAYS_ALOUD = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "es": ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
}
MONTHS_ALOUD = {
    "en": [
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ],
    "es": [
        "enero", "febrero", "marzo", "abril", "mayo", "junio",
        "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
    ],
}  # fmt: skip


def say_time(at: datetime, zone: ZoneInfo, language: str, channel: ChannelName) -> str:
    """ "Thu Dec 3, 10:00 AM" or "jue 3 dic, 10:00" on the clinic's wall clock; in a call "Thursday, December 3 at
    10:00 AM" or "jueves 3 de diciembre a las 10:00"."""
    wall = at.astimezone(zone)
    time = say_clock(at, zone, language)
    if channel is ChannelName.CALL:
        day, month = DAYS_ALOUD[language][wall.weekday()], MONTHS_ALOUD[language][wall.month - 1]
        if language == "es":
            return f"{day} {wall.day} de {month} a las {time}"
        return f"{day}, {month} {wall.day} at {time}"
    days = DAYS if channel is ChannelName.SMS else DAYS_WRITTEN
    day, month = days[language][wall.weekday()], MONTHS[language][wall.month - 1]
    return f"{day} {wall.day} {month}, {time}" if language == "es" else f"{day} {month} {wall.day}, {time}"


def say_clock(at: datetime, zone: ZoneInfo, language: str) -> str:
    """ "10:00 AM" or "10:00" on the clinic's wall clock."""
    wall = at.astimezone(zone)
    return (
        f"{wall:%H:%M}" if language == "es" else f"{wall.hour % 12 or 12}:{wall:%M} {'PM' if wall.hour >= 12 else 'AM'}"
    )


def say_until(at: datetime | None, visit: tuple[datetime, ZoneInfo] | None, language: str, channel: ChannelName) -> str:
    """The time of day alone where it is on the visit's own day, else with its day; empty for none."""
    if at is None or visit is None:
        return ""
    start, zone = visit
    same_day = at.astimezone(zone).date() == start.astimezone(zone).date()
    return say_clock(at, zone, language) if same_day else say_time(at, zone, language, channel)
