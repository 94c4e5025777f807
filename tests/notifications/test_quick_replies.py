"""Answers with one press: approved by a manager, looked at like any text, let go rather than changed."""

from __future__ import annotations

import pytest

from notifications.models import QuickReply
from notifications.quick_replies import ReplyRefused, approve_reply, let_reply_go
from scheduling.models import Clinic, Event, Role
from scheduling.permissions import NotAllowed
from tests import factories
from tests.notifications.world import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def approve(clinic: Clinic, body: str, *, role: Role = Role.MANAGER) -> QuickReply:
    return approve_reply(clinic=clinic, language="en", body=body, by=factories.create_actor(clinic, role), now=NOON)


def test_answer_is_approved_once_and_let_go_once(clinic: Clinic) -> None:
    manager = factories.create_actor(clinic, Role.MANAGER)
    reply = approve(clinic, "  We   call you soon. ")
    assert approve(clinic, "We call you soon.") == reply
    assert (reply.body, reply.approved_at) == ("We call you soon.", NOON)
    let_reply_go(reply=reply, by=manager, now=NOON)
    let_reply_go(reply=reply, by=manager, now=NOON)
    again = approve(clinic, "We call you soon.")
    assert again != reply
    verbs = Event.objects.filter(verb__startswith="clinic.reply").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["clinic.reply_approved", "clinic.reply_let_go", "clinic.reply_approved"]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("Your infusion is fine", "“infusion” may tell"),
        ("Reply YES", "“yes” must not be asked for"),
        (" ", "The text is empty."),
        ("a" * 301, "An answer has at most 300 characters; this has 301."),
    ],
)
def test_answer_that_can_not_go_out_is_refused(clinic: Clinic, body: str, fault: str) -> None:
    with pytest.raises(ReplyRefused) as refusal:
        approve(clinic, body)
    assert any(found.startswith(fault) for found in refusal.value.faults)
    assert QuickReply.objects.count() == 0


def test_managers_alone_approve(clinic: Clinic) -> None:
    with pytest.raises(NotAllowed):
        approve(clinic, "We call you.", role=Role.FRONT_DESK)
