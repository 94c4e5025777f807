"""What somebody has told the patient is not said again, and what waits can be sent at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.dispatch import dispatch_due
from notifications.models import Notice, NoticeState, ToldInPerson
from notifications.telling import NothingToTell, send_now, told_in_person
from scheduling.booking import Pick, book_series
from scheduling.cancelling import cancel, cancel_rest
from scheduling.events import Actor
from scheduling.models import Appointment, CancelledBy, Clinic, Event, Order, Patient, Role
from scheduling.permissions import NotAllowed
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import NOON, clinic_that_writes, move, new_york, plan, reachable_patient

pytestmark = pytest.mark.django_db
GRACE = timedelta(minutes=3)
LATER = NOON + timedelta(minutes=30)


class World:
    """A patient who was told of three infusions, and a desk."""

    def __init__(self) -> None:
        self.clinic: Clinic = clinic_that_writes()
        self.patient: Patient = reachable_patient(self.clinic)
        self.order: Order = factories.create_order(self.clinic, self.patient)
        self.desk: Actor = factories.create_actor(self.clinic, Role.FRONT_DESK)
        picks = [Pick(number, new_york(day, 9)) for number, day in ((1, 6), (2, 8), (3, 11))]
        self.visits: list[Appointment] = book_series(
            order=self.order, clinic=self.clinic, picks=picks, by=self.desk, now=NOON
        )


@pytest.fixture
def world(gateway: TwilioGateway) -> World:
    made = World()
    plan()
    send(NOON + GRACE)
    assert len(gateway.ledger) == 1
    gateway.ledger.clear()
    return made


def send(at: object) -> None:
    dispatch_due(clock=lambda: at, until=at + timedelta(seconds=1))  # type: ignore[operator, return-value, arg-type]


def test_they_know_dont_send_is_kept_with_who_and_when(world: World, gateway: TwilioGateway) -> None:
    first = world.visits[0]
    move(first, timedelta(hours=2), now=LATER)
    plan(LATER)
    told_in_person(patient=world.patient, visit=first, by=world.desk, now=LATER + timedelta(minutes=1))
    plan(LATER + timedelta(minutes=1))
    send(LATER + timedelta(hours=1))
    assert gateway.ledger == []
    notice = Notice.objects.get(purpose="changed")
    assert (notice.state, notice.reason) == (NoticeState.SUPPRESSED, "told_in_person")
    told = ToldInPerson.objects.get()
    assert (told.told_by_id, told.told_at, told.told_version) == (
        world.desk.user_id, LATER + timedelta(minutes=1), first.told_version,
    )  # fmt: skip
    assert Event.objects.get(verb="patient.told_in_person").patient_id == world.patient.pk


def test_told_before_it_was_planned_leaves_the_reason_all_the_same(world: World, gateway: TwilioGateway) -> None:
    first = world.visits[0]
    move(first, timedelta(hours=2), now=LATER)
    told_in_person(patient=world.patient, visit=first, by=world.desk, now=LATER)
    plan(LATER)
    assert Notice.objects.get(purpose="changed").reason == "told_in_person"
    plan(LATER + timedelta(hours=1))
    assert Notice.objects.filter(purpose="changed").count() == 1


def test_a_sender_that_is_faster_than_the_planner_sees_that_they_know(world: World, gateway: TwilioGateway) -> None:
    first = world.visits[0]
    move(first, timedelta(hours=2), now=LATER)
    plan(LATER)
    told_in_person(patient=world.patient, visit=first, by=world.desk, now=LATER)
    send(LATER + GRACE)
    assert gateway.ledger == []
    assert Notice.objects.get(purpose="changed").reason == "told_in_person"


def test_moved_back_after_it_was_told_in_person_is_told(world: World, gateway: TwilioGateway) -> None:
    first = world.visits[0]
    move(first, timedelta(hours=2), now=LATER)
    told_in_person(patient=world.patient, visit=first, by=world.desk, now=LATER)
    plan(LATER)
    back = LATER + timedelta(minutes=20)
    move(first, -timedelta(hours=2), now=back)
    plan(back)
    send(back + GRACE)
    assert [text.body.partition(" Details")[0] for text in gateway.ledger] == [
        "Harbor Center: your visit is now Wed Jan 6, 9:00 AM."
    ]


def test_send_now_does_not_wait_for_the_grace_time(world: World, gateway: TwilioGateway) -> None:
    move(world.visits[0], timedelta(hours=2), now=LATER)
    plan(LATER)
    at = LATER + timedelta(seconds=40)
    send(at)
    assert gateway.ledger == []
    send_now(patient=world.patient, by=world.desk, now=at)
    plan(at)
    send(at)
    assert len(gateway.ledger) == 1


def test_a_stop_by_the_prescriber_waits_until_somebody_has_told_the_patient(
    world: World, gateway: TwilioGateway
) -> None:
    cancel_rest(order=world.order, from_number=1, side=CancelledBy.CLINICIAN, reason="review", by=world.desk, now=LATER)
    plan(LATER)
    send(LATER + timedelta(minutes=119))
    assert gateway.ledger == []
    send(LATER + timedelta(hours=2))
    assert [text.body.partition(" Details")[0] for text in gateway.ledger] == [
        "Harbor Center: 3 of your visits are cancelled, the first on Wed Jan 6, 9:00 AM."
    ]


@pytest.mark.parametrize(("and_send", "texts"), [(True, 1), (False, 0)])
def test_once_the_patient_was_told_of_the_stop_the_text_goes_or_none_does(
    world: World, gateway: TwilioGateway, and_send: bool, texts: int
) -> None:
    cancel_rest(order=world.order, from_number=1, side=CancelledBy.CLINICIAN, reason="review", by=world.desk, now=LATER)
    plan(LATER)
    at = LATER + timedelta(minutes=10)
    with pytest.raises(NotAllowed):
        told_in_person(patient=world.patient, order=world.order, and_send=and_send, by=world.desk, now=at)
    nurse = factories.create_actor(world.clinic, Role.NURSE)
    told_in_person(patient=world.patient, order=world.order, and_send=and_send, by=nurse, now=at)
    plan(at)
    send(at)
    send(LATER + timedelta(hours=3))
    assert len(gateway.ledger) == texts


def test_a_cancellation_by_the_clinic_can_be_told_and_not_sent(world: World, gateway: TwilioGateway) -> None:
    first = world.visits[0]
    cancel(appointment=first, side=CancelledBy.CLINIC, reason="other", by=world.desk, now=LATER)
    told_in_person(patient=world.patient, visit=first, by=world.desk, now=LATER)
    plan(LATER)
    send(LATER + timedelta(hours=1))
    assert gateway.ledger == []
    assert Notice.objects.get(purpose="cancelled").reason == "told_in_person"


def test_neither_a_stranger_nor_another_patients_visit_is_taken(world: World) -> None:
    other = reachable_patient(world.clinic, phone="+12125550144")
    with pytest.raises(NothingToTell):
        told_in_person(patient=other, visit=world.visits[0], by=world.desk, now=LATER)
    with pytest.raises(NothingToTell):
        told_in_person(patient=world.patient, by=world.desk, now=LATER)
    with pytest.raises(NothingToTell):
        told_in_person(
            patient=world.patient, visit=world.visits[0], order=world.order, by=world.desk, now=LATER
        )  # fmt: skip
    for by in (Actor.patient(), factories.create_actor(world.clinic)):
        with pytest.raises(NotAllowed):
            told_in_person(patient=world.patient, visit=world.visits[0], by=by, now=LATER)
        with pytest.raises(NotAllowed):
            send_now(patient=world.patient, by=by, now=LATER)
    assert not ToldInPerson.objects.exists()
