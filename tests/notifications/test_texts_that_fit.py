"""A reminder is one segment and a confirmation two, whoever it is from and whatever a clinic words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifications.link_address import TOKEN_LETTERS
from notifications.notice_facts import ChannelName, Purpose
from notifications.rendering import LONGEST_LINK, LONGEST_SENDER, Text, Wording, render, render_to_send, template_names
from notifications.segments import in_plain_letters, measure
from notifications.wording import faults_of, own_words
from scheduling.models import Clinic
from tests import factories
from tests.counts import say
from tests.notifications.world import NOON

ZONE = ZoneInfo("America/New_York")
# Wednesday 30 September, 12:45 PM: no time is longer, in either language.
FIRST = datetime(2026, 9, 30, 16, 45, tzinfo=UTC)
TIMES = [(FIRST + timedelta(days=7 * number), ZONE) for number in range(40)]
LINK = "https://".ljust(LONGEST_LINK - len("/v//") - TOKEN_LETTERS, "x") + "/v/" + "A" * TOKEN_LETTERS + "/"
PHONE = "+1 212 555 0100"
LANGUAGES = st.sampled_from(["en", "es"])
SENDERS = st.text(max_size=LONGEST_SENDER) | st.text("aíñŁ€[ WÉ", min_size=20, max_size=LONGEST_SENDER)
PIECES = st.sampled_from(
    ["{sender}", "{when}", "{next}", "{link}", "{phone}", ": ", ". ", "See you ", "allí", "a" * 30]
)


def wording(sender: str, *, visits: int, kept: int = 0, later: int = 0, to_confirm: bool = True) -> Wording:
    told, after = TIMES[:visits], TIMES[visits + kept : visits + kept + later]
    return Wording(sender, PHONE, LINK, told, after, TIMES[visits : visits + kept], to_confirm)


def reminder(language: str, words: Wording, body: str = "") -> Text:
    own = own_words("", body, ChannelName.SMS, language) if body else None
    return render_to_send(purpose=Purpose.REMINDER, channel=ChannelName.SMS, language=language, wording=words, own=own)


@given(SENDERS, LANGUAGES, st.integers(1, 30), st.integers(0, 8), st.booleans())
@example("Clínica del Río y del Mar", "es", 2, 3, True)
@example("W" * 24, "en", 12, 0, False)
def test_a_reminder_is_one_segment_whoever_it_is_from(
    sender: str, language: str, visits: int, later: int, to_confirm: bool
) -> None:
    text = reminder(language, wording(sender, visits=visits, later=later, to_confirm=to_confirm))
    assert (measure(text.body).encoding, measure(text.body).count) == ("gsm-7", 1)
    assert LINK in text.body


@given(SENDERS, LANGUAGES, st.integers(1, 30), st.integers(0, 8), st.lists(PIECES, max_size=12))
@example("W" * 24, "en", 2, 0, ["{sender}", ": ", "See you ", "{when}", ". ", "{next}", "{link}"])
def test_so_it_is_in_a_clinics_own_words(
    sender: str, language: str, visits: int, later: int, pieces: Sequence[str]
) -> None:
    text = reminder(language, wording(sender, visits=visits, later=later), "{when}{link}" + "".join(pieces))
    assert measure(text.body).count == 1


@given(SENDERS, LANGUAGES, st.integers(0, 30), st.integers(0, 9), st.sampled_from(["booking_confirmation", "changed"]))
def test_new_and_changed_times_are_two_segments_at_most_and_name_a_telephone(
    sender: str, language: str, visits: int, kept: int, purpose: str
) -> None:
    words = wording(sender, visits=visits, kept=kept or not visits)
    text = render(purpose=Purpose(purpose), channel=ChannelName.SMS, language=language, wording=words)
    assert measure(text.body).count <= 2
    assert (PHONE in text.body) == (purpose == "booking_confirmation")


@given(SENDERS, LANGUAGES, st.integers(1, 30), st.sampled_from(["cancelled", "closure", "ride", "check_in", "missed"]))
def test_so_are_the_others(sender: str, language: str, visits: int, purpose: str) -> None:
    words = wording(sender, visits=visits)
    text = render(purpose=Purpose(purpose), channel=ChannelName.SMS, language=language, wording=words)
    assert measure(text.body).count <= (1 if purpose == "missed" else 2)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "you have 2 visits, the first "), ("es", "tiene 2 visitas, la ")]
)
def test_two_visits_are_both_named_where_there_is_room(language: str, said: str) -> None:
    assert said in reminder(language, wording("W" * 24, visits=2)).body
    short = wording("Harbor", visits=2)
    short = Wording(short.sender, "", "https://h.example/v/x/", short.visits)
    assert reminder(language, short).body.count("12:45") == 2


def test_a_name_with_accents_costs_no_segment_and_stays_readable() -> None:
    text = reminder("es", wording("Clínica del Río", visits=1)).body
    assert text.startswith("Clinica del Rio: su visita es el mie 30 sep, 12:45.")
    mail = render(
        purpose=Purpose.REMINDER, channel=ChannelName.EMAIL, language="es", wording=wording("Clínica del Río", visits=1)
    )
    assert "Clínica del Río" in mail.body


def test_a_name_that_texts_cannot_hold_gives_way_to_a_neutral_one() -> None:
    assert reminder("en", wording("東京", visits=1)).body.startswith("Your clinic: ")
    assert in_plain_letters("東京", most_units=LONGEST_SENDER) == ""


def test_own_words_that_no_longer_fit_give_way_to_the_shipped_ones() -> None:
    own = "{sender}: we look forward to seeing you {when}. {link}"
    assert reminder("en", wording("Harbor", visits=1), own).template.startswith("clinic/")
    assert reminder("en", wording("W" * 24, visits=2), own).template == "reminder/sms.en.txt"


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_lint_tries_a_reminder_of_several_visits(language: str) -> None:
    clinic: Clinic = factories.create_clinic()
    room = 160 - len(f"{clinic.name[:24]}: . ") - len("http://testserver/v//") - TOKEN_LETTERS
    when = {"en": "4 times, the first Thu Dec 31, 10:30 AM", "es": "4 horas, la primera mie 30 sep, 10:30"}[language]

    def faults(spare: int) -> list[str]:
        body = "{sender}: {when}. " + "a" * (room - len(when) - spare) + "{link}"
        return faults_of(clinic, Purpose.REMINDER, ChannelName.SMS, language, subject="", body=body, now=NOON)

    assert faults(4) == []
    assert [fault.startswith("A reminder must fit one SMS segment") for fault in faults(-4)] == [True]


def test_each_text_with_its_segments_is_said_at_the_end_of_a_run() -> None:
    """One line for each purpose and language: what a manager or a reviewer reads before a patient does."""
    names = [name for name in template_names() if "/sms." in name]
    assert len(names) == 22
    for name in names:
        purpose, language = name.partition("/")[0], name.split(".")[1]
        words = Wording(
            "Harbor Wellness", PHONE, "https://visits.example.org/v/" + "A" * TOKEN_LETTERS + "/", TIMES[:1],
            TIMES[1:2], food_until=FIRST - timedelta(hours=6), drinks_until=FIRST - timedelta(hours=2), needs_ride=True,
            asks_driver=True, answer_hours={"en": "Mon-Fri 8 to 5", "es": "lun-vie de 8 a 17"}[language],
            words={"en": "Yes, water is fine.", "es": "Claro, agua puede tomar."}[language],
        )  # fmt: skip
        text = render(purpose=Purpose(purpose), channel=ChannelName.SMS, language=language, wording=words)
        size = measure(text.body)
        say(f"{purpose} {language}: {size.count} segment{'s' * (size.count > 1)} ({size.units} units) | {text.body}")
        assert size.count == (1 if purpose in ("reminder", "missed", "reply") else size.count)
        assert size.count <= 2
