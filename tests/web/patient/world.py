"""A clinic whose patient has got a link by text, and what their page sends."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from html import unescape
from typing import Any

from django.test import Client

from notifications.dispatch import dispatch_due
from notifications.models import Message, MessageRules, Notice
from scheduling.models import Appointment, Clinic, Patient
from tests import factories
from tests.factories import NOW
from tests.notifications.world import plan, reachable_patient
from tests.web.pages import book

LATER = NOW + timedelta(minutes=10)
# No food for six hours before, clear drinks until two hours before, and somebody has to drive.
PREPARED = factories.SIX | {"fasting": {"solids_hours": 6, "clear_liquids_hours": 2}, "ride_home": True}


def clinic_with_links(**rules: Any) -> Clinic:
    clinic = factories.create_clinic()
    sender = {"sender_name": "Harbor Center", "quiet_from": time(0), "quiet_until": time(0)}
    MessageRules.objects.create(clinic=clinic, **(sender | rules))
    return clinic


def told(
    clinic: Clinic,
    *,
    how_many: int = 3,
    language: str = "en",
    template: dict[str, Any] | None = None,
    patient: Patient | None = None,
) -> tuple[str, list[Appointment]]:
    """The path of the link in the text that tells a new series, and its visits."""
    patient = patient or reachable_patient(clinic, language=language, now=NOW)
    visits = book(factories.create_order(clinic, patient, template=template), clinic, how_many=how_many)
    send(NOW)
    return link_of(patient), visits


def send(now: datetime) -> None:
    """What the worker does ten minutes later: plans, and sends what is due."""
    plan(now)
    later = now + timedelta(minutes=10)
    dispatch_due(clock=lambda: later, until=later + timedelta(seconds=1))


def link_of(patient: Patient) -> str:
    """The path of the link in the newest message."""
    body = Message.objects.filter(patient=patient).latest("written_at").body
    return "/v/" + body.split("/v/")[1].split()[0]


def knowing(path: str) -> Client:
    """A browser in which the patient has given their birth date at this link."""
    client = Client()
    client.post(f"{path}birth-date/", {"birth_date": "1980-02-03"})
    return client


def press(visit: Appointment, **more: Any) -> dict[str, Any]:
    """What a button of a visit sends, as long as the page is fresh."""
    return {"visit": visit.pk, "told_version": visit.told_version, **more}


def body_of(page: str) -> str:
    """What a person reads of a page, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.split("<body")[1])).split())


def sent() -> list[tuple[str, str]]:
    """(purpose, state) of all notices in the order they were planned."""
    return [(notice.purpose, notice.state) for notice in Notice.objects.order_by("pk")]
