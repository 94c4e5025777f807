"""How times, dates, infusions and reasons are said: one place, so that pages, lists and what is read aloud agree."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import phonenumbers
from django.conf import settings
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_lazy as _
from psycopg.types.range import Range

from notifications.addresses import REGION
from notifications.models import Address, AddressKind
from scheduling.models import Appointment, OrderVersion, Patient, VisitKind, Weekday
from scheduling.why_not import WhyNot, Words
from scheduling.would_work import FINISH, Relaxation
from web.far_days import dated

# What a reason calls a resource by code.
RESOURCES: Mapping[str, str | Promise] = {
    "chairs": _("chairs"),
    "nurses": _("nurses"),
    "prescriber": _("prescribers"),
    "staff": _("staff"),
    "equipment": _("equipment"),
    "hours": _("opening hours"),
    "grid": _("start times"),
    "patient": _("patient"),
}
WEEKDAYS: Mapping[str, str | Promise] = {
    Weekday.MONDAY: _("Monday"),
    Weekday.TUESDAY: _("Tuesday"),
    Weekday.WEDNESDAY: _("Wednesday"),
    Weekday.THURSDAY: _("Thursday"),
    Weekday.FRIDAY: _("Friday"),
    Weekday.SATURDAY: _("Saturday"),
    Weekday.SUNDAY: _("Sunday"),
}
# Languages a patient may speak beside those that texts are written in.
OTHER_LANGUAGES: Mapping[str, str | Promise] = {
    "zh": _("Chinese"),
    "fr": _("French"),
    "ko": _("Korean"),
    "pt": _("Portuguese"),
    "ru": _("Russian"),
    "tl": _("Tagalog"),
    "vi": _("Vietnamese"),
    "und": _("another language"),
}


def clock(instant: datetime) -> str:
    """10:15 AM, in the zone of the page."""
    return _formatted(_local(instant), pgettext("time format", "g:i A"))


def wall_clock(wall: time) -> str:
    """10:15 AM, of a time of day that belongs to no day."""
    return _formatted(wall, pgettext("time format", "g:i A"))


def clock_range(start: datetime, end: datetime) -> str:
    """10:15 AM – 12:15 PM."""
    return f"{clock(start)} – {clock(end)}"


def soon(instant: datetime, today: date) -> str:
    """10:15 AM, or Mon, Dec 7, 10:15 AM on another day than today."""
    local = timezone.localtime(instant)
    return clock(local) if local.date() == today else f"{short_day(local)}, {clock(local)}"


def span(period: Range[datetime]) -> str:
    """Fri, Dec 25; Fri, Dec 25 – Sun, Dec 27; with times where a day is not meant whole."""
    start, end = timezone.localtime(period.lower), timezone.localtime(period.upper)
    last = end - timedelta(minutes=1)
    if (start.time(), end.time()) == (time(), time()):
        return short_date(start) if start.date() == last.date() else f"{short_date(start)} – {short_date(last)}"
    if start.date() == last.date():
        return f"{short_date(start)}, {clock_range(start, end)}"
    return f"{short_date(start)}, {clock(start)} – {short_date(end)}, {clock(end)}"


def long_day(day: date) -> str:
    """Monday, December 7."""
    return _formatted(_local(day), pgettext("date format", "l, F j"))


def short_day(day: date) -> str:
    """Mon, Dec 7."""
    return _formatted(_local(day), pgettext("date format", "D, M j"))


def long_date(day: date) -> str:
    """Monday, December 7; with its year where that is far."""
    return dated(day, long_day(day))


def short_date(day: date) -> str:
    """Mon, Dec 7; with its year where that is far."""
    return dated(day, short_day(day))


def month_day(day: date) -> str:
    """Dec 7: where there is no room for more."""
    return _formatted(_local(day), pgettext("date format", "M j"))


def full_date(day: date) -> str:
    """December 7, 1960: with the year, as birth dates need it."""
    return _formatted(_local(day), pgettext("date format", "F j, Y"))


def short_birth_date(day: date) -> str:
    """Dec 7, 1960."""
    return _formatted(day, pgettext("date format", "M j, Y"))


def weekday(key: str) -> str:
    """Monday, of a weekday's key."""
    return str(WEEKDAYS[key])


def visit_name(visit: Appointment) -> str:
    """Infusion 3 of 6, or what the clinic calls this kind of visit. Never what is given."""
    version = visit.order.current_version if visit.order else None
    number = visit.dose_number or visit.kept_for_number
    if number and version:
        return infusion_of(number, version.doses, word_of(version))
    if visit.review_after:
        return str(VisitKind.REVIEW.label)
    return visit.visit_type.name if visit.visit_type else str(visit.get_kind_display())


