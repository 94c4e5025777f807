"""Rules that their owner may let a booking break, with a reason; what nobody may allow; a signed smaller gap."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction

from scheduling.booking import Allowed, BookingRefused, Pick, book_series, book_visit
from scheduling.events import Actor, Entry, record
from scheduling.models import Appointment, Clinic, DoseGap, Event, Order, Override, Role
from scheduling.moving import move
from scheduling.overrides import OWNERS
from scheduling.permissions import NotAllowed
from tests import factories
from tests.factories import NOW, system
from tests.scheduling.planned import DAYS, at, booked, desk, events_of, give, meets_the_constraints, picks, refused

pytestmark = pytest.mark.django_db

# Staff are there longer than the clinic is open, so that hours alone are in the way.
LATE_STAFF: dict[str, Any] = {"chairs": 2, "opens": time(8), "closes": time(20)}


def manager(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.MANAGER)


def prescriber(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.PRESCRIBER)


def set_clinic(clinic: Clinic, **changes: Any) -> None:
    with transaction.atomic():
        Clinic.objects.filter(pk=clinic.pk).update(**changes)
        record(
            organisation_id=clinic.organisation_id, entries=[Entry("clinic.set_up", clinic_id=clinic.pk)],
            by=system(), now=NOW,
        )  # fmt: skip
    clinic.refresh_from_db()


def try_one(clinic: Clinic, start: datetime, by: Actor, *allow: Allowed) -> list[Appointment]:
    order = factories.create_order(clinic)
    return book_series(order=order, clinic=clinic, picks=[Pick(1, start)], by=by, now=NOW, allow=allow)


def test_a_manager_lets_a_visit_end_late_and_it_is_kept_why() -> None:
    clinic = factories.create_clinic(**LATE_STAFF)
    set_clinic(clinic, last_end_time=time(17))
    by, start = manager(clinic), at(DAYS[0], "15:15")
    with refused("last_end"):
        try_one(clinic, start, by)
    [visit] = try_one(clinic, start, by, Allowed("last_end", "her sister drives from far"))
    override = Override.objects.get()
    assert (override.appointment, override.rule, override.allowed_by_id, override.allowed_at) == (
        visit, "last_end", by.user_id, NOW,
    )  # fmt: skip
    event = Event.objects.get(verb="appointment.rule_allowed")
    assert (event.appointment, event.reason, event.data) == (
        visit, "her sister drives from far", {"rule": "last_end"},
    )  # fmt: skip
    meets_the_constraints()


def test_hours_and_grid_are_allowed_but_not_who_is_not_there() -> None:
    clinic = factories.create_clinic()
    by = manager(clinic)
    grid = [Allowed("grid", "the bus")]
    [visit] = try_one(clinic, at(DAYS[0], "09:05"), by, *grid)
    assert visit.period.lower == at(DAYS[0], "09:05")
    with refused("grid"):
        try_one(clinic, at(DAYS[0], "12:02"), by, *grid)
    with refused("nurses"):
        try_one(clinic, at(DAYS[0], "16:30"), by, Allowed("hours", "she asked"))
    meets_the_constraints()


def test_what_is_allowed_needlessly_is_not_kept() -> None:
    clinic = factories.create_clinic()
    try_one(clinic, at(DAYS[0]), manager(clinic), Allowed("hours", "to be sure"))
    assert not Override.objects.exists()


@pytest.mark.parametrize("rule", [*OWNERS, "chairs", "nurses", "staff", "patient_busy", "past", "order", "nonsense"])
def test_nobody_allows_what_is_not_theirs(rule: str) -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    for role in (Role.FRONT_DESK, Role.NURSE, Role.MANAGER, Role.PRESCRIBER):
        if OWNERS.get(rule) == role:
            continue
        by = factories.create_actor(clinic, role)
        with pytest.raises(NotAllowed):
            book_series(order=order, clinic=clinic, picks=picks(1), by=by, now=NOW, allow=[Allowed(rule, "so")])
    with pytest.raises(NotAllowed):
        book_series(
            order=order, clinic=clinic, picks=picks(1), by=factories.system(), now=NOW, allow=[Allowed(rule, "so")]
        )


def test_a_reason_is_needed() -> None:
    clinic = factories.create_clinic()
    with pytest.raises(BookingRefused, match="reason_needed"):
        try_one(clinic, at(DAYS[0], "09:05"), manager(clinic), Allowed("grid", "  "))


def test_physical_double_use_is_refused_whatever_is_allowed() -> None:
    clinic = factories.create_clinic(chairs=1)
    by = factories.create_actor(clinic, Role.MANAGER, Role.PRESCRIBER)
    order = factories.create_order(clinic)
    booked(order, clinic, 1)
    everything = [Allowed(rule, "all") for rule in OWNERS]
    with refused("chairs", "nurses"):
        try_one(clinic, at(DAYS[0]), by, *everything)
    with refused("past"):
        try_one(clinic, NOW - timedelta(minutes=15), by, *everything)
    with refused("chairs", "order", "patient_busy"):
        book_series(order=order, clinic=clinic, picks=[Pick(2, at(DAYS[0], "08:45"))], by=by, now=NOW, allow=everything)


def test_a_prescriber_lets_a_week_and_the_days_of_the_series_be_broken() -> None:
    clinic = factories.create_clinic()
    template = {**factories.SIX, "doses": 4, "spacing": [], "within_days": 5, "per_week": 2}
    order, by = factories.create_order(clinic, template=template), prescriber(clinic)
    chosen = [Pick(1, at("2027-01-05")), Pick(2, at("2027-01-06")), Pick(3, at("2027-01-07")), Pick(4, at(DAYS[2]))]
    with refused("per_week", "within_days"):
        book_series(order=order, clinic=clinic, picks=chosen, by=by, now=NOW)
    allow = [Allowed("per_week", "mild course"), Allowed("within_days", "holiday")]
    visits = book_series(order=order, clinic=clinic, picks=chosen, by=by, now=NOW, allow=allow)
    kept = {(override.appointment_id, override.rule) for override in Override.objects.all()}
    assert kept == {(visits[2].pk, "per_week"), (visits[3].pk, "within_days")}
    meets_the_constraints()


def sooner(clinic: Clinic, order: Order, by: Actor) -> list[Appointment]:
    """Infusion 2 the day after the first, where two days are signed."""
    chosen = [Pick(2, at("2027-01-07"))]
    allow = [Allowed("spacing", "tolerates it well")]
    return book_series(order=order, clinic=clinic, picks=chosen, by=by, now=NOW, allow=allow)


def test_a_prescriber_signs_one_smaller_gap_and_the_visit_before_points_to_it() -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic), prescriber(clinic)
    first = booked(order, clinic, 1)[0]
    with pytest.raises(NotAllowed):
        sooner(clinic, order, manager(clinic))
    [second] = sooner(clinic, order, by)
    gap = DoseGap.objects.get(signed_exception_by__isnull=False)
    assert (gap.days, gap.minutes, gap.reason) == (1, 0, "tolerates it well")
    assert (gap.signed_exception_by_id, gap.signed_exception_at) == (by.user_id, NOW)
    first.refresh_from_db()
    assert (first.gap_id, first.gap_days, first.row_version, first.told_version) == (gap.pk, 1, 2, 1)
    assert second.gap_days == 2
    assert events_of(first) == ["appointment.booked", "appointment.gap_lowered"]
    assert events_of(second) == ["appointment.booked", "appointment.rule_allowed"]
    meets_the_constraints()
    # The next one keeps the signed gap again.
    with refused("spacing"):
        book_series(order=order, clinic=clinic, picks=[Pick(3, at("2027-01-08"))], by=desk(clinic), now=NOW)


def test_a_smaller_gap_is_signed_within_one_booking_and_after_a_given_infusion() -> None:
    clinic = factories.create_clinic(nurses=2)
    both, given = factories.create_order(clinic), factories.create_order(clinic)
    by, allow = prescriber(clinic), [Allowed("spacing", "tolerates it well")]
    chosen = [Pick(1, at("2027-01-06")), Pick(2, at("2027-01-07"))]
    first, _ = book_series(order=both, clinic=clinic, picks=chosen, by=by, now=NOW, allow=allow)
    assert first.gap_days == 1
    before = booked(given, clinic, 1, wall="13:00")[0]
    give(before, clinic)
    later = before.period.lower + timedelta(hours=3)
    book_series(order=given, clinic=clinic, picks=[Pick(2, at("2027-01-07"))], by=by, now=later, allow=allow)
    before.refresh_from_db()
    assert before.gap_days == 1
    meets_the_constraints()


def test_either_of_two_visits_may_move_nearer() -> None:
    clinic = factories.create_clinic(nurses=2)
    by, allow = prescriber(clinic), [Allowed("spacing", "tolerates it well")]
    for moving, to in ((1, at("2027-01-07")), (0, at("2027-01-07"))):
        visits = booked(factories.create_order(clinic), clinic, 1, 2, wall=f"{9 + 4 * moving:02}:00")
        with refused("spacing"):
            move(appointment=visits[moving], start=to, by=by, now=NOW)
        moved = move(appointment=visits[moving], start=to, by=by, now=NOW, allow=allow)
        first = Appointment.objects.get(pk=visits[0].pk)
        assert (first.gap_days, Override.objects.filter(appointment=moved).count()) == (1, 1)
    meets_the_constraints()


def test_a_gap_in_hours_is_lowered_to_the_minute() -> None:
    clinic = factories.create_clinic()
    spacing = [{"dose": "each", "after": "previous", "min": 48, "unit": "hours"}]
    order = factories.create_order(clinic, template={**factories.SIX, "spacing": spacing})
    by, chosen = prescriber(clinic), [Pick(1, at("2027-01-06")), Pick(2, at("2027-01-08", "08:45"))]
    with refused("spacing"):
        book_series(order=order, clinic=clinic, picks=chosen, by=by, now=NOW)
    first, _ = book_series(
        order=order, clinic=clinic, picks=chosen, by=by, now=NOW, allow=[Allowed("spacing", "the only free time")]
    )
    assert (first.gap_days, first.gap_minutes) == (0, 48 * 60 - 15)
    meets_the_constraints()


def test_a_consultation_outside_opening_hours_is_a_managers_to_allow() -> None:
    clinic = factories.create_clinic(closes=time(18))
    set_clinic(clinic, last_end_time=time(17))
    visit_type, by = factories.create_visit_type(clinic), manager(clinic)
    patient, start = factories.create_patient(clinic), at(DAYS[0], "16:45")
    with refused("last_end"):
        book_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW)
    allow = [Allowed("last_end", "comes from work")]
    visit = book_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW, allow=allow)
    assert [override.rule for override in Override.objects.filter(appointment=visit)] == ["last_end"]
    meets_the_constraints()
