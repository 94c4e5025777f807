"""Planning as a reconcile over real rows: what is wanted comes, what is not goes, and twice changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from notifications import visits_to_tell
from notifications.addresses import set_address, stop_address
from notifications.models import AddressKind, Notice, NoticeState, PatientAddress
from notifications.planning import plan_patient, plan_waiting
from scheduling.cancelling import cancel
from scheduling.models import CancelledBy, EventToPlan, Role
from tests import factories
from tests.notifications.world import (
    MAILBOX,
    NOON,
    agree,
    booker,
    clinic_that_writes,
    move,
    new_york,
    notices,
    plan,
    reachable_patient,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def test_booking_plans_a_confirmation_and_two_reminders() -> None:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    assert notices() == [
        ("booking_confirmation", "now", "sms", "planned"),
        ("reminder", "72h", "sms", "planned"),
        ("reminder", "24h", "sms", "planned"),
    ]
    assert list(Notice.objects.order_by("due_at").values_list("due_at", flat=True)) == [
        NOON + timedelta(minutes=3), new_york(11, 10), new_york(13, 10),
    ]  # fmt: skip
    assert not EventToPlan.objects.exists()


def test_both_channels_are_confirmed_and_one_is_reminded() -> None:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic, mailbox=MAILBOX), new_york(14, 10))
    plan()
    assert sorted(notice[:3] for notice in notices()) == [
        ("booking_confirmation", "now", "email"),
        ("booking_confirmation", "now", "sms"),
        ("reminder", "24h", "sms"),
        ("reminder", "72h", "sms"),
    ]


def test_planning_twice_changes_nothing() -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic, mailbox=MAILBOX)
    for day in (12, 14, 18):
        booker(clinic)(patient, new_york(day, 10))
    plan()
    before = list(Notice.objects.order_by("pk").values())
    plan_patient(patient=patient, now=NOON)
    assert list(Notice.objects.order_by("pk").values()) == before


def test_series_shares_one_due_time_so_it_leaves_as_one_message() -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    for day in (12, 14, 18):
        booker(clinic)(patient, new_york(day, 10))
    plan()
    confirmations = Notice.objects.filter(purpose="booking_confirmation")
    assert confirmations.count() == 3
    assert confirmations.values("due_at").distinct().count() == 1


def test_visit_moved_within_the_grace_time_is_confirmed_once_at_its_new_time() -> None:
    clinic = clinic_that_writes()
    visit = booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    move(visit, timedelta(hours=2), now=NOON + timedelta(minutes=2))
    plan(NOON + timedelta(minutes=2))
    live = Notice.objects.filter(state=NoticeState.PLANNED, purpose="booking_confirmation")
    assert list(live.values_list("told_visits__starts_at", "due_at")) == [
        (new_york(14, 12), NOON + timedelta(minutes=5))
    ]
    assert set(Notice.objects.filter(state=NoticeState.SUPPRESSED).values_list("reason", flat=True)) == {
        "visit_changed"
    }


def test_visit_cancelled_before_it_was_told_tells_nothing() -> None:
    clinic = clinic_that_writes()
    visit = booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    cancel(appointment=visit, side=CancelledBy.PATIENT, reason="sick", by=desk, now=NOON + timedelta(minutes=1))
    plan(NOON + timedelta(minutes=1))
    assert {notice[3] for notice in notices()} == {"suppressed"}


def test_nobody_without_consent_is_planned_for() -> None:
    clinic = clinic_that_writes()
    patient = factories.create_patient(clinic)
    set_address(patient=patient, kind=AddressKind.PHONE, raw="(212) 555-0123", by=factories.system(), now=NOON)
    booker(clinic)(patient, new_york(14, 10))
    plan()
    assert notices() == []


def test_consent_taken_back_and_given_again_plans_again() -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    booker(clinic)(patient, new_york(14, 10))
    plan()
    before = notices()
    address = PatientAddress.objects.get(patient=patient).address
    agree(address, granted=False)
    plan()
    assert notices() == []
    agree(address)
    plan()
    assert notices() == before


def test_stopped_address_is_planned_for_no_more_and_the_other_takes_over() -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic, mailbox=MAILBOX)
    booker(clinic)(patient, new_york(14, 10))
    plan()
    phone = PatientAddress.objects.get(patient=patient, address__kind="phone").address
    stop_address(address=phone, reason="landline", by=factories.system(), now=NOON)
    plan()
    assert {notice[2] for notice in notices()} == {"email"}
    assert Notice.objects.filter(purpose="reminder", channel="email").count() == 2


def test_new_number_takes_the_place_of_the_old_one_and_needs_its_own_consent() -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    booker(clinic)(patient, new_york(14, 10))
    plan()
    new = set_address(patient=patient, kind=AddressKind.PHONE, raw="212-555-0188", by=factories.system(), now=NOON)
    plan()
    assert notices() == []
    agree(new)
    plan()
    assert set(Notice.objects.values_list("address__value", flat=True)) == {"+12125550188"}


def test_one_bad_event_holds_up_no_other() -> None:
    clinic = clinic_that_writes()
    poor, rosa = reachable_patient(clinic), reachable_patient(clinic, phone="+12125550177")
    type(poor).objects.filter(pk=poor.pk).update(time_zone="Nowhere/At_All")
    booker(clinic)(poor, new_york(14, 10))
    booker(clinic)(rosa, new_york(14, 11))
    plan()
    assert set(Notice.objects.values_list("patient_id", flat=True)) == {rosa.pk}
    assert EventToPlan.objects.count() == 1


def test_events_that_failed_before_come_last() -> None:
    clinic = clinic_that_writes()
    poor, rosa = reachable_patient(clinic), reachable_patient(clinic, phone="+12125550177")
    type(poor).objects.filter(pk=poor.pk).update(time_zone="Nowhere/At_All")
    booker(clinic)(poor, new_york(14, 10))
    booker(clinic)(rosa, new_york(14, 11))
    assert plan_waiting(now=NOON, limit=1) == 0
    assert plan_waiting(now=NOON, limit=1) == 1
    assert set(Notice.objects.values_list("patient_id", flat=True)) == {rosa.pk}


def test_end_of_the_tasks_time_ends_the_planning(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic), new_york(14, 10))

    def time_is_up(*_: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(visits_to_tell, "read_visits", time_is_up)
    with pytest.raises(SoftTimeLimitExceeded):
        plan_waiting(now=NOON)
    assert EventToPlan.objects.get().tries == 0
