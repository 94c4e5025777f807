"""Planning that takes more than one task: each goes on where the last one stopped, and nobody is left out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from notifications import visits_to_tell, walks
from notifications.models import MessageRules, Notice, NoticeState, Walk
from notifications.planning import EVERYONE, plan_everyone, plan_waiting
from scheduling.events import Entry, record
from scheduling.models import Clinic, EventToPlan, Patient
from tests import factories
from tests.notifications.world import NOON, booker, clinic_that_writes, new_york, plan, reachable_patient

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def crowd() -> tuple[Clinic, list[Patient]]:
    clinic = clinic_that_writes()
    patients = [reachable_patient(clinic, phone=f"+121255501{number}") for number in range(20, 26)]
    for hour, patient in enumerate(patients):
        booker(clinic)(patient, new_york(14, 9 + hour))
    plan()
    return clinic, patients


def after(times: int) -> Callable[[], bool]:
    """The time is up once it was asked for so often."""
    left = iter(range(times))
    return lambda: next(left, None) is None


def rules_change(clinic: Clinic) -> None:
    """Reminders go at other hours, which concerns everyone at the clinic."""
    MessageRules.objects.filter(clinic=clinic).update(reminder_hours=[48])
    entry = Entry("clinic.messages_set", clinic_id=clinic.pk, data={}, tell=True)
    record(organisation_id=clinic.organisation_id, entries=[entry], by=factories.system(), now=NOON)


def new_reminders() -> list[int]:
    return sorted(Notice.objects.filter(step="48h").values_list("patient_id", flat=True))


def test_everyone_is_reached_however_short_each_go_is(crowd: tuple[Clinic, list[Patient]]) -> None:
    clinic, patients = crowd
    MessageRules.objects.filter(clinic=clinic).update(reminder_hours=[48])
    seen = []
    while not walks.is_over(EVERYONE):
        plan_everyone(now=LATER, every=timedelta(hours=6), time_is_up=after(3))
        seen.append(len(new_reminders()))
    assert seen[:3] == [2, 4, 6]
    assert new_reminders() == [patient.pk for patient in patients]
    assert plan_everyone(now=LATER + timedelta(hours=5), every=timedelta(hours=6)) == 0
    assert plan_everyone(now=LATER + timedelta(hours=6), every=timedelta(hours=6)) == 6


def test_a_whole_clinics_change_goes_on_where_the_last_sweep_stopped(crowd: tuple[Clinic, list[Patient]]) -> None:
    clinic, patients = crowd
    rules_change(clinic)
    goes = 0
    while EventToPlan.objects.exists():
        plan_waiting(now=LATER, time_is_up=after(4))
        goes += 1
        assert goes < 10
    assert new_reminders() == [patient.pk for patient in patients]
    assert goes == 4, "two in each, and the end of it"
    assert not Walk.objects.exists()


def test_one_patients_events_do_not_wait_for_a_whole_clinics(crowd: tuple[Clinic, list[Patient]]) -> None:
    clinic, _ = crowd
    rules_change(clinic)
    rosa = reachable_patient(clinic)
    EventToPlan.objects.all().delete()
    rules_change(clinic)
    booker(clinic)(rosa, new_york(15, 9))
    plan_waiting(now=LATER, time_is_up=after(1))
    assert Notice.objects.filter(patient=rosa, purpose="booking_confirmation").exists()
    assert new_reminders() == [rosa.pk]


def test_one_bad_patient_holds_up_no_other_and_is_tried_again(crowd: tuple[Clinic, list[Patient]]) -> None:
    clinic, patients = crowd
    poor = patients[1]
    Patient.objects.filter(pk=poor.pk).update(time_zone="Nowhere/At_All")
    rules_change(clinic)
    plan_waiting(now=LATER)
    assert new_reminders() == [patient.pk for patient in patients if patient != poor]
    assert EventToPlan.objects.get().tries == 1
    Patient.objects.filter(pk=poor.pk).update(time_zone="")
    plan_waiting(now=LATER)
    assert new_reminders() == [patient.pk for patient in patients]
    assert not EventToPlan.objects.exists()


def test_where_the_tasks_time_ends_the_next_one_goes_past(
    crowd: tuple[Clinic, list[Patient]], monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic, patients = crowd
    rules_change(clinic)
    read_visits, slow = visits_to_tell.read_visits, patients[2]

    def hang(patient: Patient, now: object) -> object:
        if patient.pk == slow.pk:
            raise SoftTimeLimitExceeded
        return read_visits(patient, now)  # type: ignore[arg-type]

    monkeypatch.setattr(visits_to_tell, "read_visits", hang)
    with pytest.raises(SoftTimeLimitExceeded):
        plan_waiting(now=LATER)
    assert new_reminders() == [patients[0].pk, patients[1].pk]
    with pytest.raises(SoftTimeLimitExceeded):
        plan_waiting(now=LATER)
    assert new_reminders() == [patient.pk for patient in patients if patient != slow]
    monkeypatch.undo()
    plan_waiting(now=LATER)
    assert new_reminders() == [patient.pk for patient in patients]
    assert not Notice.objects.filter(step="24h", state=NoticeState.PLANNED).exists()
