"""A check-in whose page asks questions: its text has the link, and names nothing that is asked."""

from __future__ import annotations

import pytest

from notifications.dispatch import dispatch_due
from notifications.links import NoSuchLink, find_message
from notifications.models import Message
from notifications.notice_facts import ChannelName, Purpose
from notifications.wording import save_wording
from scheduling.models import FollowUp, Role, Status
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.prepared import infusion
from tests.notifications.test_purposes import roster
from tests.notifications.world import NOON, clinic_that_writes, new_york, plan, reachable_patient
from tests.web.pages import bring_to

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("own_words", [False, True])
def test_a_check_in_with_questions_carries_the_link_to_them_and_names_none(
    gateway: TwilioGateway, own_words: bool
) -> None:
    clinic = clinic_that_writes()
    roster(clinic, (8, 8, 17))
    if own_words:
        manager = factories.create_actor(clinic, Role.MANAGER)
        body = "{sender}: how were you since {when}? {hours} Emergency: 911."
        save_wording(
            clinic=clinic, purpose=Purpose.CHECK_IN, channel=ChannelName.SMS, language="en", subject="", body=body,
            after_version=0, by=manager, now=NOON,
        )  # fmt: skip
    [visit] = infusion(clinic, reachable_patient(clinic), new_york(6, 10))
    FollowUp.objects.filter(order=visit.order, kind="check_in").update(instruments=["phq-9"])
    given = new_york(6, 10, 30)
    bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=given)
    plan(given)

    dispatch_due(clock=lambda: new_york(8, 10, 30), until=new_york(8, 11))

    message = Message.objects.get(notices__purpose="check_in")
    body = gateway.ledger[-1].body
    assert body.startswith("Harbor Center: how have you been since your visit on Wed Jan 6, 10:00 AM? A few questions:")
    assert body == message.body
    assert "phq" not in body.lower()
    token = body.split("/v/")[1].split("/")[0]
    assert find_message(token=token, now=new_york(14, 10)) == message, "read for a week, though the visit is over"
    with pytest.raises(NoSuchLink):
        find_message(token=token, now=new_york(15, 11))
