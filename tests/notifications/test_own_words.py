"""A clinic's plain words become a message template that says times and link, and nothing else."""

from __future__ import annotations

import pytest
from django.template import Context, Engine
from hypothesis import given
from hypothesis import strategies as st

from notifications.own_words import BLANK, BLANKS, as_template, find_blank_faults

FACTS: dict[str, object] = {
    "sender": "Harbor",
    "link": "http://x/v/t/",
    "phone": "555",
    "visits": ["Mon"],
    "kept": [],
    "later": [],
}


def said(text: str, *, language: str = "en", in_lines: bool = False, **facts: list[str]) -> str:
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


@given(st.text(alphabet=st.characters(exclude_characters="{}", exclude_categories=["Cs"])), st.sampled_from(BLANKS))
def test_plain_words_stay_as_they_are(text: str, blank: str) -> None:
    # "{% %}" and "{{ }}" need braces, which plain words have not: no template language gets in.
    assert said(f"{text}|{{sender}}") == f"{text}|Harbor"
    assert find_blank_faults("x", f"{text} {{when}} {{link}} {{{blank}}}", channel="email") == []


@given(st.text(alphabet="{}% awhenlinksettings|.:"))
def test_what_passes_the_check_is_only_words_and_blanks(text: str) -> None:
    if not find_blank_faults("x", text, channel="email"):
        assert set(BLANK.findall(text)) <= set(BLANKS)
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
    assert any(found.startswith(fault) for found in find_blank_faults(subject, body, channel="sms"))


def test_mail_needs_a_subject_of_one_line() -> None:
    assert find_blank_faults(" ", "{when} {link}", channel="email") == ["An e-mail needs a subject."]
    assert find_blank_faults("a\nb", "{when} {link}", channel="email") == ["A subject is one line."]
