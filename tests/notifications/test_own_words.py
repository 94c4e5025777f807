"""A clinic's plain words become a message template that says times and link, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import Context, Engine
from hypothesis import given
from hypothesis import strategies as st

from notifications.blanks import BLANK, blanks_of, find_blank_faults, needed_in
from notifications.notice_facts import Purpose
from notifications.own_words import as_template

BOOKED = Purpose.BOOKING_CONFIRMATION
FACTS: dict[str, object] = {
    "sender": "Harbor",
    "link": "http://x/v/t/",
    "phone": "555",
    "visits": ["Mon"],
    "kept": [],
    "later": [],
}


def said(text: str, *, language: str = "en", in_lines: bool = False, **facts: object) -> str:
    template = Engine(autoescape=False).from_string(as_template(text, language=language, in_lines=in_lines))
    return template.render(Context(FACTS | facts, autoescape=False))


@pytest.mark.parametrize(
    ("facts", "when"),
    [
        ({}, "Mon"),
        ({"visits": ["Mon", "Wed"]}, "Mon; Wed"),
        ({"visits": ["Mon", "Wed", "Fri"]}, "3 times, the first Mon"),
        ({"visits": [], "kept": ["Fri"]}, "Fri (kept for you, not firm)"),
        ({"kept": ["Fri", "Sat"]}, "Mon; Fri (kept for you, not firm); Sat (kept for you, not firm)"),
        ({"kept": ["1", "2", "3"]}, "Mon; 3 times, the first 1 (kept for you, not firm)"),
    ],
)
def test_times_are_said_in_a_row_in_a_text(facts: dict[str, list[str]], when: str) -> None:
    template = Engine(autoescape=False).from_string(as_template("On {when}.", language="en", in_lines=False))
    assert template.render(Context(FACTS | facts, autoescape=False)) == f"On {when}."


def test_times_stand_in_lines_in_a_mail() -> None:
    assert said("On:\n  {when}\nBye", in_lines=True, visits=["Mon", "Wed"], kept=["Fri"]) == (
        "On:\n  Mon\n  Wed\n  Fri (kept for you, not firm)\nBye"
    )


def test_next_times_come_with_their_space_or_not_at_all() -> None:
    assert said("{when}. {next} {link}") == "Mon. http://x/v/t/"
    assert said("{when}. {next} {link}", later=["Wed", "Fri"]) == "Mon. Next: Wed; Fri. http://x/v/t/"
    assert said("{when}. {next} {link}", language="es", later=["mie"]) == "Mon. Siguen: mie. http://x/v/t/"


@given(st.text(alphabet=st.characters(exclude_characters="{}", exclude_categories=["Cs"])), st.sampled_from(Purpose))
def test_plain_words_stay_as_they_are(text: str, purpose: Purpose) -> None:
    # "{% %}" and "{{ }}" need braces, which plain words have not: no template language gets in.
    assert said(f"{text}|{{sender}}") == f"{text}|Harbor"
    blanks = " ".join(f"{{{name}}}" for name in blanks_of(purpose))
    assert find_blank_faults("x", f"{text} 911 {blanks}", purpose=purpose, channel="email") == []


@given(st.text(alphabet="{}% awhenlinksettings|.:"), st.sampled_from(Purpose))
def test_what_passes_the_check_is_only_words_and_blanks(text: str, purpose: Purpose) -> None:
    if not find_blank_faults("x", text, purpose=purpose, channel="email"):
        assert set(BLANK.findall(text)) <= set(blanks_of(purpose))
        said(text)


@pytest.mark.parametrize(
    ("subject", "body", "fault"),
    [
        ("", "{when}", "The text has to have {link} in it."),
        ("", "{link}", "The text has to have {when} in it."),
        ("", "{when} {link} {name}", "“{name}” is no blank. There are: {sender}, {when}, {next}, {link}, {phone}."),
        ("", "{when} {link} {{ settings }}", "Braces stand around blanks alone."),
        ("", "{when} {link} {% debug %}", "“{% debug %}” is no blank."),
        ("{name}", "{when} {link}", "“{name}” is no blank."),
    ],
)
def test_wrong_blank_is_named(subject: str, body: str, fault: str) -> None:
    assert any(found.startswith(fault) for found in find_blank_faults(subject, body, purpose=BOOKED, channel="sms"))


def test_mail_needs_a_subject_of_one_line() -> None:
    for subject, fault in ((" ", "An e-mail needs a subject."), ("a\nb", "A subject is one line.")):
        assert find_blank_faults(subject, "{when} {link}", purpose=BOOKED, channel="email") == [fault]


@pytest.mark.parametrize("purpose", Purpose)
def test_what_has_to_be_there_is_a_blank_there_is_and_is_asked_for(purpose: Purpose) -> None:
    assert set(needed_in(purpose)) <= set(blanks_of(purpose))
    faults = find_blank_faults("x", "words", purpose=purpose, channel="email")
    assert faults[: len(needed_in(purpose))] == [
        f"The text has to have {{{name}}} in it." for name in needed_in(purpose)
    ]


def test_a_check_in_names_the_emergency_number_and_may_have_a_link() -> None:
    text = "{sender}: how were you since {when}? {hours}"
    assert find_blank_faults("", text, purpose=Purpose.CHECK_IN, channel="sms") == [
        "The text has to say whom to call in an emergency: 911."
    ]
    assert find_blank_faults("", f"{text} 911 {{link}}", purpose=Purpose.CHECK_IN, channel="sms") == []


@pytest.mark.parametrize(
    ("facts", "row"),
    [
        ({"food_until": "4 AM", "drinks_until": "8 AM"}, "No food after 4 AM. Clear drinks until 8 AM."),
        ({"food_until": "4 AM"}, "No food after 4 AM."),
        ({"drinks_until": "8 AM", "needs_ride": True}, "Clear drinks until 8 AM. Remember your ride home."),
        ({"needs_ride": True, "asks_driver": True}, "Somebody has to drive you home: tell us who."),
    ],
)
def test_how_to_prepare_is_said_as_far_as_it_is_asked_for(facts: dict[str, Any], row: str) -> None:
    assert said("{when}. {prepare} {link}", **facts) == f"Mon. {row} http://x/v/t/"
    in_lines = said("{prepare}", in_lines=True, **facts).split("\n")
    assert len(in_lines) == len(facts) - ("asks_driver" in facts)


def test_hours_come_with_their_space_or_not_at_all() -> None:
    assert said("Well? {hours} 911") == "Well? 911"
    assert said("Well? {hours} 911", answer_hours="8 to 5") == "Well? We read answers 8 to 5. 911"
