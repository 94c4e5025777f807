"""Where mail providers report: each one's own events, from who knows the secret, about letters of ours."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from notifications.consent import consenting
from notifications.models import Address, AttemptOutcome, CallTask, Notice, Receipt
from scheduling.models import Appointment
from tests.fakes.postmark_api import running_postmark
from tests.notifications.replies import THEN, tell
from tests.notifications.world import MAILBOX, booker, clinic_that_writes, new_york, reachable_patient

pytestmark = pytest.mark.django_db
SECRET = "a secret of ours"
KEY = "a-public-dummy-key"
SETTINGS = {
    "brevo": f"api_key={KEY}", "mailgun": f"api_key={KEY}&sender_domain=harbor.test",
    "mailjet": f"api_key={KEY}&secret_key={KEY}", "mailtrap": f"api_token={KEY}", "resend": f"api_key={KEY}",
    "sparkpost": f"api_key={KEY}",
}  # fmt: skip


@pytest.fixture
def visit(settings: Settings) -> Iterator[Appointment]:
    """Booked, and the patient was told by a provider's mail an hour ago."""
    with running_postmark() as server:
        settings.EMAIL_URL = server.url
        settings.INBOUND_MAIL_SECRET = SECRET
        clinic = clinic_that_writes()
        visit = booker(clinic)(reachable_patient(clinic, phone="", mailbox=MAILBOX), new_york(14, 10))
        tell()
        with time_machine.travel(THEN, tick=False):
            yield visit


def reference() -> str:
    """What the provider called the letter when it took it."""
    return AttemptOutcome.objects.get(kind="accepted").gateway_reference


def signed_by_mailgun(data: dict[str, Any]) -> dict[str, Any]:
    stamp, token = "1798999200", "t" * 50
    signature = hmac.new(KEY.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"signature": {"timestamp": stamp, "token": token, "signature": signature}, "event-data": data}


def event(provider: str, kind: str, ref: str) -> Any:
    """An event as the provider's own documents show it, cut to what says something."""
    name = NAMES[provider][kind]
    if provider == "brevo":
        return {"event": name, "email": MAILBOX, "message-id": ref, "ts_event": 1798999200}
    if provider == "mailgun":
        more = {"severity": "permanent"} if name == "failed" else {}
        data = {"event": name, "recipient": MAILBOX, "message": {"headers": {"message-id": ref}}, "id": "e1", **more}
        return signed_by_mailgun({"timestamp": 1798999200.1, **data})
    if provider == "mailjet":
        return [{"event": name, "time": 1798999200, "MessageID": ref, "email": MAILBOX, "hard_bounce": True}]
    if provider == "mailtrap":
        one = {"event": name, "message_id": ref, "email": MAILBOX, "event_id": "e1", "timestamp": 1798999200}
        return {"events": [one]}
    if provider == "resend":
        data = {"email_id": ref, "to": [MAILBOX], "created_at": "2027-01-04T18:00:00Z", "subject": "x"}
        return {"type": name, "created_at": "2027-01-04T18:00:00Z", "data": data}
    one = {
        "type": name,
        "raw_rcpt_to": MAILBOX,
        "transmission_id": ref,
        "timestamp": "1798999200",
        "bounce_class": "10",
    }
    return [{"msys": {"message_event": one}}]


KINDS = ("delivered", "bounced", "complained")
NAMES = {
    "brevo": dict(zip(KINDS, ("delivered", "hard_bounce", "spam"), strict=True)),
    "mailgun": dict(zip(KINDS, ("delivered", "failed", "complained"), strict=True)),
    "mailjet": dict(zip(KINDS, ("sent", "bounce", "spam"), strict=True)),
    "mailtrap": dict(zip(KINDS, ("delivery", "bounce", "spam"), strict=True)),
    "resend": dict(zip(KINDS, ("email.delivered", "email.bounced", "email.complained"), strict=True)),
    "sparkpost": dict(zip(KINDS, ("delivery", "bounce", "spam_complaint"), strict=True)),
}


