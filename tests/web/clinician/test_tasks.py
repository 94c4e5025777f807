"""Clinicians' tasks by page: urgent ones first, taken, closed with what was done; the desk reads none of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from notifications.duty import put_on_duty
from notifications.models import StaffAlert
from notifications.task_alerts import raise_missing
from scheduling.clinician_tasks import open_task
from scheduling.events import Actor, record
from scheduling.models import Clinic, ClinicianTask, Patient, Role, TaskKind, User
from scheduling.patients import record_death
from scheduling.repeat_misses import waits_for_prescriber
from scheduling.settling_tasks import settle_tasks
from tests import factories
from tests.factories import NOW
from tests.scheduling.given import LATER, given_two
from tests.web.pages import DESK, NURSE, PRESCRIBER, naughty_strings, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
SECRET = "PHQ-9 item 9 was 3"
MARK = "Something urgent waits for a clinician"


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(nurses=2)


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return factories.create_patient(clinic, given_name="Rosa")


def opened(clinic: Clinic, patient: Patient, key: str = "a/1", *, urgent: bool = False, words: str = SECRET) -> int:
    by = Actor.system("tests")
    with transaction.atomic():
        entries = open_task(
            TaskKind.ANSWERS, key, clinic=clinic, patient=patient, is_urgent=urgent, words=words, by=by, now=NOW
        )
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=NOW)
    return ClinicianTask.objects.get(task_key=key).pk


def test_urgent_one_stands_on_top_and_has_its_words_on_its_own_page(clinic: Clinic, rosa: Patient) -> None:
    ordinary = opened(clinic, rosa, "a/1", words="Please call")
    urgent = opened(clinic, factories.create_patient(clinic, given_name="Ivy"), "a/2", urgent=True)
    nurse = signed_in(clinic, NURSE)
    page = page_of(nurse.get("/clinician/tasks/")).split("<main")[1]
    assert page.index(f"/clinician/tasks/{urgent}/") < page.index(f"/clinician/tasks/{ordinary}/")
    assert SECRET not in page
    assert SECRET in page_of(nurse.get(f"/clinician/tasks/{urgent}/"))


def test_it_is_taken_and_closed_with_what_was_done(clinic: Clinic, rosa: Patient) -> None:
    task = opened(clinic, rosa, urgent=True)
    raise_missing(now=NOW)
    prescriber = signed_in(clinic, PRESCRIBER)
    address = f"/clinician/tasks/{task}/"
    assert "You have it." in page_of(prescriber.post(f"{address}take/", follow=True))
    assert StaffAlert.objects.get().acknowledged_at == NOW
    answer = prescriber.post(f"{address}close/", {"outcome": " "})
    assert (answer.status_code, "Write down what was done, then close it." in page_of(answer)) == (422, True)
    assert "Closed." in page_of(prescriber.post(f"{address}close/", {"outcome": "Spoke with her"}, follow=True))
    page = page_of(prescriber.get(address))
    assert "Spoke with her" in page
    assert "I have it" not in page
    late = page_of(signed_in(clinic, NURSE).post(f"{address}close/", {"outcome": "Me too"}, follow=True))
    assert "Somebody has closed it meanwhile. Your words were not kept." in late
    assert ClinicianTask.objects.get().outcome == "Spoke with her"


def test_second_to_take_it_is_told_that_somebody_has_it(clinic: Clinic, rosa: Patient) -> None:
    task = opened(clinic, rosa)
    pages = [
        page_of(signed_in(clinic, role).post(f"/clinician/tasks/{task}/take/", follow=True))
        for role in (PRESCRIBER, NURSE)
    ]
    assert ["You have it." in page for page in pages] == [True, False]
    assert "Somebody else has it already." in pages[1]


def test_urgent_one_marks_every_page_of_clinical_staff_until_somebody_has_it(clinic: Clinic, rosa: Patient) -> None:
    task = opened(clinic, rosa, urgent=True)
    for role, marked in ((NURSE, True), (PRESCRIBER, True), (DESK, False), (Role.MANAGER, False)):
        page = page_of(signed_in(clinic, role).get("/patients/"))
        assert (MARK in page, rosa.given_name in page, SECRET in page) == (marked, False, False)
    assert "nobody is on the duty list: please look at it yourself" in page_of(signed_in(clinic, NURSE).get("/today/"))
    signed_in(clinic, NURSE).post(f"/clinician/tasks/{task}/take/")
    assert MARK not in page_of(signed_in(clinic, NURSE).get("/today/"))


def test_mark_says_until_when_nobody_is_on_duty(clinic: Clinic, rosa: Patient) -> None:
    opened(clinic, rosa, urgent=True)
    user, manager = factories.create_user(clinic, NURSE), factories.create_actor(clinic, Role.MANAGER)
    starts = NOW + timedelta(hours=1)
    put_on_duty(
        clinic=clinic, user=user, starts_at=starts, ends_at=starts + timedelta(hours=8), is_backup=False, by=manager,
        now=NOW,
    )  # fmt: skip
    nurse = signed_in(clinic, NURSE)
    assert "nobody is on duty until Mon, Jan 4, 8:00 AM" in page_of(nurse.get("/today/"))
    with time_machine.travel(starts, tick=False):
        page = page_of(nurse.get("/today/"))
    assert MARK in page
    assert "nobody is on duty" not in page


def test_one_that_was_taken_and_not_closed_says_so_and_comes_back(clinic: Clinic, rosa: Patient) -> None:
    task, nurse = opened(clinic, rosa, urgent=True), signed_in(clinic, NURSE)
    nurse.post(f"/clinician/tasks/{task}/take/")
    name = User.objects.get(memberships__role=NURSE).shown_name
    assert f"taken by {name}, Mon, Jan 4 at 7:00 AM, not closed" in page_of(nurse.get("/clinician/tasks/"))
    assert MARK not in page_of(nurse.get("/today/"))
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        page = page_of(nurse.get("/today/"))
    assert MARK in page
    assert f"taken by {name} at 7:00 AM, not closed" in page
    assert rosa.given_name not in page


def test_a_nurse_closes_missed_visits_with_a_prescribers_word_that_was_read_back(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    by, doctor = Actor.system("tests"), factories.create_user(clinic, PRESCRIBER)
    with transaction.atomic():
        entries = open_task(
            TaskKind.MISSED, "m/1", clinic=clinic, patient=order.patient, order=order, by=by, now=NOW
        )  # fmt: skip
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=NOW)
    address = f"/clinician/tasks/{ClinicianTask.objects.get().pk}/"
    nurse, said = signed_in(clinic, NURSE), {"outcome": "Goes on", "decided_by": doctor.pk, "heard_at": "06:50"}
    page = page_of(nurse.get(address))
    assert "Who decided it" in page
    assert '<option value="" selected>Choose</option>' in page
    assert nurse.post(f"{address}close/", said | {"decided_by": "", "read_back": "on"}).status_code == 422
    alone = nurse.post(f"{address}close/", {"outcome": "Goes on"})
    unread = nurse.post(f"{address}close/", said)
    assert (alone.status_code, unread.status_code) == (422, 422)
    assert "Read it back first. It counts only then." in page_of(unread)
    assert waits_for_prescriber(order)

    nurse.post(f"{address}close/", said | {"read_back": "on"})

    assert not waits_for_prescriber(order)
    assert f"By word of mouth from {doctor.shown_name}, Mon, Jan 4 at 6:50 AM, read back." in page_of(
        nurse.get(address)
    )
    prescriber, task = Client(), ClinicianTask.objects.get()
    prescriber.force_login(doctor)
    inbox = page_of(prescriber.get("/clinician/"))
    assert "What becomes of the series after missed visits" in inbox
    assert "You said it on Mon, Jan 4 at 6:50 AM;" in inbox
    assert "Goes on" in inbox
    sign = f"/clinician/said/misses/{task.pk}/sign/"
    assert signed_in(factories.create_clinic(), PRESCRIBER).post(sign).status_code == 404
    assert "Signed:" in page_of(prescriber.post(sign, follow=True))
    assert "Goes on" not in page_of(prescriber.get("/clinician/"))


def test_when_it_was_heard_is_asked_by_the_clocks_of_the_tasks_clinic(clinic: Clinic) -> None:
    west = factories.create_clinic(clinic.organisation, time_zone="America/Los_Angeles")
    order, by = factories.create_order(west), Actor.system("tests")
    with transaction.atomic():
        entries = open_task(TaskKind.MISSED, "m/1", clinic=west, patient=order.patient, order=order, by=by, now=NOW)
        record(organisation_id=west.organisation_id, entries=entries, by=by, now=NOW)
    user = factories.create_user(clinic, NURSE)
    factories.join(user, west, NURSE)
    client = Client()
    client.force_login(user)
    client.post("/clinic/", {"clinic": clinic.pk})
    page = page_of(client.get(f"/clinician/tasks/{ClinicianTask.objects.get().pk}/"))
    assert "This is at" in page
    assert 'name="heard_at" value="04:00"' in page


def test_a_prescriber_closes_missed_visits_with_their_own_word(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    by = Actor.system("tests")
    with transaction.atomic():
        entries = open_task(
            TaskKind.MISSED, "m/1", clinic=clinic, patient=order.patient, order=order, by=by, now=NOW
        )  # fmt: skip
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=NOW)
    prescriber, address = signed_in(clinic, PRESCRIBER), f"/clinician/tasks/{ClinicianTask.objects.get().pk}/"
    assert "Who decided it" not in page_of(prescriber.get(address))
    prescriber.post(f"{address}close/", {"outcome": "Goes on"})
    assert not waits_for_prescriber(order)


def test_one_that_needs_nobody_says_so(clinic: Clinic) -> None:
    patient = factories.create_patient(clinic)
    by = Actor.system("tests")
    with transaction.atomic():
        entries = open_task(TaskKind.WISH, "w/1", clinic=clinic, patient=patient, by=by, now=NOW)
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=NOW)
    record_death(patient=patient, died_at=NOW, by=by, now=NOW)
    settle_tasks(now=NOW)
    nurse, task = signed_in(clinic, NURSE), ClinicianTask.objects.get()
    assert "Nothing has to be done any more" in page_of(nurse.get(f"/clinician/tasks/{task.pk}/"))
    assert "Closed lately" in page_of(nurse.get("/clinician/tasks/"))


@pytest.mark.parametrize("role", [DESK, Role.MANAGER, Role.AUDITOR])
def test_who_is_no_clinician_finds_no_task(clinic: Clinic, rosa: Patient, role: Role) -> None:
    task, client = opened(clinic, rosa, urgent=True), signed_in(clinic, role)
    assert client.get("/clinician/tasks/").status_code == 403
    for method, path in (("get", ""), ("post", "take/"), ("post", "close/")):
        answer = getattr(client, method)(f"/clinician/tasks/{task}/{path}", {"outcome": "x"})
        assert answer.status_code == 404
    assert ClinicianTask.objects.get().acknowledged_at is None


def test_task_of_another_clinic_is_opened_from_wherever_its_clinician_works_now(clinic: Clinic, rosa: Patient) -> None:
    night = factories.create_clinic(clinic.organisation)
    user = factories.create_user(clinic, PRESCRIBER)
    factories.join(user, night, PRESCRIBER)
    task = opened(night, rosa, urgent=True)
    client = Client()
    client.force_login(user)
    client.post("/clinic/", {"clinic": clinic.pk})
    assert SECRET in page_of(client.get(f"/clinician/tasks/{task}/"))
    client.post(f"/clinician/tasks/{task}/take/")
    assert ClinicianTask.objects.get().acknowledged_by == user
    assert signed_in(clinic, NURSE).get(f"/clinician/tasks/{task}/").status_code == 404


def test_alert_shows_the_task_to_clinicians_and_takes_it_by_one_press(clinic: Clinic, rosa: Patient) -> None:
    opened(clinic, rosa, urgent=True)
    raise_missing(now=NOW)
    alert, nurse = StaffAlert.objects.get(), signed_in(clinic, NURSE)
    page = page_of(nurse.get(f"/alerts/{alert.pk}/"))
    assert SECRET in page
    assert rosa.shown_name in page
    nurse.post(f"/alerts/{alert.pk}/have/")
    assert ClinicianTask.objects.get().acknowledged_at == NOW
    assert signed_in(clinic, DESK).get(f"/alerts/{alert.pk}/").status_code == 404


def test_a_reminder_has_no_page_and_nobody_ends_it_there(clinic: Clinic) -> None:
    """It ends with the task it reminds of."""
    reminder = StaffAlert.objects.create(clinic=clinic, alert_key="taken/1", raised_at=NOW, next_at=NOW)
    nurse = signed_in(clinic, NURSE)
    assert nurse.get(f"/alerts/{reminder.pk}/").status_code == 404
    assert nurse.post(f"/alerts/{reminder.pk}/have/").status_code == 404
    reminder.refresh_from_db()
    assert reminder.acknowledged_at is None


def test_single_infusion_is_drafted_from_its_task_which_is_closed_with_that(clinic: Clinic) -> None:
    order = given_two(clinic)
    task = ClinicianTask.objects.get(kind=TaskKind.AS_NEEDED)
    with time_machine.travel(LATER, tick=False):
        prescriber = signed_in(clinic, PRESCRIBER)
        page = page_of(prescriber.get(f"/clinician/tasks/{task.pk}/"))
        address = f"/series/{order.pk}/as-needed/?task={task.pk}"
        assert address in page
        assert "After the series: Booster" in page_of(prescriber.get(address))
        answer = prescriber.post(
            address, {"how": "several", "count": "4", "min_days": "21", "until": "2027-06-30"}, follow=True
        )
    page = page_of(answer)
    assert answer.redirect_chain[-1][0].endswith("/sign/")
    assert "at least 21 days after the one before" in page
    task.refresh_from_db()
    assert task.outcome == "Drafted: Booster 1–4."


def test_limits_of_the_plan_are_said_and_nothing_is_drafted(clinic: Clinic) -> None:
    order, address = given_two(clinic), ""
    address = f"/series/{order.pk}/as-needed/"
    with time_machine.travel(LATER, tick=False):
        prescriber = signed_in(clinic, PRESCRIBER)
        answer = prescriber.post(address, {"how": "several", "count": "9", "min_days": "3"})
        assert answer.status_code == 422
        assert "The plan allows 1 to 4 at a time, not 9." in page_of(answer)
        assert "The plan wants at least 14 days between them, not 3." in page_of(answer)
        assert signed_in(clinic, DESK).get(address).status_code == 403
    assert order.followed_by.count() == 0


def test_whatever_is_written_into_a_task_is_shown_as_typed(clinic: Clinic, rosa: Patient) -> None:
    text = " | ".join(naughty_strings())[:20_000]
    task = opened(clinic, rosa, words=text)
    page = page_of(signed_in(clinic, NURSE).get(f"/clinician/tasks/{task}/"))
    assert shows(page, text[:200])
