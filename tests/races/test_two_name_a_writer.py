"""Two desks name who wrote one reply that no clinic has yet: it stays with the clinic that was first. Control: with the
clinic joined to the locked row, the second takes it away from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet

from notifications import inbox
from notifications.inbox import say_who
from notifications.models import InboundMessage
from scheduling.models import Clinic, Event, Patient, Role
from tests import factories
from tests.databases import Committed
from tests.factories import NOW
from tests.races.test_closed_while_signing import race


@pytest.fixture
def two(committed_database: Committed) -> list[Clinic]:
    first = factories.create_clinic()
    return [first, factories.create_clinic(first.organisation)]


@pytest.fixture
def reply(two: list[Clinic]) -> InboundMessage:
    return InboundMessage.objects.create(
        provider="twilio", reference="r1", channel="sms", sender="+12125550199", text="Hello", intent="other",
        received_at=NOW,
    )  # fmt: skip


class Joined:
    """Replies, locked with their clinic beside them."""

    def __init__(self, manager: Any) -> None:
        self.manager = manager

    def __getattr__(self, name: str) -> Any:
        return getattr(self.manager, name)

    def select_for_update(self, **how: Any) -> QuerySet[InboundMessage]:
        rows = self.manager.select_for_update(**(how | {"of": ("self",)}))
        return rows.select_related("clinic")  # type: ignore[no-any-return]


def named(reply: InboundMessage, patient: Patient, clinic: Clinic) -> Callable[[], InboundMessage]:
    by, row = factories.create_actor(clinic, Role.FRONT_DESK), InboundMessage.objects.get(pk=reply.pk)
    return lambda: say_who(reply=row, patient=patient, clinic=clinic, by=by, now=NOW)


def both(reply: InboundMessage, two: list[Clinic]) -> InboundMessage:
    patient = factories.create_patient(two[0])
    sides = race(inbox, "apply_reply", *(named(reply, patient, clinic) for clinic in two))
    assert [side.exception() for side in sides] == [None, None]
    assert Event.objects.filter(verb="reply.assigned").count() == 2
    return InboundMessage.objects.get()


def test_a_reply_stays_with_the_clinic_that_named_its_writer_first(reply: InboundMessage, two: list[Clinic]) -> None:
    assert both(reply, two).clinic == two[0]


def test_control_with_the_clinic_joined_the_second_takes_it_away(
    reply: InboundMessage, two: list[Clinic], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the test above proves nothing."""
    monkeypatch.setattr(InboundMessage, "objects", Joined(InboundMessage.objects))
    assert both(reply, two).clinic == two[1]
