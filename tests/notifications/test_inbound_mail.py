"""Reading a letter: whose it is, what kind, which of ours it answers; pictures counted, never looked into."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.inbound_mail import MailKind, Unreadable, read_mail
from tests.notifications.letters import DESK, bounce, complaint, letter

KINDS = ["text/plain; charset=nonsense", "multipart/mixed", "text/html", "message/rfc822"]
OURS = "0f8fad5b-d9cb-469f-a165-70867728950e"


def test_a_reply_with_its_writer_words_and_the_letter_it_answers() -> None:
    mail = read_mail(letter("1\n\n> Hello,\n> your visit\n", answers=OURS))
    assert (mail.kind, mail.sender, mail.to, mail.text) == (MailKind.REPLY, "rosa@patients.test", (DESK,), "1")
    assert (mail.ours, mail.attachments) == ((UUID(OURS),), 0)


def test_the_newest_of_several_letters_it_refers_to_comes_first() -> None:
    other = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    mail = read_mail(
        letter("1", heads={"References": f"<{other}@harbor.test> <someone@else.test> <{OURS}@harbor.test>"})
    )
    assert mail.ours == (UUID(OURS), UUID(other))


def test_pictures_are_counted_and_left_out() -> None:
    mail = read_mail(letter("Look at my arm", picture=True))
    assert (mail.text, mail.attachments) == ("Look at my arm", 1)


def test_a_letter_in_html_alone_is_read() -> None:
    assert read_mail(letter("<p>Please call me</p>", html_only=True)).text == "Please call me"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied (vacation)"},
        {"Auto-Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"X-Autoreply": "yes"},
        {"Return-Path": "<>"},
        {"List-Id": "<news.list.test>"},
    ],
)
def test_a_machines_answer_is_known_for_one(headers: dict[str, str]) -> None:
    assert read_mail(letter("I am away until Monday", heads=headers)).kind is MailKind.AUTOMATIC


def test_a_letter_that_says_it_is_by_a_person_is() -> None:
    assert read_mail(letter("1", heads={"Auto-Submitted": "no"})).kind is MailKind.REPLY


def test_a_bounce_names_our_letter() -> None:
    mail = read_mail(bounce(OURS))
    assert (mail.kind, mail.ours) == (MailKind.BOUNCED, (UUID(OURS),))


@pytest.mark.parametrize(("status", "action"), [("4.2.2", "failed"), ("4.4.1", "delayed")])
def test_what_passes_is_only_a_delay(status: str, action: str) -> None:
    assert read_mail(bounce(OURS, status=status, action=action)).kind is MailKind.DELAYED


def test_a_report_of_delivery_is_no_bounce() -> None:
    assert read_mail(bounce(OURS, status="2.0.0", action="delivered")).kind is MailKind.DELAYED


def test_a_complaint_names_our_letter() -> None:
    mail = read_mail(complaint(OURS))
    assert (mail.kind, mail.ours) == (MailKind.COMPLAINT, (UUID(OURS),))


def test_the_same_letter_has_the_same_reference_and_another_text_another() -> None:
    one, again, other = (
        read_mail(letter(text, heads={"X-Hop": hop})) for text, hop in (("1", "a"), ("1", "b"), ("2", "a"))
    )
    assert one.reference == again.reference != other.reference


def test_letters_without_a_message_id_are_told_apart_by_their_words() -> None:
    assert read_mail(letter("1", reference="")).reference != read_mail(letter("2", reference="")).reference


def test_bytes_without_a_sender_are_no_letter() -> None:
    with pytest.raises(Unreadable):
        read_mail(b"\x00\xff nothing")


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading(raw: bytes) -> None:
    with suppress(Unreadable):
        read_mail(raw)


@given(
    st.binary(max_size=200),
    st.sampled_from(["text/plain; charset=nonsense", "multipart/mixed", "text/html", "message/rfc822"]),
)
def test_no_body_behind_a_good_head_breaks_the_reading(raw: bytes, kind: str) -> None:
    head = f"From: a@b.test\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    with suppress(Unreadable):
        read_mail(head + raw)
