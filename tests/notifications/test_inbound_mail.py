"""Reading a letter: whose it is, what kind, which of ours it answers; pictures counted, never looked into."""

from __future__ import annotations

from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import inbound_mail
from notifications.calendar_replies import CalendarAnswer, Said
from notifications.inbound_mail import MailKind, Unreadable, read_mail
from tests.notifications.letters import DESK, bounce, complaint, letter, pressed

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


@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ("nonsense", "Ahí estaré".encode(), "Ahí estaré"),
        ("x-unknown", "Ahí estaré".encode("latin-1"), "Ahí estaré"),
        ("windows-31j-x", b"call me \xff\x81", "call me ÿ"),
        ("utf-8", "Ahí".encode("latin-1"), "Ah\ufffd"),
        ("", "Ahí estaré".encode(), "Ahí estaré"),
    ],
)
def test_a_letter_in_an_alphabet_nobody_knows_is_read_all_the_same(charset: str, raw: bytes, text: str) -> None:
    kind = f"; charset={charset}" if charset else ""
    head = f"From: rosa@patients.test\r\nContent-Type: text/plain{kind}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    mail = read_mail(head.encode() + raw)
    assert (mail.sender, mail.text) == ("rosa@patients.test", text + ("\ufffd" if "31j" in charset else ""))


@pytest.mark.parametrize("kind", KINDS)
@given(raw=st.binary(max_size=200))
def test_no_letter_that_names_its_sender_is_sent_back(kind: str, raw: bytes) -> None:
    head = f"From: a@b.test\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    assert read_mail(head + raw).sender == "a@b.test"


def test_a_letter_whose_reading_fails_goes_to_a_person_with_all_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise AttributeError("a defect of the standard library")

    monkeypatch.setattr(inbound_mail, "words_of", breaks)
    mail = read_mail(letter("Please call me", answers=OURS))
    assert (mail.kind, mail.sender, mail.text) == (MailKind.REPLY, "rosa@patients.test", "Please call me")
    assert (mail.to, mail.ours, mail.subject) == ((DESK,), (UUID(OURS),), "Re: Your visit")


def test_the_subject_is_kept_on_one_line() -> None:
    assert read_mail(letter("1", subject="=?utf-8?q?Ma=C3=B1ana?=")).subject == "Mañana"


def in_page(*, picture: bytes = b"a logo", ident: str = "<logo@x>", related: bool = True, shown: bool = True) -> bytes:
    """A letter with a page whose signature shows a picture."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "rosa@patients.test", DESK
    message.set_content("Please call me")
    message.add_alternative(f"<p>Please call me</p>{'<img src=cid:logo@x>' if shown else ''}", subtype="html")
    page = message.get_payload()[1]  # type: ignore[index]
    if related:
        page.add_related(picture, maintype="image", subtype="png", cid=ident)  # type: ignore[union-attr]
    else:
        message.add_attachment(picture, maintype="image", subtype="png", cid=ident, disposition="inline")
    return message.as_bytes()


def test_the_logo_of_a_signature_is_no_picture() -> None:
    assert read_mail(in_page()).attachments == 0
    assert read_mail(in_page(related=False)).attachments == 0


def test_a_photograph_in_the_page_is_one_and_so_is_one_that_the_page_does_not_show() -> None:
    assert read_mail(in_page(picture=b"x" * 65 * 1024)).attachments == 1
    assert read_mail(in_page(related=False, shown=False)).attachments == 1


@pytest.mark.parametrize("as_file", [False, True])
@pytest.mark.parametrize("said", ["accepted", "declined", "tentative"])
def test_what_was_pressed_in_a_calendar_is_read_and_is_no_picture(said: str, *, as_file: bool) -> None:
    mail = read_mail(pressed("a-uid", said.upper(), sequence=3, as_file=as_file))
    assert mail.calendar == (CalendarAnswer("a-uid", 3, Said(said)),)
    assert (mail.kind, mail.attachments) == (MailKind.REPLY, 0)


def test_a_calendars_letter_is_a_persons_though_it_says_that_it_is_automatic() -> None:
    mail = read_mail(pressed("a-uid", "ACCEPTED", heads={"Auto-Submitted": "auto-generated"}))
    assert mail.kind is MailKind.REPLY


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
