"""Every template at its longest: discreet, of the promised size, with nothing a template should not know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import pytest

from notifications.link_address import TOKEN_BYTES
from notifications.notice_facts import ChannelName, Purpose
from notifications.rendering import FOLDER, NoWording, OwnWords, Text, Wording, render, template_names
from notifications.said_times import say_time
from notifications.segments import measure
from notifications.wording_lint import ONE_SEGMENT_PURPOSES, find_faults

ZONE = ZoneInfo("America/New_York")
# Wednesday 30 September, 12:45 PM: the longest a time gets in both languages.
LONGEST = datetime(2026, 9, 30, 16, 45, tzinfo=UTC)
SENDER = "Harbor Wellness Center N"
LINK = "https://visits.harbor-center.example/v/" + "A" * ceil(TOKEN_BYTES * 4 / 3) + "/"


# An answer is a person's words. Who is asked after has a link where it leads to questions.
PLANNED = [purpose for purpose in Purpose if purpose is not Purpose.REPLY]
VERSION_TWO = ("booking_confirmation", "reminder", "changed", "instructions")
WORDED_AGAIN = ("booking_confirmation", "reminder", "missed")
ASKED_AFTER = "check_in"


def parts_of(name: str) -> tuple[str, str, str]:
    """(purpose, channel, language) of a template's name."""
    purpose, _, rest = name.partition("/")
    channel, language, _ = rest.split(".")
    return purpose, channel, language


def text_of(
    name: str,
    *,
    visits: int,
    later: int = 0,
    kept: int = 0,
    to_confirm: bool = True,
    asks_driver: bool = True,
    has_questions: bool = True,
) -> Text:
    purpose, channel, language = parts_of(name)
    times = [(LONGEST + timedelta(days=7 * number), ZONE) for number in range(visits + later + kept)]
    told, after, waiting = times[:visits], times[visits : visits + later], times[visits + later :]
    wording = Wording(
        SENDER, "+1 212 555 0100", LINK, told, after, waiting, to_confirm,
        food_until=LONGEST - timedelta(days=1), drinks_until=LONGEST - timedelta(hours=2), needs_ride=True,
        asks_driver=asks_driver, answer_hours="Monday to Friday, 8 to 17, but for holidays", words="As you say. " * 10,
        has_questions=has_questions,
    )  # fmt: skip
    return render(purpose=Purpose(purpose), channel=ChannelName(channel), language=language, wording=wording)


def test_every_purpose_has_a_text_for_each_channel_in_both_languages() -> None:
    """An answer in writing is never said on the telephone."""
    answers = [f"reply/{channel}.{language}.txt" for channel in ("email", "sms") for language in ("en", "es")]
    assert template_names() == sorted(
        answers
        + [
            f"{purpose}/{channel}.{language}.txt"
            for purpose in PLANNED
            for channel in ChannelName
            for language in ("en", "es")
        ]
    )


@pytest.mark.parametrize("name", template_names())
@pytest.mark.parametrize(
    ("visits", "later", "kept"),
    [(1, 0, 0), (1, 5, 0), (6, 0, 0), (2, 3, 0), (6, 0, 1), (6, 0, 6), (0, 0, 1), (0, 0, 6)],
)
def test_text_at_its_longest_has_no_fault(name: str, visits: int, later: int, kept: int) -> None:
    purpose, channel, language = parts_of(name)
    if not visits and purpose not in ("booking_confirmation", "changed"):
        return
    text = text_of(name, visits=visits, later=later, kept=kept)
    for said in (text.body, text.subject or "no subject"):
        assert find_faults(said, channel=channel, purpose=purpose, language=language) == []
    version = 2 if purpose in VERSION_TWO and (channel != "call" or purpose == "instructions") else 1
    version += name == "booking_confirmation/sms.es.txt" or (channel, language) == ("call", "es")
    version += (channel == "sms" and purpose in WORDED_AGAIN) or (channel != "call" and purpose == ASKED_AFTER)
    assert (text.version, text.template, "\xa0" in text.body) == (version, name, False)
    assert (LINK in text.body) == (channel != "call" and purpose != "reply")
    assert bool(text.subject) == (channel == "email")
    if channel == "sms":
        assert measure(text.body).encoding == "gsm-7"
        assert measure(text.body).count <= (1 if purpose in ONE_SEGMENT_PURPOSES else 2)


