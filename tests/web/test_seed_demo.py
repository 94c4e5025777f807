"""The demo clinic has one of everything whatever day and hour it is, and is brought to now again on another."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.test import override_settings

from notifications.answers import approved_for
from notifications.calls import calls_to_make
from notifications.conservation import find_faults
from notifications.duty import on_duty
from notifications.inbox import replies_at
from notifications.ledger import needs_person_at
from notifications.models import ConsentRecord, Notice, PatientAddress
from notifications.planning import plan_waiting
from notifications.tasks import sweep
from scheduling.clinic_time import ClinicTime
from scheduling.covers import covers_for
from scheduling.models import (
    Appointment,
    Claim,
    Clinic,
    ClinicHours,
    ClinicianTask,
    Event,
    Order,
    Patient,
    ProtocolVersion,
    QuestionnaireResponse,
    Status,
    User,
    VisitKind,
)
from scheduling.orders import orders_to_book
from scheduling.paused_places import places_to_settle
from scheduling.reviews import reviews_due
from scheduling.said_by_word import counter_signatures_due
from tests.databases import Committed
from web.demo.clinic import NotTheDemo, bring_to_now, example_file

TUESDAY_MORNING = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SUNDAY_EVENING = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
# In the evening: what was signed yesterday at this hour is given today at noon.
HOLIDAY = datetime(2026, 11, 26, 23, 55, tzinfo=UTC)
LATE_AT_NIGHT = datetime(2026, 11, 25, 4, 57, tzinfo=UTC)
# Where the day itself is a few minutes old, and the day before was a holiday.
AFTER_MIDNIGHT = datetime(2026, 11, 27, 5, 9, tzinfo=UTC)
# On one day after another holiday, hours at which the chairs of what is over are wanted for what is told later.
FRIDAY_MORNING = datetime(2026, 11, 27, 15, 32, tzinfo=UTC)
FRIDAY_NOON = datetime(2026, 11, 27, 17, 12, tzinfo=UTC)
FRIDAY_AFTERNOON = datetime(2026, 11, 27, 20, 7, tzinfo=UTC)
RIGHT_NOW = {Status.ARRIVED: 1, Status.SEATED: 1, Status.INFUSING: 2, Status.RECOVERING: 1, Status.NO_SHOW: 1}


def today(now: datetime) -> Counter[str]:
    clinic = Clinic.objects.get()
    day = ClinicTime(clinic.time_zone).day_bounds(ClinicTime(clinic.time_zone).local_day(now))
    visits = Appointment.objects.filter(clinic=clinic, period__overlap=(day.start, day.end))
    return Counter(visits.values_list("status", flat=True))


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(TUESDAY_MORNING, id="morning"),
        # The other hours take a dozen seconds each.
        pytest.param(SUNDAY_EVENING, id="sunday", marks=pytest.mark.faults),
        pytest.param(HOLIDAY, id="holiday", marks=pytest.mark.faults),
        pytest.param(LATE_AT_NIGHT, id="night", marks=pytest.mark.faults),
        pytest.param(FRIDAY_MORNING, id="friday-morning", marks=pytest.mark.faults),
        pytest.param(FRIDAY_NOON, id="friday-noon", marks=pytest.mark.faults),
        pytest.param(FRIDAY_AFTERNOON, id="friday-afternoon", marks=pytest.mark.faults),
    ],
)
def test_there_is_one_of_each_whenever_it_is_opened(committed_database: Committed, now: datetime) -> None:
    # Making it takes a dozen seconds, so all that only looks looks at the same one.
    assert bring_to_now(now=now)
    has_visits_of_each_state(now)
    nobody_sat_on_anothers_chair(now)
    has_what_only_clinicians_settle(now)
    has_messages_of_each_state(now)
    has_somebody_who_wrote(now)
    assert find_faults(now=now + timedelta(seconds=50)) == {}
    plan_waiting(now=now + timedelta(seconds=50))
    assert find_faults(now=now + timedelta(seconds=55)) == {}


@pytest.mark.faults
def test_minutes_after_midnight_the_day_has_what_fits_into_it(committed_database: Committed) -> None:
    """Everyone who is there came at midnight, so the chairs are full, and nobody has been observed for long enough."""
    assert bring_to_now(now=AFTER_MIDNIGHT)
    found = today(AFTER_MIDNIGHT)
    assert found.keys() >= {Status.RECOVERING, Status.INFUSING}, found
    assert not found[Status.COMPLETED], found
    nobody_sat_on_anothers_chair(AFTER_MIDNIGHT)
    assert find_faults(now=AFTER_MIDNIGHT + timedelta(seconds=50)) == {}


def has_visits_of_each_state(now: datetime) -> None:
    clinic = Clinic.objects.get()
    found = today(now)
    # Three minutes before midnight everyone who is there takes all chairs: nobody can have missed a time on one.
    expected = RIGHT_NOW | ({Status.NO_SHOW: 0} if now == LATE_AT_NIGHT else {})
    assert all(found[status] >= count for status, count in expected.items()), found
    assert len(reviews_due(clinic=clinic)) >= 1
    assert len(orders_to_book(clinic=clinic)) >= 2
    assert Order.objects.filter(state="draft").count() == 2
    ahead = Appointment.objects.filter(status=Status.BOOKED, period__startswith__gt=now)
    assert ahead.filter(confirmed_at__isnull=True, kind=VisitKind.INFUSION).count() >= 2
    assert ahead.filter(confirmed_at__isnull=False).exists()
    assert ahead.filter(kind=VisitKind.CONSULTATION).exists()


def nobody_sat_on_anothers_chair(now: datetime) -> None:
    """What is over guards its chair no longer, so only the stories see to it."""
    clock = ClinicTime(Clinic.objects.get().time_zone)
    day = clock.day_bounds(clock.local_day(now))
    taken = Claim.objects.filter(role="seat", period__overlap=(day.start, day.end)).order_by("resource", "period")
    taken = taken.exclude(appointment__status=Status.NO_SHOW)
    spans = [(claim.resource_id, claim.period.lower, claim.period.upper) for claim in taken]
    for before, after in pairwise(spans):
        assert before[0] != after[0] or before[2] <= after[1], (before, after)


def has_what_only_clinicians_settle(now: datetime) -> None:
    clinic, prescriber = Clinic.objects.get(), User.objects.get(username="clinician")
    day = ClinicTime(clinic.time_zone).local_day(now)
    covered = covers_for(prescriber, day)
    assert [away.username for away in covered] == ["okafor"]
    [said] = counter_signatures_due(user=prescriber, covered=covered, clinic=clinic, today=day)
    assert said.order is not None
    assert said.order.state == "active"
    assert [len(one.visits) for one in places_to_settle(clinic=clinic, now=now)] == [1]
    kinds = set(ClinicianTask.objects.filter(closed_at=None).values_list("kind", "is_urgent"))
    assert kinds >= {("answers", True), ("ruling", False), ("wish", False)}
    assert Order.objects.filter(state="active", follows__isnull=False).count() == 1
    reviewed = {due.order.patient_id for due in reviews_due(clinic=clinic)}
    assert QuestionnaireResponse.objects.filter(patient__in=reviewed).count() >= 4


def has_messages_of_each_state(now: datetime) -> None:
    clinic = Clinic.objects.get()
    found = Counter(Notice.objects.exclude(message=None).values_list("channel", "state").distinct())
    for state in ("delivered", "failed", "unknown"):
        assert found["sms", state], found
    assert found["email", "sent"]
    assert {one.patient_id for one in calls_to_make(clinic=clinic)} >= set(
        Notice.objects.filter(state__in=("failed", "unknown")).values_list("patient", flat=True)
    )
    assert needs_person_at(clinic, now=now).exists()
    assert [len(approved_for(clinic, language)) for language in ("en", "es")] == [4, 4]


def has_somebody_who_wrote(now: datetime) -> None:
    clinic = Clinic.objects.get()
    wrote = Counter(replies_at(clinic).filter(handled_at=None).values_list("outcome", flat=True))
    assert wrote["to_read"] >= 2, wrote
    assert "clinician" in {user.username for user in on_duty(clinic.pk, now, with_backup=True)}


def test_the_command_works_at_whatever_time_this_is_and_loses_no_message(committed_database: Committed) -> None:
    out = StringIO()
    call_command("seed_demo", stdout=out)
    call_command("seed_demo", stdout=out)
    assert out.getvalue().splitlines() == ["the demo clinic is at now", "the demo clinic was at now already"]
    sweep()
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert out.getvalue().endswith("all is well\n")
    assert Notice.objects.filter(channel="sms", state="unknown").exists()


def test_people_plans_and_sign_ins_and_later_runs(committed_database: Committed) -> None:
    bring_to_now(now=TUESDAY_MORNING)
    patients = Patient.objects.filter(is_demo=True)
    assert 26 <= patients.count() <= 34
    assert patients.filter(deceased_at__isnull=False).count() == 1
    assert not PatientAddress.objects.filter(address__value__isnull=True).exists()
    assert PatientAddress.objects.count() == ConsentRecord.objects.filter(granted=True).count() == 2 * patients.count()
    assert list(ProtocolVersion.objects.values_list("approved_by__username", flat=True)) == ["clinician"] * 3
    assert Event.objects.filter(verb="protocol.approved", user__username="clinician").count() == 3
    for name in settings.DEMO_USERNAMES:
        assert authenticate(username=name, password=settings.DEMO_PASSWORD) == User.objects.get(username=name)
    events = Event.objects.count()
    assert not bring_to_now(now=TUESDAY_MORNING + timedelta(minutes=90))
    assert Event.objects.count() == events
    is_at_now_on_another_day()


def is_at_now_on_another_day() -> None:
    later = TUESDAY_MORNING + timedelta(days=2, hours=3)
    assert bring_to_now(now=later)
    found = today(later)
    assert all(found[status] for status in (Status.SEATED, Status.INFUSING, Status.RECOVERING, Status.NO_SHOW)), found
    assert not Appointment.objects.filter(live=True, period__endswith__lt=later - timedelta(days=1)).exists()
    assert len(reviews_due(clinic=Clinic.objects.get())) >= 1


def test_loading_the_example_over_it_does_not_leave_it_closed(committed_database: Committed) -> None:
    bring_to_now(now=SUNDAY_EVENING)
    call_command("load_clinic", str(example_file()), stdout=StringIO(), stderr=StringIO())
    assert not ClinicHours.objects.filter(weekday="sun").exists()
    later = SUNDAY_EVENING + timedelta(minutes=10)
    assert [bring_to_now(now=later), bring_to_now(now=later)] == [True, False]
    assert ClinicHours.objects.filter(weekday="sun").exists()


def test_a_stop_half_way_leaves_nothing(committed_database: Committed, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("web.demo.clinic.tell_today", stop)
    with pytest.raises(KeyboardInterrupt):
        bring_to_now(now=TUESDAY_MORNING)
    assert not Clinic.objects.exists()
    assert not User.objects.exists()


@override_settings(EMBEDDED=False)
def test_elsewhere_than_in_the_embedded_mode_it_is_refused(db: None) -> None:
    with pytest.raises(NotTheDemo):
        bring_to_now(now=TUESDAY_MORNING)
    errors = StringIO()
    with pytest.raises(SystemExit):
        call_command("seed_demo", stderr=errors)
    assert errors.getvalue().startswith("seed_demo makes accounts whose passwords are public")
