"""What becomes of kept times: longer, taken over, let go, or booked as a whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from scheduling.booking import ReviewPick, book_visit
from scheduling.booking_kept import book_held
from scheduling.claim_rows import resources_of
from scheduling.events import Entry, record
from scheduling.holding import hold_series, hold_visit
from scheduling.kept_times import extend_hold, release_hold, take_over_hold
from scheduling.models import (
    Absence,
    Appointment,
    Clinic,
    Closure,
    Event,
    Order,
    Resource,
    ResourceKind,
    Role,
    Status,
    VisitKind,
    VisitMode,
)
from scheduling.options import options_of
from scheduling.permissions import NotAllowed
from scheduling.picks import AnyPick
from scheduling.visit_steps import NotPossibleFromHere
from tests import factories
from tests.factories import NOW, system
from tests.scheduling.planned import (
    WITH_REVIEW,
    at,
    booked,
    desk,
    events_of,
    meets_the_constraints,
    picks,
    refused,
    told,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)


def held(order: Order, clinic: Clinic, *numbers: int, wall: str = "09:00") -> list[Appointment]:
    return hold_series(order=order, clinic=clinic, picks=picks(*numbers, wall=wall), by=desk(clinic), now=NOW)


def close(clinic: Clinic, day: str) -> None:
    with transaction.atomic():
        Closure.objects.create(clinic=clinic, period=(at(day, "00:00"), at(day, "23:00")), reason="snow")
        record(
            organisation_id=clinic.organisation_id, entries=[Entry("clinic.closed", clinic_id=clinic.pk)],
            by=system(), now=NOW,
        )  # fmt: skip


def test_a_hold_is_kept_longer_by_anyone_who_books() -> None:
    clinic = factories.create_clinic()
    visits = held(factories.create_order(clinic), clinic, 1, 2)
    longer = extend_hold(visits=visits, minutes=30, by=desk(clinic), now=LATER)
    assert {visit.held_until for visit in longer} == {LATER + timedelta(minutes=30)}
    assert [events_of(visit)[-1] for visit in longer] == ["appointment.hold_extended"] * 2
    assert [visit.row_version for visit in longer] == [2, 2]
    assert told() == 0


def test_a_hold_that_is_over_is_not_kept_longer() -> None:
    clinic = factories.create_clinic()
    visits = held(factories.create_order(clinic), clinic, 1)
    over = NOW + timedelta(minutes=clinic.hold_minutes)
    with refused("hold_over"):
        extend_hold(visits=visits, minutes=30, by=desk(clinic), now=over)
    with refused("hold_over"):
        take_over_hold(visits=visits, by=desk(clinic), now=over)
    with refused("hold_over"):
        book_held(visits=visits, by=desk(clinic), now=over)


def test_who_comes_second_hears_what_became_of_the_times() -> None:
    clinic = factories.create_clinic()
    booked, let_go = (held(factories.create_order(clinic), clinic, 1, wall=wall) for wall in ("09:00", "13:00"))
    book_held(visits=booked, by=desk(clinic), now=LATER)
    with refused("hold_booked"):
        book_held(visits=booked, by=desk(clinic), now=LATER)
    release_hold(visits=let_go, by=desk(clinic), now=LATER)
    with refused("hold_over"):
        book_held(visits=let_go, by=desk(clinic), now=LATER)


def test_taking_over_says_from_whom() -> None:
    clinic = factories.create_clinic()
    visits = held(factories.create_order(clinic), clinic, 1, 2)
    first, by = visits[0].booked_by_id, desk(clinic)
    taken = take_over_hold(visits=visits, by=by, now=LATER, held_with="her husband")
    assert {(visit.booked_by_id, visit.held_with) for visit in taken} == {(by.user_id, "her husband")}
    events = Event.objects.filter(verb="appointment.hold_taken_over")
    assert [(event.user_id, event.data) for event in events] == [(by.user_id, {"from_user": first})] * 2
    take_over_hold(visits=taken, by=by, now=LATER)
    assert events.count() == 2


def test_letting_go_twice_is_letting_go_once() -> None:
    clinic = factories.create_clinic()
    visits = held(factories.create_order(clinic), clinic, 1, 2)
    assert {visit.status for visit in release_hold(visits=visits, by=desk(clinic), now=LATER)} == {Status.RELEASED}
    release_hold(visits=visits, by=desk(clinic), now=LATER)
    assert Event.objects.filter(verb="appointment.released").count() == 2
    assert told() == 0
    meets_the_constraints()


def test_a_booking_is_not_let_go_as_a_hold() -> None:
    clinic = factories.create_clinic()
    visits = booked(factories.create_order(clinic), clinic, 1)
    with pytest.raises(NotPossibleFromHere):
        release_hold(visits=visits, by=desk(clinic), now=LATER)


def test_a_first_option_becomes_the_booking_and_the_second_goes() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    first, second = held(order, clinic, 1, 2), held(order, clinic, 1, 2, wall="09:30")
    had = resources_of(first)
    by = desk(clinic)
    visits = book_held(visits=first, by=by, now=LATER, key="k")
    assert [visit.pk for visit in visits] == [visit.pk for visit in first]
    assert [(visit.status, visit.held_until, visit.told_version) for visit in visits] == [(Status.BOOKED, None, 1)] * 2
    assert {(visit.booked_at, visit.booked_by_id) for visit in visits} == {(LATER, by.user_id)}
    assert resources_of(visits) == had
    assert [events_of(visit) for visit in visits] == [["appointment.held", "appointment.booked"]] * 2
    assert [events_of(visit)[-1] for visit in second] == ["appointment.released"] * 2
    assert (told(), options_of(order, now=LATER)) == (2, [])
    assert book_held(visits=first, by=by, now=LATER, key="k") == visits
    meets_the_constraints()


def test_a_second_option_becomes_the_booking_where_it_was_kept() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic, template=WITH_REVIEW)
    first = held(order, clinic, 1, 2, 3, 4)
    times: list[AnyPick] = [*picks(1, 2, 3, 4, wall="09:30"), ReviewPick(3, at("2027-01-12"))]
    second = hold_series(order=order, clinic=clinic, picks=times, by=desk(clinic), now=NOW)
    had = resources_of(second)
    visits = book_held(visits=second, by=desk(clinic), now=LATER)
    assert [visit.period for visit in visits] == [visit.period for visit in second]
    assert list(resources_of(visits).values()) == list(had.values())
    assert [visit.kind for visit in visits] == [VisitKind.INFUSION] * 3 + [VisitKind.REVIEW, VisitKind.INFUSION]
    assert (visits[3].mode, visits[3].review_after) == (VisitMode.VIDEO, 3)
    assert [visit.is_tentative for visit in visits] == [False, False, False, False, True]
    gone = Appointment.objects.filter(pk__in=[visit.pk for visit in [*first, *second]])
    assert {visit.status for visit in gone} == {Status.RELEASED}
    assert told() == 5
    meets_the_constraints()


def test_a_hold_is_booked_whole_or_not_at_all() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    first, _ = held(order, clinic, 1, 2), held(order, clinic, 1, 2, wall="09:30")
    close(clinic, "2027-01-08")
    with refused("hours"):
        book_held(visits=first, by=desk(clinic), now=LATER)
    assert [option.is_second for option in options_of(order, now=LATER)] == [False, True]


def test_a_held_visit_whose_chair_broke_is_booked_on_another() -> None:
    clinic = factories.create_clinic(chairs=2)
    visits = held(factories.create_order(clinic), clinic, 1)
    chairs = Resource.objects.filter(clinic=clinic, kind=ResourceKind.CHAIR)
    [had] = [chair for chair in chairs if str(chair.pk) in resources_of(visits)[visits[0].pk]]
    with transaction.atomic():
        day = (at("2027-01-06", "08:00"), at("2027-01-06", "18:00"))
        Absence.objects.create(resource=had, clinic=clinic, period=day, kind="out_of_service")
        entry = Entry("resource.out_of_service", clinic_id=clinic.pk)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=system(), now=NOW)
    [visit] = book_held(visits=visits, by=desk(clinic), now=LATER)
    assert str(had.pk) not in resources_of([visit])[visit.pk]
    meets_the_constraints()


def test_a_held_consultation_is_booked() -> None:
    clinic = factories.create_clinic()
    patient, visit_type, by = factories.create_patient(clinic), factories.create_visit_type(clinic), desk(clinic)
    start = at("2027-01-05", "10:00")
    kept = hold_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW)
    [visit] = book_held(visits=[kept], by=by, now=LATER)
    assert (visit.pk, visit.status, told()) == (kept.pk, Status.BOOKED, 1)
    meets_the_constraints()


def test_times_of_two_options_are_not_booked_together() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    first, second = held(order, clinic, 1, 2), held(order, clinic, 1, 2, wall="09:30")
    with refused("not_one_option"):
        book_held(visits=[first[0], second[1]], by=desk(clinic), now=LATER)
    with refused("nothing_picked"):
        book_held(visits=[], by=desk(clinic), now=LATER)


def test_a_hold_keeps_its_place_while_it_lasts_and_no_longer() -> None:
    clinic = factories.create_clinic()
    visit_type, by = factories.create_visit_type(clinic), desk(clinic)
    start = at("2027-01-05", "10:00")
    mine, yours = factories.create_patient(clinic), factories.create_patient(clinic)
    kept = hold_visit(patient=mine, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW)
    with refused("prescriber"):
        book_visit(patient=yours, clinic=clinic, visit_type=visit_type, start=start, by=by, now=LATER)
    over = NOW + timedelta(minutes=clinic.hold_minutes)
    book_visit(patient=yours, clinic=clinic, visit_type=visit_type, start=start, by=by, now=over)
    with refused("hold_over"):
        book_held(visits=[kept], by=by, now=over)


def test_only_who_books_here_changes_a_hold() -> None:
    clinic = factories.create_clinic()
    visits = held(factories.create_order(clinic), clinic, 1)
    for stranger in (factories.create_actor(clinic, Role.AUDITOR), desk(factories.create_clinic())):
        with pytest.raises(NotAllowed):
            release_hold(visits=visits, by=stranger, now=LATER)
        with pytest.raises(NotAllowed):
            book_held(visits=visits, by=stranger, now=LATER)
