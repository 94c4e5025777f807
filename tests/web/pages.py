"""A clinic with people who sign in, and quick ways to book, for tests of pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils.html import escape

from scheduling.booking import Pick, book_series, book_visit
from scheduling.models import Appointment, Clinic, Order, Patient, Role, Status, VisitType
from scheduling.proposals import propose_series, propose_visit
from scheduling.series_terms import Wish
from scheduling.visits import record_step
from tests import factories
from tests.factories import NOW, checks_for
from tests.fakes.shared_inputs import read_json

DESK, NURSE, PRESCRIBER = Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER


def signed_in(clinic: Clinic, *roles: Role) -> Client:
    """The browser of somebody with these roles at the clinic; nothing is lost on a redirect."""
    client = Client()
    client.force_login(factories.create_user(clinic, *roles))
    return client


def book(
    order: Order, clinic: Clinic, *, how_many: int | None = None, now: datetime = NOW, ahead: timedelta = timedelta(0)
) -> list[Appointment]:
    """The best proposal of those so far ahead, booked by the desk."""
    found = propose_series(order=order, clinic=clinic, wish=Wish(), how_many=how_many, count=1, now=now + ahead)
    picks = [Pick(visit.number, visit.start) for visit in found.proposals[0].visits]
    return book_series(order=order, clinic=clinic, picks=picks, by=factories.create_actor(clinic, DESK), now=now)


def book_talk(patient: Patient, clinic: Clinic, visit_type: VisitType, *, now: datetime = NOW) -> Appointment:
    """The first opening for a visit that is no infusion."""
    found = propose_visit(patient=patient, clinic=clinic, visit_type=visit_type, wish=Wish(), count=1, now=now)
    start = found.proposals[0].visits[0].start
    by = factories.create_actor(clinic, DESK)
    return book_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=now)


def bring_to(visit: Appointment, *steps: Status, clinic: Clinic, now: datetime = NOW) -> Appointment:
    """Takes a visit through its day."""
    nurse = factories.create_actor(clinic, NURSE)
    for step in steps:
        record_step(appointment=visit, to=step, checks=checks_for(step), happened_at=now, by=nurse, now=now)
    return visit


def naughty_strings() -> Sequence[str]:
    """Strings that broke other people's programs; those PostgreSQL can't hold, or a form strips, are left out."""
    strings: list[str] = read_json("real/blns/blns.json")
    return [text[:60] for text in strings if text.strip() == text and text.strip() and "\x00" not in text]


def shows(page: str, text: str) -> bool:
    """Whether a page shows the text as typed."""
    return str(escape(text)) in page


def page_of(answer: Any) -> str:
    """The text of an answer."""
    return str(answer.content.decode())
