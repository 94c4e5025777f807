"""The planned verbs with real commits: each leaves its event, covers its phases, and meets what is asked at commit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.answering import allow, refuse
from scheduling.asking import ask_for
from scheduling.booking import Allowed, Pick, ReviewPick
from scheduling.booking_kept import book_held
from scheduling.cancelling import cancel, cancel_rest
from scheduling.events import Actor
from scheduling.holding import hold_series
from scheduling.kept_times import extend_hold, release_hold, take_over_hold
from scheduling.models import Appointment, CancelledBy, Claim, Clinic, DoseGap, Override, Role, Status, VisitKind
from scheduling.moving import move
from scheduling.moving_rest import move_rest
from scheduling.picks import AnyPick
from scheduling.restoring import un_cancel, un_no_show
from scheduling.visits import record_step
from tests import factories
from tests.databases import Committed
from tests.factories import NOW
from tests.scheduling.planned import DAYS, WITH_REVIEW, at, picks

pytestmark = pytest.mark.usefixtures("committed_database")


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    return factories.create_clinic(chairs=3, nurses=2)


@pytest.fixture
def desk(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


def test_a_series_is_held_booked_moved_cancelled_and_had_again(clinic: Clinic, desk: Actor) -> None:
    order = factories.create_order(clinic, template=WITH_REVIEW)
    chosen: list[AnyPick] = [*picks(1, 2, 3, 4), ReviewPick(3, at("2027-01-12"))]
    other: list[AnyPick] = [*picks(1, 2, 3, 4, wall="09:30"), ReviewPick(3, at("2027-01-12", "09:30"))]
    first = hold_series(order=order, clinic=clinic, picks=chosen, by=desk, now=NOW)
    second = hold_series(order=order, clinic=clinic, picks=other, by=desk, now=NOW)
    second = hold_series(order=order, clinic=clinic, picks=other, instead_of=second, by=desk, now=NOW)
    extend_hold(visits=first, minutes=20, by=desk, now=NOW)
    take_over_hold(visits=first, by=factories.create_actor(clinic, Role.NURSE), now=NOW)
    booked = book_held(visits=second, by=desk, now=NOW)
    assert {visit.status for visit in Appointment.objects.filter(pk__in=[v.pk for v in first])} == {Status.RELEASED}
    shifted: list[AnyPick] = [Pick(number, at(DAYS[number], "09:30")) for number in (1, 2, 3, 4)]
    moved = move_rest(order=order, from_number=1, picks=[*shifted, ReviewPick(3, at("2027-01-14"))], by=desk, now=NOW)
    assert [visit.pk for visit in moved] == [visit.pk for visit in booked]
    move(appointment=moved[1], start=at(DAYS[2], "13:00"), by=desk, now=NOW)
    gone = cancel_rest(order=order, from_number=3, side=CancelledBy.PATIENT, reason="ill", by=desk, now=NOW)
    assert [visit.kind for visit in gone] == [VisitKind.INFUSION, VisitKind.REVIEW, VisitKind.INFUSION]
    for visit in gone:
        assert un_cancel(appointment=visit, by=desk, now=NOW).status == Status.BOOKED
    live = Claim.objects.filter(appointment__order=order, live=True).values_list("appointment", flat=True)
    assert set(live) == {visit.pk for visit in booked}


def test_what_was_held_first_is_booked_as_it_is_and_a_no_show_comes_after_all(clinic: Clinic, desk: Actor) -> None:
    order = factories.create_order(clinic)
    held = hold_series(order=order, clinic=clinic, picks=picks(1, 2), by=desk, now=NOW)
    [first, second] = book_held(visits=held, by=desk, now=NOW)
    late = first.period.lower + timedelta(minutes=30)
    record_step(appointment=first, to=Status.NO_SHOW, happened_at=late, by=desk, now=late)
    assert un_no_show(appointment=first, by=desk, now=late).status == Status.BOOKED
    cancel(appointment=second, side=CancelledBy.CLINIC, reason="other", by=desk, now=late)
    again = hold_series(order=order, clinic=clinic, picks=picks(2), by=desk, now=late)
    release_hold(visits=again, by=desk, now=late)


def test_a_smaller_gap_is_asked_for_allowed_and_moved_back(clinic: Clinic, desk: Actor) -> None:
    order, prescriber = factories.create_order(clinic), factories.create_actor(clinic, Role.PRESCRIBER)
    held = hold_series(order=order, clinic=clinic, picks=picks(1), by=desk, now=NOW)
    [first] = book_held(visits=held, by=desk, now=NOW)
    for answer in (refuse, allow):
        asked = ask_for(order=order, clinic=clinic, picks=[Pick(2, at("2027-01-07"))], by=desk, now=NOW)
        answer(asked=asked, reason="tolerates it well", by=prescriber, now=NOW)
    second = Appointment.objects.get(dose_number=2)
    first.refresh_from_db()
    assert (first.gap_days, DoseGap.objects.filter(signed_exception_by__isnull=False).count()) == (1, 1)
    assert [override.appointment for override in Override.objects.all()] == [second]
    move(appointment=second, start=at("2027-01-08"), by=desk, now=NOW)
    move(
        appointment=second, start=at("2027-01-07", "13:00"), by=prescriber, now=NOW,
        allow=[Allowed("spacing", "she travels")],
    )  # fmt: skip
    assert Override.objects.count() == 2
