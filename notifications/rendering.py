"""Texts from template files by purpose, channel and language. Templates know times and a link, never a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.template import Context, Engine, Template

from notifications.notice_facts import ChannelName, Purpose
from notifications.said_times import DAYS, say_time, say_until
from notifications.segments import in_plain_letters, measure

FOLDER = Path(__file__).resolve().parent / "templates" / "notifications"
MOST_LATER_VISITS = 3
# What a text does without where it would take more segments: the later visits, then all times but the first and the
# clinic's telephone, which stands on the linked page.
MOST_SEGMENTS = {
    Purpose.REMINDER: 1, Purpose.MISSED: 1, Purpose.INSTRUCTIONS: 2, Purpose.BOOKING_CONFIRMATION: 2,
}  # fmt: skip
# Letters for the name a text is from and for its link: the shortest reminder with both is one segment, 160 letters.
LONGEST_SENDER, LONGEST_LINK = 24, 73
LONGEST_PHONE, LONGEST_HOURS = 40, 120
# Before the name of a text that is a clinic's own, whose versions are counted apart.
CLINICS_OWN = "clinic"


# Who a text is from where the clinic's own name would tell too much. The Spanish needs a qualified reviewer.
NEUTRAL_SENDERS = {"en": "Your clinic", "es": "Su clinica"}


class NoWording(Exception):
    """No text for this purpose and channel in the patient's language: a person calls, nobody translates by machine."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a template may say: discreet sender, phone, link, and times, each in its zone.

    `visits` are told, `kept` are told too but not firm yet, `later` come after them; `to_confirm`: a press on the
    linked page is asked for. `food_until` and `drinks_until` are of the first visit; `needs_ride`: somebody has to
    drive the patient home, `asks_driver`: and nobody knows yet who. `answer_hours`: when replies are read, in the
    clinic's words. `has_questions`: the linked page asks some. `words`: what a person chose to say.
    """

    sender: str
    phone: str
    link: str
    visits: Sequence[tuple[datetime, ZoneInfo]]
    later: Sequence[tuple[datetime, ZoneInfo]] = ()
    kept: Sequence[tuple[datetime, ZoneInfo]] = ()
    to_confirm: bool = True
    food_until: datetime | None = None
    drinks_until: datetime | None = None
    needs_ride: bool = False
    asks_driver: bool = False
    answer_hours: str = ""
    has_questions: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class OwnWords:
    """A clinic's own text in place of the shipped one, and its version."""

    subject: str
    body: str
    version: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text ready to go, and which template at which version said it."""

    template: str
    version: int
    language: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """A file's head (`version:`, for e-mail `subject:`) and its body."""

    version: int
    subject: Template
    body: Template


def render(
    *, purpose: Purpose, channel: ChannelName, language: str, wording: Wording, own: OwnWords | None = None
) -> Text:
    """The text in the patient's language ("es-MX" is served by "es"), in the clinic's own words where it has some.
    Refuses with NoWording where there is none.

    A text lists as many of the later visits as fit its segments, and where not even its own visits fit, the first of
    them. What a clinic is called is written in letters that keep a text's segments long.
    """
    language = base_language(language)
    name = f"{purpose}/{channel}.{language}.txt"
    file = _file_of(own) if own else _read(name)
    if file is None or language not in DAYS:
        raise NoWording(name)
    if own:
        name = f"{CLINICS_OWN}/{name}"
    text = Text(name, file.version, language, "", "")
    most = MOST_SEGMENTS.get(purpose) if channel is ChannelName.SMS else None
    if channel is ChannelName.SMS:
        wording = _in_plain_letters(wording, language)
    ever_shorter = [(count, False) for count in range(min(len(wording.later), MOST_LATER_VISITS), -1, -1)]
    for count, in_short in [*ever_shorter, (0, True)] if most else ever_shorter[:1]:
        context = Context({**_said(wording, language, channel, count), "in_short": in_short}, autoescape=False)
        body = file.body.render(context).strip() + "\n" * (channel is ChannelName.EMAIL)
        subject = " ".join(file.subject.render(context).split())
        text = Text(name, file.version, language, subject, body)
        if most is None or measure(body).count <= most:
            break
    return text


def render_to_send(
    *, purpose: Purpose, channel: ChannelName, language: str, wording: Wording, own: OwnWords | None = None
) -> Text:
    """As `render`, but what has to be one segment is one whatever happens: a clinic's own words that fitted when they
    were saved, and do not under a longer name or link, give way to the shipped ones."""
    text = render(purpose=purpose, channel=channel, language=language, wording=wording, own=own)
    one_segment = channel is ChannelName.SMS and MOST_SEGMENTS.get(purpose) == 1
    if own and one_segment and measure(text.body).count > 1:
        return render(purpose=purpose, channel=channel, language=language, wording=wording)
    return text


def can_write(language: str) -> bool:
    """Whether there are texts in a language at all."""
    return base_language(language) in DAYS


def _in_plain_letters(wording: Wording, language: str) -> Wording:
    # A name in another script can't be written at all.
    sender = in_plain_letters(wording.sender, most_units=LONGEST_SENDER) or NEUTRAL_SENDERS[language]
    phone = in_plain_letters(wording.phone, most_units=LONGEST_PHONE)
    hours = in_plain_letters(wording.answer_hours, most_units=LONGEST_HOURS) or wording.answer_hours
    return replace(wording, sender=sender, phone=phone, answer_hours=hours)


def _said(wording: Wording, language: str, channel: ChannelName, later: int) -> dict[str, object]:
    first = min(wording.visits, key=lambda one: one[0], default=None)
    return {
        "sender": wording.sender,
        "phone": wording.phone,
        "link": wording.link,
        "to_confirm": wording.to_confirm,
        "visits": [say_time(at, zone, language, channel) for at, zone in wording.visits],
        "kept": [say_time(at, zone, language, channel) for at, zone in wording.kept],
        "later": [say_time(at, zone, language, channel) for at, zone in wording.later[:later]],
        "food_until": say_until(wording.food_until, first, language, channel),
        "drinks_until": say_until(wording.drinks_until, first, language, channel),
        "needs_ride": wording.needs_ride,
        "asks_driver": wording.asks_driver,
        "answer_hours": wording.answer_hours,
        "has_questions": wording.has_questions,
        "words": wording.words,
    }


def base_language(language: str) -> str:
    """ "es" of "es-MX" or "es_MX"."""
    return language.lower().replace("_", "-").partition("-")[0]


def template_names() -> list[str]:
    """Every template file, as `purpose/channel.language.txt`."""
    return sorted(str(path.relative_to(FOLDER)) for path in FOLDER.glob("*/*.txt"))


def _file_of(own: OwnWords) -> TemplateFile:
    engine = Engine(autoescape=False)
    return TemplateFile(own.version, engine.from_string(own.subject), engine.from_string(own.body))


@cache
def _read(name: str) -> TemplateFile | None:
    path = FOLDER / name
    if not path.is_file():
        return None
    head, _, body = path.read_text().partition("\n\n")
    values = dict(line.split(": ", 1) for line in head.splitlines())
    engine = Engine(autoescape=False)
    return TemplateFile(
        version=int(values["version"]),
        subject=engine.from_string(values.get("subject", "")),
        body=engine.from_string(body),
    )
