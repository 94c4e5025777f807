"""What a reply means: tables of what people really write in two languages, and that nothing makes the reading fail."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.reply_intent import Intent, Reading, read_reply
from notifications.reply_words import CANCELS, CONFIRMS, CONFIRMS_LOOSELY, STOPS
from tests.fakes.shared_inputs import read_json

MEANS: dict[Intent, list[str]] = {
    Intent.CONFIRM: [
        "1", " 1 ", "1.", "C", "c", "c!", "Confirm", "CONFIRMED", "confirmo", "Confirmado", "yes", "Yes!", "YES please",
        "y", "yep", "ok", "OK thanks", "Okay, see you then", "sí", "si", "Sí", "SÍ", "Si, gracias", "claro que sí",
        "de acuerdo", "👍", "👍🏽", "👍🏿 ", "✅", "ok 👍", "1️⃣", "I'll be there", "yes I will be there", "Ahí estaré",
        "Liked “Harbor Center: your visit is Thu Dec 3”", "vale", "ＯＫ", "yes maam",
    ],
    Intent.CALL_ME: [
        "2", "R", "r", "call", "call me", "Please call me", "can you call me back?", "Call me please!", "llámame",
        "Llámeme por favor", "me pueden llamar?", "reschedule", "reprogramar", "2️⃣",
    ],
    Intent.STOP: [
        "STOP", "stop", "Stop.", "StopAll", "stop all", "UNSUBSCRIBE", "unsubscribe me", "END", "quit", "Revoke",
        "OPTOUT", "opt out", "opt-out", "Opt me out please", "ARRET", "TD", "remove", "Remove me", "stpo", "sotp",
        "stp", "stopp", "Stop texting me", "please stop texting", "STOP PLEASE", "stop!!!",
        "Stop sending me these messages",
        "unsuscribe", "unsubcribe", "unsubscribed", "usnubscribe", "no mas", "No más", "no más mensajes", "basta",
        "alto", "darme de baja", "quiero darme de baja", "no me manden mensajes", "dejen de escribirme",
        "do not text me",
        "Don't contact me", "take me off your list", "leave me alone", "no more texts", "pls unsubscribe me from this",
    ],
    Intent.STOP_AND_CALL: ["CANCEL", "cancel", "Cancel please", "cancelar", "Cancele por favor", "cancle"],
    Intent.START: ["START", "unstop", "Start again", "opt in", "alta"],
    Intent.HELP: ["HELP", "info", "Help!", "ayuda", "Help me please"],
    Intent.LATE: [
        "running late", "I'm running a bit late", "10 min late", "Running 15 minutes late sorry", "voy 10 min tarde",
        "Voy tarde", "llego 20 minutos tarde", "10 minutos de retraso", "I will be half an hour late",
        "me atraso media hora", "1 hour late", "late by 10", "15 late",
    ],
    Intent.WRONG_NUMBER: [
        "wrong number", "Wrong number!", "You have the wrong number", "Sorry wrong person", "número equivocado",
        "Se equivocó de número", "Tiene el número equivocado", "This is not her phone", "Equivocado",
        "no longer his number",
    ],
    Intent.THANKS: ["thanks", "Thank you so much!", "thx", "gracias", "Muchas gracias", "🙏", "❤️", "thanks a lot"],
    Intent.OTHER: [
        "", "   ", "?", "no", "No", "yes?", "ok but I can't on Monday", "yes or no", "1 or 2", "1 2", "1 pm works",
        "cancel my appointment on Monday", "I want to cancel Thursday but keep the rest", "I have to stop my pills",
        "Don't stop texting me", "please don't call me", "I can't do this, I want to die", "No puedo más, quiero morir",
        "can I eat before?", "who is this", "👎", "👍👎", "yes 👎", "step", "shop", "see you later", "buenas tardes",
        "puedo ir mañana por la tarde?", "I gave you the wrong number, it is 212 555 0188", "late 500 min late",
        "好的", "да", "not running late", "ok?", "I will stop by at 9", "the end of the month", "Is parking free",
        "call my sister", "thanks but no", "I quit my job so I can come any day",
    ],
}  # fmt: skip
SAID = [(text, intent) for intent, texts in MEANS.items() for text in texts]


@pytest.mark.parametrize(("text", "intent"), SAID)
def test_a_reply_means_what_people_mean_by_it(text: str, intent: Intent) -> None:
    assert read_reply(text).intent is intent


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("10 min late", 10), ("voy 10 min tarde", 10), ("I'll be 5m late", 5), ("half an hour late", 30),
        ("media hora tarde", 30), ("1 hour late", 60), ("una hora tarde", 60), ("an hour late", 60),
        ("late by 20", 20), ("25 minutos de retraso", 25), ("running late", None), ("240 min late", 240),
    ],
)  # fmt: skip
def test_late_says_how_many_minutes(text: str, minutes: int | None) -> None:
    assert read_reply(text) == Reading(Intent.LATE, minutes)


@pytest.mark.parametrize("word", sorted(CONFIRMS))
def test_words_we_ask_for_are_a_plain_yes(word: str) -> None:
    assert read_reply(word) == Reading(Intent.CONFIRM)


@pytest.mark.parametrize("word", ["yes", "ok", "sí", "👍", "I'll be there", "Liked “See you”"])
def test_other_yeses_mean_something_after_a_question_only(word: str) -> None:
    assert read_reply(word) == Reading(Intent.CONFIRM, is_loose=True)


def test_every_carrier_word_opts_out() -> None:
    stop_words = read_json("real/twilio/behaviour.json")["stop_words"]
    opts_out = (Intent.STOP, Intent.STOP_AND_CALL)
    assert [word for word in stop_words if read_reply(word).intent not in opts_out] == []


@given(st.text(max_size=300))
def test_no_text_makes_the_reading_fail(text: str) -> None:
    reading = read_reply(text)
    assert reading.late_minutes is None or 0 < reading.late_minutes <= 240


SIGNS = ["👍", "👎", "\U0001f3fd", "\u200d", "\ufe0f", "\u20e3", "\u0301", " ", "\n", "?"]
NAUGHTY = st.sampled_from([*SIGNS, "1", "C", "stop", "cancel", "no", "tarde", "10", "min"])


@given(st.lists(NAUGHTY, max_size=12).map("".join))
def test_no_mix_of_signs_and_words_makes_the_reading_fail(text: str) -> None:
    read_reply(text)


@given(
    st.sampled_from([*STOPS, *CANCELS, *CONFIRMS, *CONFIRMS_LOOSELY]),
    st.sampled_from([str.upper, str.lower, str.title, str.capitalize]),
    st.sampled_from(["", " ", "\n", "  ", "\t"]),
    st.sampled_from(["", ".", "!", "!!", " ", " \n", " please", " gracias"]),
)
def test_case_space_and_politeness_do_not_change_a_meaning(word: str, case: object, before: str, after: str) -> None:
    assert callable(case)
    assert read_reply(before + case(word) + after).intent is read_reply(word).intent


@given(st.sampled_from([text for text, _ in SAID]), st.sampled_from(["NFC", "NFD"]))
def test_accents_mean_the_same_however_they_are_written(text: str, form: str) -> None:
    assert read_reply(unicodedata.normalize(form, text)) == read_reply(text)  # type: ignore[arg-type]


def test_a_very_long_text_is_read_quickly_and_is_for_a_person() -> None:
    assert read_reply("late 10 min " * 50_000).intent is Intent.LATE
    assert read_reply("stop " + "a" * 1_000_000).intent is Intent.OTHER