@pytest.mark.parametrize("name", [f"check_in/{c}.{lang}.txt" for c in ("sms", "email") for lang in ("en", "es")])
def test_a_check_in_without_questions_has_no_link_and_says_how_to_answer(name: str) -> None:
    text = text_of(name, visits=1, has_questions=False).body
    assert LINK not in text
    assert "+1 212 555 0100" in text


@pytest.mark.parametrize("name", template_names())
def test_template_source_is_free_of_faults_too(name: str) -> None:
    purpose = name.partition("/")[0]
    assert find_faults((FOLDER / name).read_text(), channel="source", purpose=purpose, language="") == []


@pytest.mark.parametrize("name", [f"instructions/{c}.{lang}.txt" for c in ChannelName for lang in ("en", "es")])
def test_instructions_say_the_clock_and_ask_for_a_driver_only_while_none_is_known(name: str) -> None:
    _purpose, channel, language = parts_of(name)
    english, aloud = language == "en", channel == "call"
    asking, knowing = (text_of(name, visits=1, asks_driver=asks).body for asks in (True, False))
    for text in (asking, knowing):
        if aloud:
            assert ("Tuesday, September 29 at 12:45 PM" if english else "martes 29 de septiembre a las 12:45") in text
        else:
            assert ("Tue Sep 29, 12:45 PM" if english else "mar 29 sep, 12:45") in text
        assert ("10:45 AM" if english else "10:45") in text
    assert asking != knowing
    assert [("tell us who" in text or "who will that be" in text) for text in (asking, knowing)] == [english, False]


def test_the_clinics_own_words_take_the_place_of_the_shipped_ones() -> None:
    own = OwnWords("{{ sender }} again", "{{ visits.0 }} at {{ sender }}", 7)
    wording = Wording(SENDER, "", LINK, [(LONGEST, ZONE)])
    text = render(
        purpose=Purpose.REMINDER, channel=ChannelName.EMAIL, language="en", wording=wording, own=own
    )  # fmt: skip
    assert (text.subject, text.body, text.version) == (f"{SENDER} again", f"{WHEN} at {SENDER}\n", 7)


@pytest.mark.parametrize("name", ["instructions/sms.en.txt", "instructions/sms.es.txt"])
def test_instructions_list_the_later_visits_as_far_as_two_segments_go(name: str) -> None:
    text = text_of(name, visits=1, later=4).body
    assert measure(text).count == 2
    assert text.count("12:45") == 1 + 1 + 2
    assert text_of(name, visits=1).body.count("12:45") == 2


def test_reminder_lists_as_many_later_visits_as_fit_one_segment() -> None:
    text = text_of("reminder/sms.en.txt", visits=1, later=5)
    assert text.body == (f"{SENDER}: your visit is Wed Sep 30, 12:45 PM. Next: Wed Oct 7, 12:45 PM. Confirm: {LINK}")


WHEN, WHEN_ES = "Wed Sep 30, 12:45 PM", "mie 30 sep, 12:45"


