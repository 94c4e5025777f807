"""Every pair of visit states through the verb: what the table allows is recorded, all else is refused."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from django.db import transaction

from scheduling.cancelling import cancel
from scheduling.events import Actor, Entry, record
from scheduling.models import PATIENT_IS_THERE, Appointment, CancelledBy, Clinic, Role, Status, VisitKind
from scheduling.visit_steps import NEXT_OF_INFUSION, NEXT_OF_OTHERS, NotPossibleFromHere
from scheduling.visits import record_step
from tests import factories
from tests.counts import count
from tests.factories import checks_for
from tests.scheduling.running import book, minutes
from tests.web.pages import book_talk

pytestmark = pytest.mark.django_db
# How each state is reached from booked, step by step.
WAY = {
    Status.BOOKED: (),
    Status.ARRIVED: (Status.ARRIVED,),
    Status.SEATED: (Status.ARRIVED, Status.SEATED),
    Status.INFUSING: (Status.ARRIVED, Status.SEATED, Status.INFUSING),
    Status.RECOVERING: (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING),
    Status.COMPLETED: (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING, Status.COMPLETED),
    Status.NO_SHOW: (Status.NO_SHOW,),
    Status.TURNED_AWAY: (Status.ARRIVED, Status.TURNED_AWAY),
    Status.STOPPED_EARLY: (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.STOPPED_EARLY),
    Status.TRANSFERRED: (Status.ARRIVED, Status.TRANSFERRED),
    Status.LEFT_UNCLEARED: (Status.ARRIVED, Status.LEFT_UNCLEARED),
    Status.CANCELLED: (Status.CANCELLED,),
}
OF_OTHERS = {
    Status.BOOKED: (),
    Status.ARRIVED: (Status.ARRIVED,),
    Status.COMPLETED: (Status.ARRIVED, Status.COMPLETED),
    Status.NO_SHOW: (Status.NO_SHOW,),
    Status.TURNED_AWAY: (Status.ARRIVED, Status.TURNED_AWAY),
    Status.TRANSFERRED: (Status.ARRIVED, Status.TRANSFERRED),
    Status.LEFT_UNCLEARED: (Status.ARRIVED, Status.LEFT_UNCLEARED),
    Status.CANCELLED: (Status.CANCELLED,),
}

# Kept, let go, or written by mistake: no step leads there, and none leads on.
NO_WAY_ON = (Status.HELD, Status.RELEASED, Status.ENTERED_IN_ERROR)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def press(visit: Appointment, to: Status, by: Actor, after: int) -> None:
    at = visit.period.lower + minutes(after)
    if to == Status.CANCELLED:
        cancel(appointment=visit, side=CancelledBy.CLINIC, reason="other", by=by, now=at)
    else:
        record_step(appointment=visit, to=to, happened_at=at, checks=checks_for(to), by=by, now=at)


def is_as_the_table_says(visit: Appointment, way: tuple[Status, ...], to: Status, by: Actor) -> None:
    for after, step in enumerate(way):
        press(visit, step, by, after)
    before = Appointment.objects.get(pk=visit.pk)
    table = NEXT_OF_INFUSION if visit.kind == VisitKind.INFUSION else NEXT_OF_OTHERS
    at = visit.period.lower + timedelta(minutes=len(way))

    count("pairs of visit states through the verb")

    def go() -> None:
        record_step(appointment=visit, to=to, happened_at=at, checks=checks_for(to), by=by, now=at)

    if to in table.get(Status(before.status), ()):
        go()
        assert (visit.status, visit.row_version) == (to, before.row_version + 1)
        assert visit.live == (to in PATIENT_IS_THERE)
    else:
        with pytest.raises(NotPossibleFromHere) as refusal:
            go()
        assert refusal.value.status == before.status
        assert Appointment.objects.get(pk=visit.pk).row_version == before.row_version


@pytest.mark.parametrize(("at", "to"), list(product(WAY, Status)), ids=str)
def test_every_pair_of_an_infusion(clinic: Clinic, at: Status, to: Status) -> None:
    by = factories.create_actor(clinic, Role.NURSE, Role.FRONT_DESK)
    is_as_the_table_says(book(clinic), WAY[at], to, by)


@pytest.mark.parametrize(("at", "to"), list(product(OF_OTHERS, Status)), ids=str)
def test_every_pair_of_another_visit(clinic: Clinic, at: Status, to: Status) -> None:
    by = factories.create_actor(clinic, Role.NURSE, Role.FRONT_DESK)
    visit = book_talk(factories.create_patient(clinic), clinic, factories.create_visit_type(clinic))
    is_as_the_table_says(visit, OF_OTHERS[at], to, by)


@pytest.mark.parametrize(("at", "to"), list(product(NO_WAY_ON, Status)), ids=str)
def test_no_step_leads_on_from_what_is_no_visit(clinic: Clinic, at: Status, to: Status) -> None:
    by = factories.create_actor(clinic, Role.NURSE, Role.FRONT_DESK)
    visit = book(clinic)
    until = visit.period.upper if at == Status.HELD else None
    with transaction.atomic():
        Appointment.objects.filter(pk=visit.pk).update(status=at, held_until=until)
        entry = Entry("test.written", clinic_id=clinic.pk, appointment_id=visit.pk, patient_id=visit.patient_id)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=factories.system(), now=factories.NOW)
    visit.refresh_from_db()
    is_as_the_table_says(visit, (), to, by)


def test_the_ways_reach_every_state_that_a_visit_goes_through() -> None:
    assert {*WAY, *NO_WAY_ON} == set(Status)
    for table, ways in ((NEXT_OF_INFUSION, WAY), (NEXT_OF_OTHERS, OF_OTHERS)):
        assert {to for steps in table.values() for to in steps} | {Status.BOOKED, Status.CANCELLED} == set(ways)