def word_of(version: OrderVersion | None) -> str:
    """What one infusion of an order is called, in its plan's own word; empty for "Infusion"."""
    return str(version.content.get("word", "")) if version else ""


def infusion_of(number: int, doses: int, word: str = "") -> str:
    """Infusion 3 of 6; Booster 1 of 4."""
    if word:
        return gettext("%(word)s %(number)s of %(doses)s") % {"word": word, "number": number, "doses": doses}
    return gettext("Infusion %(number)s of %(doses)s") % {"number": number, "doses": doses}


def infusion(number: int, word: str = "") -> str:
    """Infusion 2; Booster 2."""
    return infusions([number], word)


def infusions(numbers: Iterable[int], word: str = "") -> str:
    """Infusion 2; Infusions 1–3; Infusions 1, 3; Booster 1–3, for such words are not ours to put into the plural."""
    wanted = sorted(numbers)
    if word:
        is_run = len(wanted) > 1 and wanted == list(range(wanted[0], wanted[-1] + 1))
        return f"{word} {wanted[0]}–{wanted[-1]}" if is_run else f"{word} {', '.join(map(str, wanted))}"
    if len(wanted) == 1:
        return gettext("Infusion %(number)s") % {"number": wanted[0]}
    if wanted == list(range(wanted[0], wanted[-1] + 1)):
        return gettext("Infusions %(first)s–%(last)s") % {"first": wanted[0], "last": wanted[-1]}
    return gettext("Infusions %(numbers)s") % {"numbers": ", ".join(map(str, wanted))}


def said(reason: WhyNot | Words) -> str:
    """A reason why not in the language of the page."""
    values = {name: _in_words(value) for name, value in reason.values.items()}
    if "resources" in values:
        codes = str(values["resources"]).split(", ")
        values["resources"] = ", ".join(str(RESOURCES.get(code, code)) for code in codes)
    return gettext(reason.text) % values


def _in_words(value: object) -> object:
    if isinstance(value, Words):
        return said(value)
    if isinstance(value, tuple):
        return get_text_list([str(_in_words(one)) for one in value], gettext("and"))
    if isinstance(value, datetime):
        return clock(value)
    if isinstance(value, time):
        return wall_clock(value)
    return short_date(value) if isinstance(value, date) else value


def would_work(change: Relaxation) -> str:
    """What would work instead, in the language of the page, with the day on which the last infusion would be."""
    values = {name: _in_words(value) for name, value in change.values.items()}
    return f"{gettext(change.text)} {gettext(FINISH)}" % values


def language_name(code: str) -> str:
    """A language in the words of the page; the code itself for one nobody named here."""
    return str({**dict(settings.LANGUAGES), **OTHER_LANGUAGES}.get(code, code))


def address(address: Address) -> str:
    """A number as people write it; a mailbox, or what makes no sense, as it is."""
    if address.kind != AddressKind.PHONE or not address.value:
        return address.value or address.raw
    return phone_number(address.value)


def phone_number(value: str) -> str:
    """(212) 555-0123: a number as people of the country write it, one of another country with its code."""
    number = phonenumbers.parse(value)
    style = phonenumbers.PhoneNumberFormat
    home = phonenumbers.region_code_for_number(number) == REGION
    return str(phonenumbers.format_number(number, style.NATIONAL if home else style.INTERNATIONAL))


def look_alikes(patients: Iterable[Patient]) -> set[int]:
    """Ids of those among these who are easily taken for another: an initial, and how the family name begins, are alike.

    Accents and case don't matter, nor does the end: Gonzalez and Gonzáles are alike.
    """
    known: dict[tuple[str, str], set[int]] = {}
    for patient in patients:
        for name in (patient.preferred_name or patient.given_name, patient.given_name):
            known.setdefault((_bare(patient.family_name)[:4], _bare(name)[:1]), set()).add(patient.pk)
    return {pk for alike in known.values() if len(alike) > 1 for pk in alike}


def _bare(name: str) -> str:
    """The name in lower case, its letters without their marks."""
    return "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(one))


def _formatted(moment: date | time, pattern: str) -> str:
    # Without its zone: two instants are the same in all zones, and their wall clocks are not.
    wall = moment.replace(tzinfo=None) if isinstance(moment, datetime | time) else moment
    return _in_language(wall, pattern, get_language())


@lru_cache(maxsize=4096)
def _in_language(wall: date | time, pattern: str, language: str | None) -> str:
    """A page says the same few days and times many times over, and each costs as much as a row."""
    return formatted(wall, pattern)


def _local(moment: date) -> date:
    return timezone.localtime(moment) if isinstance(moment, datetime) else moment
