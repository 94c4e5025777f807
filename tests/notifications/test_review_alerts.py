"""Word to who decides a review whose last day has come: by day, once a day, to the cover too, without patient data."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.models import StaffAlert, StaffContact
from notifications.review_alerts import alert_about_reviews
from notifications.staff_alerts import send_due_alerts
from scheduling.covering import arrange_cover
from scheduling.events import Actor
from scheduling.models import Clinic, Decision, Order, Role, User
from tests import factories
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import clinic_that_writes
from tests.scheduling.planned import at
from tests.scheduling.reviewed import prescriber, reviewed, say, with_limit

pytestmark = pytest.mark.django_db
LEE_PHONE, OKAFOR_PHONE, THIRD_PHONE = "+12125550150", "+12125550151", "+12125550152"
# The last day is Wednesday the 13th.
EIGHT = at("2027-01-13", "08:00")


@pytest.fixture
def clinic(gateway: TwilioGateway, mail_server: SmtpServer) -> Clinic:
    return clinic_that_writes()


@pytest.fixture
def order(clinic: Clinic) -> Order:
    order = reviewed(clinic, 4, template=with_limit(2))
    StaffContact.objects.create(user=signer(order), channel="sms", value=LEE_PHONE)
    return order


def signer(order: Order) -> User:
    assert order.current_version
    return order.current_version.signed_by


def look(now: datetime) -> int:
    return alert_about_reviews(clock=lambda: now, until=now + timedelta(seconds=30))


def texts(gateway: TwilioGateway) -> list[tuple[str, str]]:
    return [(sent.to, sent.body) for sent in gateway.ledger]


def test_nobody_is_woken_and_the_last_morning_says_it_once(order: Order, gateway: TwilioGateway) -> None:
    for wall in ("00:05", "07:59"):
        assert look(at("2027-01-13", wall)) == 0
    assert [look(EIGHT), look(EIGHT + timedelta(minutes=5)), look(at("2027-01-13", "23:00"))] == [1, 0, 0]
    [(to, body)] = texts(gateway)
    assert to == LEE_PHONE
    assert body.endswith("something waits for your decision. http://testserver/clinician/")
    for hidden in (order.patient.given_name, order.patient.family_name, order.title, str(order.pk)):
        assert hidden not in body


def test_every_morning_again_until_it_is_decided(clinic: Clinic, order: Order, gateway: TwilioGateway) -> None:
    assert [look(EIGHT + timedelta(days=day)) for day in range(3)] == [1, 1, 1]
    made = say(order, Decision.CONTINUE, signer(order), clinic, now=EIGHT + timedelta(days=2, hours=1))
    assert look(EIGHT + timedelta(days=3)) == 0
    alert = StaffAlert.objects.get()
    assert (alert.alert_key, alert.rounds) == (f"review/{order.pk}/3/2027-01-13", 3)
    assert (alert.acknowledged_by, alert.acknowledged_at) == (made.decided_by, made.recorded_at)
    assert len(gateway.ledger) == 3


def test_the_cover_hears_it_too_on_days_of_the_cover(clinic: Clinic, order: Order, gateway: TwilioGateway) -> None:
    okafor, lee = prescriber(clinic, "okafor"), signer(order)
    StaffContact.objects.create(user=okafor, channel="sms", value=OKAFOR_PHONE)
    arrange_cover(
        prescriber=lee, cover=okafor, first_day=at("2027-01-14").date(), last_day=at("2027-01-20").date(),
        today=at("2027-01-13").date(), by=Actor.staff(lee, clinic), now=EIGHT,
    )  # fmt: skip
    look(EIGHT)
    assert [to for to, _ in texts(gateway)] == [LEE_PHONE]
    look(EIGHT + timedelta(days=1))
    assert sorted(to for to, _ in texts(gateway)[1:]) == [LEE_PHONE, OKAFOR_PHONE]


def test_a_pause_answers_and_the_duty_list_is_not_alerted(clinic: Clinic, order: Order, gateway: TwilioGateway) -> None:
    look(EIGHT)
    assert send_due_alerts(clock=lambda: EIGHT + timedelta(days=2), until=EIGHT + timedelta(days=3)) == 0
    say(order, Decision.PAUSE, signer(order), clinic, now=EIGHT)
    assert look(EIGHT + timedelta(days=1)) == 0
    assert StaffAlert.objects.get().acknowledged_by == signer(order)


def test_who_has_no_contact_is_logged_and_stops_nobody(
    clinic: Clinic, order: Order, gateway: TwilioGateway, caplog: pytest.LogCaptureFixture
) -> None:
    reviewed(clinic, template=with_limit(2))
    assert look(EIGHT) == 2
    assert [record.message for record in caplog.records].count("a clinician to alert has no contact") == 1
    assert len(gateway.ledger) == 1


@pytest.mark.parametrize("way", ["closed account", "other role", "other clinic"])
def test_where_who_signed_has_left_every_prescriber_here_is_told(
    clinic: Clinic, order: Order, gateway: TwilioGateway, way: str
) -> None:
    lee, okafor = signer(order), prescriber(clinic, "okafor")
    StaffContact.objects.create(user=okafor, channel="sms", value=OKAFOR_PHONE)
    elsewhere = factories.create_clinic(clinic.organisation)
    if way == "closed account":
        User.objects.filter(pk=lee.pk).update(is_active=False)
    else:
        lee.memberships.filter(role=Role.PRESCRIBER).update(
            **({"role": Role.MANAGER} if way == "other role" else {"clinic": elsewhere})
        )
    assert look(EIGHT) == 1
    assert [to for to, _ in texts(gateway)] == [OKAFOR_PHONE]


def test_the_cover_of_who_has_left_is_told_alone_while_they_are_there(
    clinic: Clinic, order: Order, gateway: TwilioGateway
) -> None:
    lee, okafor, third = signer(order), prescriber(clinic, "okafor"), prescriber(clinic, "third")
    StaffContact.objects.create(user=okafor, channel="sms", value=OKAFOR_PHONE)
    StaffContact.objects.create(user=third, channel="sms", value=THIRD_PHONE)
    arrange_cover(
        prescriber=lee, cover=okafor, first_day=at("2027-01-13").date(), last_day=at("2027-01-20").date(),
        today=at("2027-01-13").date(), by=Actor.staff(lee, clinic), now=EIGHT,
    )  # fmt: skip
    User.objects.filter(pk=lee.pk).update(is_active=False)
    look(EIGHT)
    User.objects.filter(pk=okafor.pk).update(is_active=False)
    look(EIGHT + timedelta(days=1))
    assert [to for to, _ in texts(gateway)] == [OKAFOR_PHONE, THIRD_PHONE]


def test_where_no_prescriber_is_left_it_is_logged(
    clinic: Clinic, order: Order, gateway: TwilioGateway, caplog: pytest.LogCaptureFixture
) -> None:
    User.objects.update(is_active=False)
    assert look(EIGHT) == 1
    assert "a review is due and no prescriber is left to decide it" in [record.message for record in caplog.records]
    assert not gateway.ledger
