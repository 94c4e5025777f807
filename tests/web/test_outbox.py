"""The outbox of the embedded mode: the very words, with links to press; nobody else's, and nowhere else."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.test import override_settings
from pytest_django import DjangoAssertNumQueries

from notifications.dispatch import dispatch_due
from notifications.models import Message, MessageRules
from scheduling.models import Clinic, Role
from tests import factories
from tests.factories import NOW
from tests.notifications.world import plan, reachable_patient
from tests.web.pages import DESK, book, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def clinic() -> Clinic:
    clinic = factories.create_clinic(chairs=4, nurses=2)
    MessageRules.objects.create(clinic=clinic, sender_name="Harbor Center", quiet_from=time(0), quiet_until=time(0))
    return clinic


def tell(clinic: Clinic, phone: str) -> None:
    patient = reachable_patient(clinic, phone=phone, mailbox=f"p{phone[-4:]}@patients.test", now=NOW)
    book(factories.create_order(clinic, patient), clinic, how_many=1)
    plan(NOW)
    dispatch_due(clock=lambda: LATER, until=LATER + timedelta(seconds=1))


def test_outbox_shows_texts_and_mails_as_sent_with_their_links(clinic: Clinic) -> None:
    tell(clinic, "+12125550123")
    page = page_of(signed_in(clinic, DESK).get("/outbox/"))
    assert Message.objects.count() == 2
    assert "(212) 555-0123" in page
    assert "p0123@patients.test" in page
    for message in Message.objects.all():
        link = next(word for word in message.body.split() if "/v/" in word)
        assert f'href="{link}"' in page


def test_outbox_shows_the_calendar_file_that_went_with_a_mail(clinic: Clinic) -> None:
    tell(clinic, "+12125550123")
    page = page_of(signed_in(clinic, DESK).get("/outbox/"))
    assert page.count("Calendar file") == 1
    assert "METHOD:PUBLISH" in page


@pytest.mark.parametrize("patients", [1, 3])
def test_outbox_takes_six_queries(
    clinic: Clinic, patients: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    desk = signed_in(clinic, DESK)
    for number in range(patients):
        tell(clinic, f"+1212555012{number}")
    with django_assert_num_queries(6):
        page = page_of(desk.get("/outbox/"))
    assert page.count('class="bubble"') == patients


def test_outbox_is_of_ones_own_clinic_for_its_staff_in_embedded_mode(clinic: Clinic) -> None:
    tell(clinic, "+12125550123")
    assert "(212) 555-0123" not in page_of(signed_in(factories.create_clinic(), DESK).get("/outbox/"))
    assert signed_in(clinic, Role.AUDITOR).get("/outbox/").status_code == 403
    desk = signed_in(clinic, DESK)
    with override_settings(EMBEDDED=False):
        assert desk.get("/outbox/").status_code == 404