def use(settings: Settings, provider: str) -> None:
    settings.EMAIL_URL = f"anymail+{provider}://?{SETTINGS[provider]}&from=desk@harbor.test"


def post(provider: str, payload: object, *, secret: str = SECRET, name: str = "") -> int:
    said = b64encode(f"{name or provider}:{secret}".encode()).decode()
    raw = payload if isinstance(payload, str) else json.dumps(payload)
    client = Client(enforce_csrf_checks=True)
    headers: Any = {"Authorization": f"Basic {said}"}
    path = f"/webhooks/email/{provider}/"
    return client.post(path, raw, content_type="application/json", headers=headers).status_code


def confirmation() -> str:
    return Notice.objects.get(purpose="booking_confirmation").state


@pytest.mark.parametrize("provider", NAMES)
def test_delivery_moves_the_notice_on(visit: Appointment, settings: Settings, provider: str) -> None:
    use(settings, provider)
    payload = event(provider, "delivered", reference())
    assert [post(provider, payload) for _ in range(2)] == [200, 200]
    assert (confirmation(), Receipt.objects.get().provider) == ("delivered", provider)


@pytest.mark.parametrize("provider", NAMES)
def test_bounce_stops_the_mailbox_and_has_it_said(visit: Appointment, settings: Settings, provider: str) -> None:
    use(settings, provider)
    assert post(provider, event(provider, "bounced", reference())) == 200
    assert (confirmation(), Address.objects.get().stop_reason) == ("failed", "bounced")
    assert CallTask.objects.filter(kind="say_instead", patient=visit.patient).count() == 1


@pytest.mark.parametrize("provider", NAMES)
def test_complaint_withdraws_consent(visit: Appointment, settings: Settings, provider: str) -> None:
    use(settings, provider)
    assert post(provider, event(provider, "complained", reference())) == 200
    assert consenting([Address.objects.get().pk]) == set()
    assert CallTask.objects.filter(kind="unsubscribed", patient=visit.patient).count() == 1


@pytest.mark.parametrize("provider", NAMES)
def test_event_about_a_letter_of_nobody_changes_nothing(visit: Appointment, settings: Settings, provider: str) -> None:
    use(settings, provider)
    assert post(provider, event(provider, "bounced", "0000")) == 200
    assert (confirmation(), Address.objects.get().stopped_at, Receipt.objects.get().message) == ("sent", None, None)


@pytest.mark.parametrize("provider", NAMES)
def test_nothing_is_taken_without_the_secret_or_from_another_provider(
    visit: Appointment, settings: Settings, provider: str
) -> None:
    use(settings, provider)
    payload = event(provider, "bounced", reference())
    assert post(provider, payload, secret="wrong") == 403
    assert post(provider, payload, name="postmark") == 403
    use(settings, "brevo" if provider != "brevo" else "resend")
    assert post(provider, payload) == 404
    use(settings, provider)
    settings.INBOUND_MAIL_SECRET = ""
    assert post(provider, payload, secret="") == 404
    assert Receipt.objects.count() == 0


def test_mailguns_own_signature_is_checked_too(visit: Appointment, settings: Settings) -> None:
    use(settings, "mailgun")
    payload = event("mailgun", "bounced", reference())
    payload["signature"]["signature"] = "0" * 64
    assert post("mailgun", payload) == 403


@pytest.mark.parametrize("payload", ["no json", "{}", "[]", '{"event": 1}', "[[1]]", '"x"', "null"])
@pytest.mark.parametrize("provider", NAMES)
def test_what_is_no_event_breaks_nothing(settings: Settings, provider: str, payload: str) -> None:
    settings.INBOUND_MAIL_SECRET = SECRET
    use(settings, provider)
    assert post(provider, payload) in (200, 400, 403)
    assert Receipt.objects.count() == 0
