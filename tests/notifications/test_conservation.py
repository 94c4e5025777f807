"""Every message is somewhere, and where one is not, it is said: each fault is made once, and the counts find it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from notifications.attempts import start_attempts
from notifications.claiming import LEASE, claim_due
from notifications.conservation import count_all, count_states, find_faults, go_on_looking, last_look
from notifications.dispatch import dispatch_due
from notifications.models import Notice, NoticeState, PatientAddress
from notifications.notice_facts import ChannelName
from notifications.planning import plan_everyone
from notifications.rescue import rescue_expired
from notifications.tasks import count_notices
from scheduling.models import Appointment, EventToPlan, Patient
from tests.fakes.twilio_gateway import SENDER, TwilioGateway
from tests.notifications.world import NOON, agree, booker, clinic_that_writes, new_york, plan, reachable_patient

pytestmark = pytest.mark.django_db
TOLD = NOON + timedelta(minutes=3)


@pytest.fixture
def visit(gateway: TwilioGateway) -> Appointment:
    clinic = clinic_that_writes()
    booked = booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    return booked


def send() -> None:
    dispatch_due(clock=lambda: TOLD, until=TOLD + timedelta(seconds=1))


def test_all_is_well_after_a_send(visit: Appointment) -> None:
    send()
    counts = count_all(now=TOLD + timedelta(minutes=5))
    assert (counts.due, counts.claimed, counts.oldest_due_seconds) == (0, 0, 0)
    assert count_states(now=TOLD + timedelta(minutes=5)) == {"sent": 1}
    assert find_faults(now=TOLD + timedelta(minutes=5)) == {}


def test_due_and_not_claimed_for_a_minute_is_a_fault(visit: Appointment) -> None:
    assert count_all(now=TOLD + timedelta(seconds=59)).faults() == {}
    late = count_all(now=TOLD + timedelta(seconds=61))
    assert late.faults() == {"due and unclaimed for more than a minute": 1}
    assert late.oldest_due_seconds == 61


def test_claim_that_nobody_settles_is_a_fault_until_the_rescue(visit: Appointment) -> None:
    claim_due(channel=ChannelName.SMS, sender=SENDER, most=1, now=TOLD)
    later = TOLD + LEASE + timedelta(seconds=31)
    assert count_all(now=TOLD + LEASE).faults() == {}
    assert count_all(now=later).faults() == {"claimed and not settled after the lease": 1}
    rescue_expired(clock=lambda: later, until=later + timedelta(seconds=1))
    assert "claimed and not settled after the lease" not in count_all(now=later).faults()


def test_sent_without_a_reference_is_a_fault(visit: Appointment) -> None:
    claim = claim_due(channel=ChannelName.SMS, sender=SENDER, most=1, now=TOLD)
    assert claim is not None
    start_attempts(groups=claim.groups, token=claim.token, now=TOLD, lease=LEASE)
    Notice.objects.filter(state=NoticeState.CLAIMED).move(NoticeState.SENT, now=TOLD)
    now = TOLD + timedelta(minutes=2)
    assert count_all(now=now).faults() == {"sent without a provider's reference": 1}
    assert find_faults(now=now) == {
        "sent without a provider's reference": 1,
        "attempts without an outcome after their lease": 1,
    }


def test_notice_that_is_called_for_and_not_there_is_a_fault(visit: Appointment) -> None:
    send()
    Notice.objects.filter(state=NoticeState.PLANNED).delete()
    now = TOLD + timedelta(minutes=5)
    assert find_faults(now=now) == {"called for and not planned": 2}


def test_patient_whose_facts_make_no_sense_stops_no_count(visit: Appointment) -> None:
    send()
    Patient.objects.filter(pk=visit.patient_id).update(time_zone="Nowhere/At_All")
    assert find_faults(now=TOLD + timedelta(minutes=5)) == {"patients whose facts make no sense": 1}


def test_event_that_waits_to_be_planned_is_a_fault_after_a_minute(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    assert EventToPlan.objects.exists()
    assert count_all(now=NOON + timedelta(seconds=61)).faults() == {
        "events not planned for more than a minute": EventToPlan.objects.count()
    }
    assert "called for and not planned" not in find_faults(now=NOON + timedelta(seconds=61))


def test_command_says_what_is_wrong_and_leaves_with_one(visit: Appointment, monkeypatch: pytest.MonkeyPatch) -> None:
    send()
    monkeypatch.setattr(timezone, "now", lambda: TOLD + timedelta(minutes=5))
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert out.getvalue().splitlines()[-1] == "all is well"
    Notice.objects.filter(state=NoticeState.PLANNED).delete()
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("check_invariants", "--json", stdout=out)
    assert left.value.code == 1
    assert json.loads(out.getvalue())["faults"] == {"called for and not planned": 2}


def test_metrics_tell_the_counts(visit: Appointment, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: TOLD + timedelta(seconds=90))
    said = client.get("/metrics").content.decode()
    assert "\ninfusion_notices_unclaimed_over_a_minute 1\n" in said
    assert "\ninfusion_oldest_due_notice_seconds 90\n" in said
    assert '\ninfusion_notices_of_last_day{state="planned"} 1\n' in said
    assert '\ninfusion_notices_of_last_day{state="sent"} 0\n' in said


def test_what_was_planned_for_a_time_gone_by_has_waited_only_since(visit: Appointment) -> None:
    now = TOLD + timedelta(days=1)
    Notice.objects.filter(purpose="booking_confirmation").update(planned_at=now)
    assert (count_all(now=now).oldest_due_seconds, count_all(now=now).faults()) == (0, {})
    late = count_all(now=now + timedelta(seconds=61))
    assert (late.oldest_due_seconds, late.unclaimed) == (61, 1)


def test_metric_of_those_who_need_a_person_falls_again(
    visit: Appointment, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(at: datetime) -> str:
        monkeypatch.setattr(timezone, "now", lambda: at)
        found = [line for line in client.get("/metrics").content.decode().splitlines() if "need_a_person " in line]
        return found[-1].rpartition(" ")[2]

    Notice.objects.filter(purpose="booking_confirmation").move(NoticeState.LAPSED, now=TOLD, reason="too_late")
    assert said(TOLD) == "1"
    assert said(visit.period.lower + timedelta(seconds=1)) == "0"


def test_each_minute_finds_what_is_called_for_and_not_planned(
    visit: Appointment, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def metric(at: datetime) -> str:
        monkeypatch.setattr(timezone, "now", lambda: at)
        count_notices()
        return client.get("/metrics").content.decode()

    send()
    assert "\ninfusion_notices_called_for_and_not_planned 0\n" in metric(TOLD + timedelta(minutes=5))
    Notice.objects.filter(state=NoticeState.PLANNED).delete()
    assert "\ninfusion_notices_called_for_and_not_planned 2\n" in metric(TOLD + timedelta(minutes=6))
    assert "called for and not planned" in caplog.text
    plan_everyone(now=TOLD + timedelta(minutes=6))
    Patient.objects.filter(pk=visit.patient_id).update(time_zone="Nowhere/At_All")
    said = metric(TOLD + timedelta(minutes=7))
    assert "\ninfusion_notices_called_for_and_not_planned 0\n" in said
    assert "\ninfusion_patients_whose_facts_make_no_sense 1\n" in said


def test_a_look_that_takes_several_minutes_tells_what_it_found_so_far(visit: Appointment) -> None:
    other = reachable_patient(visit.clinic, phone="+12125550177")
    booker(visit.clinic)(other, new_york(15, 10))
    plan()
    Notice.objects.all().delete()
    asked = iter([False, False, True])
    go_on_looking(now=TOLD, time_is_up=lambda: next(asked))
    assert last_look(now=TOLD).notices == 3
    go_on_looking(now=TOLD, time_is_up=lambda: False)
    assert last_look(now=TOLD).notices == 6


def test_notice_that_comes_back_is_never_due_past_its_use(visit: Appointment) -> None:
    end = Notice.objects.get(step="72h").useful_until
    claim = claim_due(channel=ChannelName.SMS, sender=SENDER, most=5, now=end - timedelta(seconds=20))
    assert claim is not None
    agree(PatientAddress.objects.get(patient=visit.patient_id).address, granted=False)
    start_attempts(groups=claim.groups, token=claim.token, now=end - timedelta(seconds=20), lease=LEASE)
    assert Notice.objects.get(step="72h").due_at == end
    assert "planned for when it is of no more use" not in find_faults(now=end)