@pytest.mark.parametrize(
    ("name", "visits", "kept", "said"),
    [
        ("booking_confirmation/sms.en.txt", 2, 1,
         f"your 2 visits are booked, the first for {WHEN}. 1 more time is kept for you and will be confirmed later."),
        ("booking_confirmation/sms.en.txt", 0, 2, f"we keep 2 times for you, the first {WHEN}, and will confirm them"),
        ("booking_confirmation/sms.es.txt", 1, 2,
         f"su visita queda reservada para el {WHEN_ES}. Le guardamos 2 fechas y las confirmaremos luego."),
        ("booking_confirmation/email.en.txt", 1, 2, "These times are kept for you and will be confirmed later:"),
        ("booking_confirmation/email.es.txt", 1, 1, "Le guardamos esta hora y la confirmaremos más adelante:"),
        ("changed/sms.en.txt", 0, 1, f"we now keep {WHEN} for you and will confirm it later."),
        ("changed/sms.es.txt", 0, 1, f"ahora le guardamos el {WHEN_ES} y lo confirmaremos luego."),
        ("changed/email.en.txt", 0, 2, f"These new times are kept for you at {SENDER} and will be confirmed later:"),
        ("changed/email.es.txt", 0, 2, f"estas nuevas horas en {SENDER} y las confirmaremos más adelante:"),
    ],
)  # fmt: skip
def test_times_that_are_only_kept_are_not_called_booked(name: str, visits: int, kept: int, said: str) -> None:
    text = text_of(name, visits=visits, kept=kept, to_confirm=visits > 0)
    assert said in text.body
    if not visits:
        both = text.subject + text.body
        wrong = ("booked", "reservad", "to confirm", "and confirm", "para confirmar", "y confirme")
        assert [word for word in wrong if word in both] == []


@pytest.mark.parametrize("name", template_names())
def test_nothing_is_asked_for_where_all_is_confirmed(name: str) -> None:
    text = text_of(name, visits=1, to_confirm=False).body.lower()
    assert "confirm" not in text


@pytest.mark.parametrize("language", ["vi", "", "pt-BR"])
def test_language_without_a_template_is_refused(language: str) -> None:
    with pytest.raises(NoWording):
        render(
            purpose=Purpose.REMINDER, channel=ChannelName.SMS, language=language,
            wording=Wording(SENDER, "", LINK, [(LONGEST, ZONE)], []),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("hour", "english", "spanish"),
    [(0, "12:15 AM", "0:15"), (9, "9:15 AM", "9:15"), (12, "12:15 PM", "12:15"), (23, "11:15 PM", "23:15")],
)
def test_times_are_said_on_the_clinics_clock(hour: int, english: str, spanish: str) -> None:
    at = datetime(2026, 3, 4, hour, 15, tzinfo=ZONE).astimezone(UTC)
    assert say_time(at, ZONE, "en", ChannelName.SMS) == f"Wed Mar 4, {english}"
    assert say_time(at, ZONE, "es", ChannelName.SMS) == f"mie 4 mar, {spanish.zfill(5)}"


@pytest.mark.parametrize(
    ("day", "text", "mail", "call"),
    [
        (2, "mie 2 dic, 10:00", "mié 2 dic, 10:00", "miércoles 2 de diciembre a las 10:00"),
        (5, "sab 5 dic, 10:00", "sáb 5 dic, 10:00", "sábado 5 de diciembre a las 10:00"),
    ],
)
def test_a_text_alone_does_without_accents_and_a_call_is_read_aloud_in_full(
    day: int, text: str, mail: str, call: str
) -> None:
    at = datetime(2026, 12, day, 10, 0, tzinfo=ZONE)
    wording = Wording(SENDER, "", LINK, [(at, ZONE)])
    for channel, said in ((ChannelName.SMS, text), (ChannelName.EMAIL, mail), (ChannelName.CALL, call)):
        body = render(purpose=Purpose.REMINDER, channel=channel, language="es", wording=wording).body
        assert said in body, channel


def test_a_call_in_english_names_day_and_month_in_full() -> None:
    wording = Wording(SENDER, "", LINK, [(datetime(2026, 11, 30, 15, 30, tzinfo=ZONE), ZONE)])
    text = render(purpose=Purpose.REMINDER, channel=ChannelName.CALL, language="en", wording=wording)
    assert "your visit on Monday, November 30 at 3:30 PM." in text.body


@pytest.mark.parametrize("name", [name for name in template_names() if name.endswith("/call.es.txt")])
def test_a_call_in_spanish_greets_at_any_hour(name: str) -> None:
    text = text_of(name, visits=1)
    assert text.body.startswith("Hola, ")
    assert "aseguraremos" not in text_of(name, visits=1, kept=1).body


def test_a_call_in_spanish_asks_for_the_number_of_who_drives() -> None:
    assert "¿Quién será y en qué número podemos llamar a esa persona?" in text_of("ride/call.es.txt", visits=1).body
