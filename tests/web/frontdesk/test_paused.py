"""What the desk sees and does of paused and ended orders, in neutral words; and a patient who withdraws."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from scheduling.models import ChangeKind, Clinic, ClinicianTask, Event, Order
from tests import factories
from tests.factories import NOW
from tests.scheduling.words import WHY, changed
from tests.web.pages import DESK, PRESCRIBER, book, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
CLINICAL_WORDS = ("pause", "Pause", WHY, "stopped", "Stopped")


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


@pytest.fixture
def paused(clinic: Clinic) -> Order:
    order = factories.create_order(clinic)
    book(order, clinic, how_many=2)
    return changed(order, clinic, ChangeKind.PAUSE)


def test_series_board_and_visit_say_that_it_waits_for_the_prescriber_and_not_why(
    clinic: Clinic, desk: Client, paused: Order
) -> None:
    visit = paused.appointments.order_by("period")[0]
    series = page_of(desk.get(f"/series/{paused.pk}/"))
    assert "Waits for the prescriber" in series
    assert series.count("waits for review") == 2
    own = page_of(desk.get(f"/visits/{visit.pk}/"))
    assert "This visit waits for the prescriber." in own
    assert "Confirmed by phone" not in own
    board = page_of(desk.get(f"/?day={visit.period.lower:%Y-%m-%d}"))
    assert "waits for review" in board
    for page in (series, own, board):
        assert not [word for word in CLINICAL_WORDS if word in page.replace("js/poll-pause.js", "")]


def test_an_old_page_confirms_nothing_and_says_so(desk: Client, paused: Order) -> None:
    visit = paused.appointments.order_by("period")[0]
    answer = desk.post(f"/visits/{visit.pk}/confirm/", follow=True)
    assert "this visit waits for the prescriber and can&#x27;t be confirmed" in page_of(answer)


def test_after_the_days_the_desk_is_asked_and_keeps_or_frees(desk: Client, paused: Order) -> None:
    assert "Are these times still kept?" not in page_of(desk.get("/orders/"))
    Order.objects.filter(pk=paused.pk).update(keep_places_until=NOW)
    page = page_of(desk.get("/orders/"))
    assert "Are these times still kept?" in page
    assert not [word for word in CLINICAL_WORDS if word in page.replace("js/poll-pause.js", "")]
    answer = desk.post(f"/series/{paused.pk}/places/", {"do": "keep", "days": "99"}, follow=True)
    assert "Keep times for 1 to 30 days. Nothing was changed." in page_of(answer)
    answer = desk.post(f"/series/{paused.pk}/places/", {"do": "keep", "days": "2"}, follow=True)
    assert "are kept 2 days more" in page_of(answer)
    paused.refresh_from_db()
    assert paused.keep_places_until == NOW + timedelta(days=2)
    answer = desk.post(f"/series/{paused.pk}/places/", {"do": "free"}, follow=True)
    assert "The patient is told once a clinician has spoken with them." in page_of(answer)
    assert set(paused.appointments.values_list("status", flat=True)) == {"cancelled"}


def test_who_was_not_told_in_time_is_one_neutral_line_for_the_desk_and_a_task_for_clinicians(
    clinic: Clinic, desk: Client, paused: Order
) -> None:
    # Nobody can be messaged here, so the line is there at once.
    page = page_of(desk.get("/orders/"))
    assert "Waits for the prescriber" in page
    assert paused.patient.shown_name in page
    theirs = page_of(signed_in(clinic, PRESCRIBER).get("/clinician/"))
    assert "Patients to speak with" in theirs
    assert "no message reaches them: please call" in theirs


def test_a_patient_who_does_not_want_to_go_on(clinic: Clinic, desk: Client) -> None:
    order = factories.create_order(clinic)
    book(order, clinic, how_many=2)
    assert "The patient does not want to go on" in page_of(desk.get(f"/series/{order.pk}/"))
    assert page_of(desk.get(f"/series/{order.pk}/withdraw/")).count("of 6:") == 2
    answer = desk.post(f"/series/{order.pk}/withdraw/", follow=True)
    assert "What was booked is cancelled, and a clinician closes the order." in page_of(answer)
    assert ClinicianTask.objects.get().kind == "withdrew"
    prescriber = signed_in(clinic, PRESCRIBER)
    assert "The patient does not want to go on" in page_of(prescriber.get(f"/clinician/orders/{order.pk}/"))
    changed(order, clinic, ChangeKind.STOP)
    answer = desk.post(f"/series/{order.pk}/withdraw/", follow=True)
    assert "This order is over already. Nothing was changed." in page_of(answer)


def test_said_as_the_reason_of_cancelling_the_rest_it_is_a_withdrawal_too(clinic: Clinic, desk: Client) -> None:
    order = factories.create_order(clinic)
    book(order, clinic, how_many=2)
    desk.post(f"/series/{order.pk}/cancel-rest/?from=2", {"reason": "patient_withdrew", "key": "k"})
    assert ClinicianTask.objects.get().kind == "withdrew"
    assert Event.objects.filter(verb="appointment.cancelled").count() == 1


def test_an_order_that_is_over_says_no_more_than_that(clinic: Clinic, desk: Client) -> None:
    order = changed(factories.create_order(clinic), clinic, ChangeKind.STOP)
    page = page_of(desk.get(f"/series/{order.pk}/"))
    assert "This order is over: nothing more is booked from it." in page
    assert not [word for word in CLINICAL_WORDS if word in page.replace("js/poll-pause.js", "")]
