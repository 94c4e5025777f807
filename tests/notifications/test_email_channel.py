"""What only the e-mail channel has: its headers, and that clear text is never the answer where TLS was asked for."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notifications.channels.email import EmailChannel
from notifications.channels.mail_server import MailServer
from notifications.channels.outcomes import REASONS, Accepted, Refused
from tests.fakes.smtp_server import Mode, SmtpServer, running_smtp_server
from tests.notifications.test_channels import A_FILE, PATIENCE, outgoing

CERTIFICATE = Path(__file__).resolve().parent.parent / "fakes" / "localhost.pem"
ANA = "ana@patients.test"
NO_TLS = Refused("no_tls", permanent=False, message=REASONS["no_tls"].words)


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with running_smtp_server() as running:
        yield running


def send(url: str) -> object:
    return EmailChannel(MailServer.from_url(url), total_seconds=PATIENCE).send(outgoing(ANA))


def test_headers_and_text_arrive_as_given(server: SmtpServer) -> None:
    message = outgoing(ANA, sender_name="Harbor Center")
    EmailChannel(MailServer.from_url(server.url)).send(message)
    mail = server.ledger[0]
    assert mail.text == message.body
    assert mail.sender == "desk@harbor.test"
    assert {name: mail.message[name] for name in ("From", "To", "Subject", "Message-ID", "Auto-Submitted")} == {
        "From": "Harbor Center <desk@harbor.test>",
        "To": ANA,
        "Subject": "Your visit",
        "Message-ID": f"<{message.message_id}@harbor.test>",
        "Auto-Submitted": "auto-generated",
    }


def test_unsubscribe_link_stands_in_the_head_in_one_line(server: SmtpServer) -> None:
    link = f"https://messages.harbor-center.test/u/{'x' * 43}/"
    message = outgoing(ANA, unsubscribe_url=link)
    channel = EmailChannel(MailServer.from_url(server.url))
    assert f"\r\nList-Unsubscribe: <{link}>\r\n".encode() in channel.compose(message).as_bytes()
    channel.send(message)
    head = server.ledger[0].message
    assert (head["List-Unsubscribe"], head["List-Unsubscribe-Post"]) == (f"<{link}>", "List-Unsubscribe=One-Click")


def test_mail_without_an_unsubscribe_link_promises_none(server: SmtpServer) -> None:
    EmailChannel(MailServer.from_url(server.url)).send(outgoing(ANA))
    assert server.ledger[0].message["List-Unsubscribe-Post"] is None


def test_file_arrives_byte_for_byte_beside_the_text(server: SmtpServer) -> None:
    message = outgoing(ANA, attachments=(A_FILE,), unsubscribe_url="https://desk.test/u/x/")
    EmailChannel(MailServer.from_url(server.url)).send(message)
    [mail] = server.ledger
    assert mail.text == message.body
    assert mail.message["List-Unsubscribe"] == "<https://desk.test/u/x/>"
    [file] = mail.message.iter_attachments()
    assert file.get_payload(decode=True) == A_FILE.content
    assert (file.get_content_type(), file.get_filename()) == ("text/calendar", "visits.ics")
    assert (file.get_param("method"), file.get_param("charset")) == ("PUBLISH", "utf-8")


def test_mail_without_a_file_is_one_plain_part(server: SmtpServer) -> None:
    EmailChannel(MailServer.from_url(server.url)).send(outgoing(ANA))
    assert server.ledger[0].message.get_content_type() == "text/plain"


@pytest.mark.parametrize("header", ["subject", "sender_name"])
def test_line_break_in_a_header_is_a_refusal(server: SmtpServer, header: str) -> None:
    message = outgoing(ANA, **{header: "Hello\r\nBcc: x@y.test"})
    outcome = EmailChannel(MailServer.from_url(server.url)).send(message)
    assert outcome == Refused("unsendable", permanent=True, message=REASONS["unsendable"].words)
    assert server.ledger == []


def test_certificates_that_cannot_be_read_are_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="ca="):
        MailServer.from_url("smtp://mail.example?from=a@b.test&ca=/nowhere/at/all.pem")


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("550 5.1.1 No such mailbox", "bad_mailbox"),
        ("550 No such mailbox", "bad_mailbox"),
        ("551 5.1.6 Moved away", "bad_mailbox"),
        ("550 5.7.1 Relaying denied", "rejected"),
        ("553 5.1.8 Your domain does not exist", "rejected"),
        ("550 5.2.2 Mailbox full", "rejected"),
    ],
)
def test_only_a_mailbox_that_is_not_there_stops_it(
    server: SmtpServer, monkeypatch: pytest.MonkeyPatch, said: str, word: str
) -> None:
    async def answer(*_: object) -> str:
        return said

    monkeypatch.setattr(SmtpServer, "handle_RCPT", answer)
    outcome = send(server.url)
    assert outcome == Refused(word, permanent=True, message=REASONS[word].words)
    assert REASONS[word].stops_address == (word == "bad_mailbox")


def test_text_refused_after_it_was_given_is_a_refusal(server: SmtpServer) -> None:
    server.mode = Mode.REJECT_TEXT
    assert send(server.url) == Refused("rejected", permanent=True, message=REASONS["rejected"].words)


def test_starttls_refused_sends_nothing_in_clear(server: SmtpServer) -> None:
    assert send(f"{server.url}&tls=starttls") == NO_TLS
    assert (server.ledger, server.said_in_clear) == ([], [])


def test_tls_asked_of_a_clear_text_server_sends_nothing(server: SmtpServer) -> None:
    assert isinstance(send(f"{server.url}&tls=ssl"), Refused)
    assert server.ledger == []


@pytest.mark.parametrize("whole_tls", [False, True], ids=["starttls", "ssl"])
def test_unknown_certificate_sends_nothing(whole_tls: bool) -> None:
    with running_smtp_server(certificate=CERTIFICATE, whole_tls=whole_tls) as server:
        assert send(f"{server.url}&tls={'ssl' if whole_tls else 'starttls'}") == NO_TLS
        assert (server.ledger, server.said_in_clear) == ([], [])


@pytest.mark.parametrize("whole_tls", [False, True], ids=["starttls", "ssl"])
def test_trusted_certificate_sends_over_tls(whole_tls: bool) -> None:
    with running_smtp_server(certificate=CERTIFICATE, whole_tls=whole_tls) as server:
        outcome = send(f"{server.url}&tls={'ssl' if whole_tls else 'starttls'}&ca={CERTIFICATE}")
        assert isinstance(outcome, Accepted)
        assert [mail.over_tls for mail in server.ledger] == [True]


@pytest.mark.parametrize(
    ("url", "tls", "port"),
    [
        ("smtp://mail.example?from=a@b.test", "starttls", 587),
        ("smtp://mail.example?from=a@b.test&tls=ssl", "ssl", 465),
        ("smtp://localhost?from=a@b.test", "none", 25),
    ],
)
def test_tls_is_the_default_beyond_this_machine(url: str, tls: str, port: int) -> None:
    server = MailServer.from_url(url)
    assert (server.tls, server.port) == (tls, port)


@pytest.mark.parametrize("url", ["smtp://?from=a@b.test", "smtp://h?from=x", "smtp://h?from=a@b.test&tls=maybe"])
def test_wrong_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="EMAIL_URL"):
        MailServer.from_url(url)


def sends_on_one_connection(server: SmtpServer) -> EmailChannel:
    channel = EmailChannel(MailServer.from_url(server.url), total_seconds=PATIENCE)
    assert isinstance(channel.send(outgoing(ANA)), Accepted)
    assert [connection.greeted for connection in channel.kept] == [True]
    return channel


def test_connection_is_used_again(server: SmtpServer) -> None:
    channel = sends_on_one_connection(server)
    kept = channel.kept[0]
    assert isinstance(channel.send(outgoing(ANA)), Accepted)
    assert channel.kept == [kept]
    channel.rest()
    assert channel.kept == []


def test_kept_connection_that_the_server_dropped_turns_into_no_unknown(server: SmtpServer) -> None:
    channel = sends_on_one_connection(server)
    dropped = channel.kept[0]
    sock = dropped.smtp.sock
    assert sock is not None
    sock.shutdown(socket.SHUT_RDWR)
    assert isinstance(channel.send(outgoing(ANA)), Accepted)
    assert len(server.ledger) == 2
    assert channel.kept[0] is not dropped
    channel.rest()


def test_server_that_says_goodbye_on_a_kept_connection_is_called_anew(
    server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = iter(["250 OK", "421 4.4.2 Too long idle"])

    async def goodbye_once(_: object, smtp: object, session: object, envelope: Any, address: str, more: object) -> str:
        answer = next(said, "250 OK")
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    monkeypatch.setattr(SmtpServer, "handle_MAIL", goodbye_once, raising=False)
    channel = sends_on_one_connection(server)
    assert isinstance(channel.send(outgoing(ANA)), Accepted)
    assert len(server.ledger) == 2
    channel.rest()


def test_message_after_a_refused_one_inherits_nothing(server: SmtpServer) -> None:
    channel = sends_on_one_connection(server)
    server.mode = Mode.GREYLIST
    assert isinstance(channel.send(outgoing("ben@patients.test")), Refused)
    server.mode = Mode.ACCEPT
    assert isinstance(channel.send(outgoing(ANA)), Accepted)
    assert [mail.to for mail in server.ledger] == [ANA, ANA]
    assert len(channel.kept) == 1
    channel.rest()


def test_refusal_of_the_text_stays_one_when_the_server_hangs_up_with_it(
    server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse_and_hang_up(*_: object) -> str:
        return "554 5.7.1 Refused"

    monkeypatch.setattr(SmtpServer, "handle_DATA", refuse_and_hang_up)
    channel = EmailChannel(MailServer.from_url(server.url), total_seconds=PATIENCE)
    for _ in range(2):
        outcome = channel.send(outgoing(ANA))
        assert outcome == Refused("rejected", permanent=True, message=REASONS["rejected"].words)
    channel.rest()
