"""What else a patient does on their page: another time, a cancellation, who drives, how they are reached."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.test import Client

from notifications.consent import consenting
from notifications.models import CallKind, CallTask, ContactWishes, MessageRules, RideHome
from scheduling.models import Appointment, CancelledBy, Clinic, Event, Patient, Status
from tests.factories import NOW
from tests.notifications.world import MAILBOX, move, reachable_patient
from tests.web.pages import page_of
from tests.web.patient.world import PREPARED, body_of, clinic_with_links, knowing, press, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
ACTIONS = ("move", "cancel", "ride", "birth-date", "contact", "stop", "news", "calendar")


@pytest.fixture
def clinic() -> Clinic:
    return clinic_with_links()


def calls() -> list[tuple[str, int | None]]:
    return list(CallTask.objects.order_by("pk").values_list("kind", "visit_id"))


def test_no_action_has_an_effect_by_get(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic, template=PREPARED)
    before = Event.objects.count()
    for action in ACTIONS:
        answer = Client().get(f"{path}{action}/", press(visit, sure="yes", driver="Elena", way="call", language="es"))
        assert (answer.status_code, answer.headers["Location"]) == (302, path)
    assert (Event.objects.count(), calls()) == (before, [])


def test_wish_for_another_time_is_one_call_for_the_desk(clinic: Clinic) -> None:
    path, [_, visit, _] = told(clinic)
    for _ in range(2):
        page = body_of(page_of(Client().post(f"{path}move/", press(visit), follow=True)))
        assert "You asked for another time: we will call you." in page
    assert calls() == [(CallKind.WANTS_TO_MOVE, visit.pk)]
    [task] = CallTask.objects.all()
    assert (task.patient, task.clinic, task.useful_until) == (visit.patient, clinic, visit.period.lower)
    [event] = Event.objects.filter(verb="appointment.move_wanted")
    assert (event.actor_kind, event.appointment_id) == ("patient", visit.pk)
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_who_asked_for_another_time_reads_that_alone_of_a_visit_they_had_confirmed(clinic: Clinic) -> None:
    path, visits = told(clinic)
    for visit in visits[:2]:
        Client().post(f"{path}confirm/", press(visit))
    page = body_of(page_of(Client().get(path)))
    assert ("Thank you. We look forward to seeing you." in page, page.count("You said yes")) == (True, 1)
    for visit in visits[:2]:
        Client().post(f"{path}move/", press(visit), follow=True)
    page = body_of(page_of(Client().get(path)))
    assert page.count("You asked for another time: we will call you.") == 2
    assert ("We look forward to seeing you." in page, "You said yes" in page) == (False, False)


def test_who_can_not_come_reads_that_alone_of_a_visit_they_had_confirmed(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    Client().post(f"{path}confirm/", press(visit))
    page = body_of(page_of(Client().post(f"{path}cancel/", press(visit, sure="yes"), follow=True)))
    assert "You can't come then: we will call you." in page
    assert "We look forward to seeing you." not in page


def test_patient_may_ask_once_more_after_the_desk_has_called(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    Client().post(f"{path}move/", press(visit))
    CallTask.objects.update(closed_at=NOW, outcome="spoke")
    Client().post(f"{path}move/", press(visit))
    assert calls() == [(CallKind.WANTS_TO_MOVE, visit.pk)] * 2


def test_cancelling_is_asked_once_more_and_then_a_call(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    client = Client()
    question = page_of(client.post(f"{path}cancel/", press(visit)))
    assert "Cancel this visit?" in question
    assert "We call you before anything is cancelled." in question
    assert calls() == []
    page = body_of(page_of(client.post(f"{path}cancel/", press(visit, sure="yes"), follow=True)))
    assert "We have it: you can't come. We will call you" in page
    assert "You can't come then: we will call you." in page
    assert calls() == [(CallKind.WANTS_TO_CANCEL, visit.pk)]
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


@pytest.mark.parametrize(("hours", "at_once"), [(48, True), (49, False)])
def test_cancelling_is_done_at_once_where_the_clinic_allows_and_notice_is_kept(
    clinic: Clinic, hours: int, at_once: bool
) -> None:
    MessageRules.objects.update(self_service_hours=hours)
    path, visits = told(clinic)
    visit = visits[1]
    moment = visit.period.lower.timestamp() - 48 * 3600
    with time_machine.travel(moment, tick=False):
        question = page_of(Client().post(f"{path}cancel/", press(visit)))
        page = body_of(page_of(Client().post(f"{path}cancel/", press(visit, sure="yes"), follow=True)))
    assert ("It is cancelled at once" in question) is at_once
    assert ("Your visit is cancelled. Thank you for telling us." in page) is at_once
    visit.refresh_from_db()
    assert (visit.status == Status.CANCELLED) is at_once
    assert (len(calls()) == 0) is at_once
    if at_once:
        assert (visit.cancelled_by, visit.cancel_reason) == (CancelledBy.PATIENT, "patient_asked")
        assert (visit.notice_minutes, visit.cancelled_at) == (48 * 60, visit.cancelled_at)
        assert Event.objects.get(verb="appointment.cancelled").actor_kind == "patient"
        assert "cancelled" in page, "the link still opens, and the visit is shown as cancelled"


def test_stale_page_asks_and_cancels_nothing(clinic: Clinic) -> None:
    MessageRules.objects.update(self_service_hours=0)
    path, visits = told(clinic)
    visit = visits[2]
    for action in ("move", "cancel"):
        answer = Client().post(f"{path}{action}/", press(visit, told_version=visit.told_version + 1, sure="yes"))
        assert answer.status_code == 409
        assert "Please look again." in page_of(answer)
    assert (calls(), Appointment.objects.filter(status=Status.CANCELLED).count()) == ([], 0)


def test_visit_that_has_begun_is_not_cancelled_by_its_patient(clinic: Clinic) -> None:
    MessageRules.objects.update(self_service_hours=0)
    path, [visit, *_] = told(clinic)
    with time_machine.travel(visit.period.lower, tick=False):
        assert "I can't come then, Monday" not in body_of(page_of(Client().get(path)))
        answer = Client().post(f"{path}cancel/", press(visit, sure="yes"))
    assert answer.status_code == 409
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_driver_is_written_down_and_never_shown_to_whoever_has_the_link(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic, template=PREPARED)
    client = knowing(path)
    said = press(visit, driver="Elena <b>Tran</b>", phone="212 555 0177")
    page = page_of(client.post(f"{path}ride/", said, follow=True))
    assert "You told us who drives you." in page
    assert "Elena" not in page
    ride = RideHome.objects.get(visit=visit)
    assert (ride.driver, ride.phone, ride.said_by, ride.said_at) == ("Elena <b>Tran</b>", "212 555 0177", None, NOW)
    [event] = Event.objects.filter(verb="appointment.ride_named")
    assert (event.actor_kind, event.data) == ("patient", {})
    client.post(f"{path}ride/", said)
    assert Event.objects.filter(verb="appointment.ride_named").count() == 1
    client.post(f"{path}ride/", press(visit, driver="Sam"))
    assert (RideHome.objects.get().driver, RideHome.objects.get().phone) == ("Sam", "")


def test_driver_without_a_name_is_asked_for(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic, template=PREPARED)
    answer = knowing(path).post(f"{path}ride/", press(visit, driver=" "))
    assert answer.status_code == 422
    assert "Write down who drives you home." in page_of(answer)
    assert not RideHome.objects.exists()


def test_nobody_is_asked_for_a_driver_where_none_is_needed(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    client = knowing(path)
    assert "Who drives you home?" not in page_of(client.get(path))
    client.post(f"{path}ride/", press(visit, driver="Elena"))
    assert not RideHome.objects.exists()


def test_nobody_without_the_birth_date_reads_or_answers_who_drives(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic, template=PREPARED)
    client = Client()
    assert [word for word in ("drive you home", "drives you") if word in page_of(client.get(path))] == []
    client.post(f"{path}ride/", press(visit, driver="Elena"))
    assert not RideHome.objects.exists()
    assert "Somebody has to drive you home on Monday, January 4." in body_of(page_of(knowing(path).get(path)))


def test_words_for_the_driver_are_a_time_and_a_place(clinic: Clinic) -> None:
    path, _ = told(clinic, template=PREPARED)
    page = page_of(Client().get(path))
    words = "Please pick me up on Monday, January 4 at about 10:00 AM, at 1 Harbor Street."
    assert words in page
    assert f'href="sms:?&amp;body={words}"' in unquote(page)


def test_way_and_language_are_chosen_and_kept(clinic: Clinic) -> None:
    patient = reachable_patient(clinic, mailbox=MAILBOX, now=NOW)
    path, _ = told(clinic, patient=patient)
    client = Client()
    page = page_of(client.get(path))
    assert [way in page for way in ('value="sms"', 'value="email"', 'value="call"')] == [True] * 3
    for _ in range(2):
        client.post(f"{path}contact/", {"way": "call", "language": "es"})
    assert ContactWishes.objects.get().way == "call"
    assert Patient.objects.get(pk=patient.pk).language == "es"
    said = Event.objects.filter(verb__in=("patient.languages_set", "patient.contact_wishes_set")).order_by("pk")
    assert [event.data["changed"] for event in said] == [["language"], ["way"]]
    client.post(f"{path}contact/", {"way": "sms", "language": "es"})
    assert ContactWishes.objects.get().way == "sms", "whoever wanted to be called may want texts again"


@pytest.mark.parametrize("sent", [{"way": "email", "language": "en"}, {"way": "sms", "language": "xx"}, {}])
def test_only_a_way_that_works_can_be_chosen(clinic: Clinic, sent: dict[str, str]) -> None:
    path, _ = told(clinic)
    assert Client().post(f"{path}contact/", sent).status_code == 422
    assert not ContactWishes.objects.exists()


def test_stop_is_for_the_address_and_leaves_the_visits(clinic: Clinic) -> None:
    path, visits = told(clinic)
    [address] = [link.address for link in visits[0].patient.addresses.all()]
    page = body_of(page_of(Client().post(f"{path}stop/", follow=True)))
    assert "We send nothing here. If you want messages again, call us." in page
    assert consenting([address.pk]) == set()
    record = address.consents.latest("pk")
    assert (record.granted, record.method, record.patient) == (False, "web", visits[0].patient)
    assert Appointment.objects.filter(status=Status.BOOKED).count() == len(visits)


def test_answers_need_the_pages_own_token(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic, template=PREPARED)
    client = Client(enforce_csrf_checks=True)
    client.get(path)
    for action in ("confirm", *ACTIONS):
        assert client.post(f"{path}{action}/", press(visit, sure="yes", driver="Elena")).status_code == 403
    assert (calls(), RideHome.objects.count()) == ([], 0)


def test_link_answers_for_no_visit_of_somebody_else(clinic: Clinic) -> None:
    path, _ = told(clinic, template=PREPARED)
    other, [theirs] = told(
        clinic, how_many=1, template=PREPARED, patient=reachable_patient(clinic, phone="+12125550188", now=NOW)
    )
    for action in ("move", "cancel", "ride"):
        Client().post(f"{path}{action}/", press(theirs, sure="yes", driver="Elena"))
    assert (calls(), RideHome.objects.count()) == ([], 0)
    assert other != path


def test_moved_visit_takes_no_answer_by_an_old_link(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic, template=PREPARED)
    move(visit, timedelta(minutes=15), now=NOW)
    for action in ("confirm", "move", "cancel", "ride", "birth-date", "contact", "stop", "calendar"):
        answer = Client().post(f"{path}{action}/", press(visit, sure="yes", driver="Elena", way="call", language="es"))
        assert (answer.status_code, "Something has changed" in page_of(answer)) == (409, True)
    assert (calls(), RideHome.objects.count(), ContactWishes.objects.count()) == ([], 0, 0)
