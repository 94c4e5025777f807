"""What only mail by a provider's API has: its errors in our words, its settings in one URL, no secret in an answer."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator

import pytest

from notifications.channels.outcomes import REASONS, Refused, Unknown
from notifications.channels.provider_mail import MailProvider, ProviderMailChannel
from notifications.postmark_events import OUR_ID
from tests.fakes.postmark_api import TOKEN, Mode, PostmarkApi, running_postmark
from tests.notifications.test_channels import A_FILE, PATIENCE, outgoing

ANA = "ana@patients.test"


@pytest.fixture
def server() -> Iterator[PostmarkApi]:
    with running_postmark() as running:
        yield running


def channel(url: str) -> ProviderMailChannel:
    return ProviderMailChannel(MailProvider.from_url(url), total_seconds=PATIENCE)


def test_message_arrives_as_given(server: PostmarkApi) -> None:
    message = outgoing(ANA, sender_name="Harbor Front Desk")
    channel(server.url).send(message)
    [mail] = server.ledger
    assert (mail["From"], mail["To"], mail["Subject"]) == ("Harbor Front Desk <desk@harbor.test>", ANA, "Your visit")
    assert mail["TextBody"] == message.body
    headers = {header["Name"]: header["Value"] for header in mail["Headers"]}
    assert headers["Message-ID"] == f"<{message.message_id}@harbor.test>"
    assert headers["Auto-Submitted"] == "auto-generated"
    # Else Postmark puts an id of its own in place of ours.
    assert headers["X-PM-KeepID"] == "true"
    assert mail["Metadata"] == {OUR_ID: message.message_id}


def test_other_providers_get_no_metadata() -> None:
    """Some have none, and refuse the whole letter; some show it to the reader."""
    postal = MailProvider.from_url("anymail+postal://?api_key=k&api_url=https://postal.test&from=a@b.test")
    message = ProviderMailChannel(postal).compose(outgoing(ANA))
    assert not hasattr(message, "metadata")
    assert "X-PM-KeepID" not in message.extra_headers


def test_file_arrives_byte_for_byte_beside_the_text(server: PostmarkApi) -> None:
    message = outgoing(ANA, attachments=(A_FILE,))
    channel(server.url).send(message)
    [mail] = server.ledger
    assert mail["TextBody"] == message.body
    [file] = mail["Attachments"]
    assert (file["Name"], b64decode(file["Content"])) == ("visits.ics", A_FILE.content)
    assert file["ContentType"] == "text/calendar; method=PUBLISH; charset=utf-8"


@pytest.mark.parametrize(
    ("mode", "word"),
    [(Mode.NO_SUCH_MAILBOX, "bad_mailbox"), (Mode.INACTIVE, "rejected"), (Mode.REFUSE, "rejected")],
)
def test_refusal_has_our_word(server: PostmarkApi, mode: Mode, word: str) -> None:
    server.mode = mode
    assert channel(server.url).send(outgoing(ANA)) == Refused(word, permanent=True, message=REASONS[word].words)


def test_wrong_token_is_our_fault_and_may_be_tried_again(server: PostmarkApi) -> None:
    outcome = channel(server.url.replace(TOKEN, "another")).send(outgoing(ANA))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent, server.ledger) == ("not_signed_in", False, [])


def test_error_500_after_accepting_is_unknown(server: PostmarkApi) -> None:
    server.mode = Mode.ERROR_500
    assert isinstance(channel(server.url).send(outgoing(ANA)), Unknown)
    assert len(server.ledger) == 1


def test_line_break_in_the_subject_is_a_refusal(server: PostmarkApi) -> None:
    outcome = channel(server.url).send(outgoing(ANA, subject="Hello\r\nBcc: x@y.test"))
    assert outcome == Refused("unsendable", permanent=True, message=REASONS["unsendable"].words)
    assert server.ledger == []


@pytest.mark.parametrize(
    "url",
    [
        "anymail+postmark://?server_token=secret",
        "anymail+postmark://?from=a@b.test&message_stream=secret",
        "anymail+nobody://?from=a@b.test&key=secret",
        "anymail+console://?from=a@b.test&key=secret",
    ],
    ids=["no sender", "no token", "no such provider", "not by HTTP"],
)
def test_wrong_url_is_refused_without_telling_the_secret(url: str) -> None:
    with pytest.raises(ValueError, match="EMAIL_URL") as refused:
        MailProvider.from_url(url)
    assert "secret" not in str(refused.value)
