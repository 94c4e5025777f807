"""Letters as mail servers hand them over: replies, bounces, complaints, machines' answers."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP

FROM_ROSA = "Rosa Reyes <rosa@patients.test>"
DESK = "desk@harbor.test"
PNG = b"\x89PNG\r\n\x1a\n" + b"a picture" * 200


def letter(
    text: str,
    *,
    sender: str = FROM_ROSA,
    answers: str = "",
    reference: str = "<abc@patients.test>",
    subject: str = "Re: Your visit",
    picture: bool = False,
    html_only: bool = False,
    heads: Mapping[str, str] | None = None,
) -> bytes:
    """A letter to the desk; `answers` is the id of the message it answers."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, DESK, subject
    if reference:
        message["Message-ID"] = reference
    if answers:
        message["In-Reply-To"] = f"<{answers}@harbor.test>"
    for name, value in (heads or {}).items():
        message[name] = value
    message.set_content(text, subtype="html" if html_only else "plain")
    if picture:
        message.add_attachment(PNG, maintype="image", subtype="png", filename="arm.png")
    return message.as_bytes()


def bounce(message_id: str, *, to: str = "rosa@patients.test", status: str = "5.1.1", action: str = "failed") -> bytes:
    """A delivery report (RFC 3464) about one of our letters."""
    return report(
        "delivery-status",
        f"Reporting-MTA: dns; mx.patients.test\r\n\r\nFinal-Recipient: rfc822; {to}\r\nAction: {action}\r\n"
        f"Status: {status}\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n",
        message_id,
        to,
    )


def complaint(message_id: str, *, to: str = "rosa@patients.test") -> bytes:
    """A feedback report (RFC 5965): the reader pressed "this is junk"."""
    said = f"Feedback-Type: abuse\r\nUser-Agent: Some/1.0\r\nVersion: 1\r\nOriginal-Rcpt-To: {to}\r\n"
    return report("feedback-report", said, message_id, to)


def report(kind: str, said: str, message_id: str, to: str) -> bytes:
    """A multipart report with the head of our letter."""
    return (
        "From: MAILER-DAEMON@mx.patients.test\r\n"
        f"To: {DESK}\r\nSubject: Undelivered\r\nMessage-ID: <{kind}-{message_id}@mx.patients.test>\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={kind}; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n"
        f"--b\r\nContent-Type: message/{kind}\r\n\r\n{said}\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: {DESK}\r\nTo: {to}\r\n"
        f"Message-ID: <{message_id}@harbor.test>\r\nSubject: Your visit\r\n\r\n--b--\r\n"
    ).encode()


def pressed(
    uid: str,
    said: str,
    *,
    sequence: int = 0,
    method: str = "REPLY",
    comment: str = "",
    text: str = "",
    as_file: bool = False,
    heads: Mapping[str, str] | None = None,
) -> bytes:
    """What a calendar sends when its owner presses Yes, No or Maybe: `said` is the PARTSTAT."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = FROM_ROSA, DESK, f"{said.title()}: Appointment"
    message["Message-ID"] = f"<{uid}-{said}-{sequence}@calendar.test>"
    for name, value in (heads or {}).items():
        message[name] = value
    message.set_content(text)
    file = calendar_file(uid, said, sequence, method, comment).encode()
    if as_file:
        message.add_attachment(file, maintype="application", subtype="ics", filename="invite.ics")
    else:
        message.add_alternative(file, maintype="text", subtype="calendar", params={"method": method})
    return message.as_bytes()


def calendar_file(uid: str, said: str, sequence: int = 0, method: str = "REPLY", comment: str = "") -> str:
    """An answer as Google, Outlook and Apple write it, with the words that all of them have."""
    lines = [
        "BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", f"METHOD:{method}",
        "BEGIN:VEVENT", "DTSTART:20270114T150000Z", "DTEND:20270114T151500Z", "DTSTAMP:20270104T180000Z",
        "ORGANIZER;CN=Harbor Center:mailto:no-reply@harbor.test", f"UID:{uid}",
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=", f" {said};CN=Rosa:mailto:rosa@patients.test",
        f"SEQUENCE:{sequence}", *([f"COMMENT:{comment}"] if comment else []), "STATUS:CONFIRMED",
        "SUMMARY:Appointment", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    return "\r\n".join(lines)
