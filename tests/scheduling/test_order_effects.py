"""What a change of an order would do to its visits is said before, and is what it then does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.booking import book_series
from scheduling.events import Actor, record
from scheduling.holding import hold_series
from scheduling.locking import writing
from scheduling.models import Appointment, ChangeKind, Clinic, Order, Role, Status
from scheduling.order_effects import Becomes, effect_of, settle_visits
from scheduling.order_states import change_state
from scheduling.picks import ReviewPick
from scheduling.visits import record_step
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import WITH_REVIEW, at, booked, desk, events_of, give, picks
from tests.scheduling.words import changed

pytestmark = pytest.mark.django_db
ENDS = (ChangeKind.STOP, ChangeKind.COMPLETE)


def _changed(order: Order, clinic: Clinic, kind: ChangeKind) -> None:
    prescriber = factories.create_user(clinic, Role.PRESCRIBER)
    by = Actor.staff(prescriber, clinic)
    with writing():
        order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
        entries = settle_visits(order, kind, by=by, now=NOW)
        _change, entry = change_state(order, kind, decided_by=prescriber, decided_at=NOW, clinic_id=clinic.pk, now=NOW)
        record(organisation_id=order.organisation_id, entries=[entry, *entries], by=by, now=NOW)


def _becomes(order: Order, kind: ChangeKind) -> list[tuple[int | None, int | None, Becomes]]:
    effect = effect_of(order, kind, now=NOW)
    return [(one.number, one.review_after, one.becomes) for one in effect.visits]


@pytest.mark.parametrize("kind", ENDS)
def test_an_end_cancels_booked_infusions_and_the_review_between_them(kind: ChangeKind) -> None:
    clinic = factories.create_clinic(chairs=3, nurses=2)
    order = factories.create_order(clinic, template=WITH_REVIEW)
    series = [*picks(1, 2, 3, 4), ReviewPick(3, at("2027-01-12"))]
    visits = book_series(order=order, clinic=clinic, picks=series, by=desk(clinic), now=NOW)
    assert {becomes for _number, _after, becomes in _becomes(order, kind)} == {Becomes.CANCELLED}
    assert [after for _number, after, _becomes in _becomes(order, kind)].count(3) == 1
    _changed(order, clinic, kind)
    rows = Appointment.objects.filter(pk__in=[visit.pk for visit in visits])
    assert set(rows.values_list("status", "cancelled_by")) == {("cancelled", "clinician")}
    assert events_of(visits[0])[-1] == "appointment.cancelled"
    assert effect_of(order, kind, now=NOW).visits == ()


def test_an_end_lets_go_what_is_only_kept() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    [kept] = hold_series(order=order, clinic=clinic, picks=picks(1), by=desk(clinic), now=NOW)
    assert _becomes(order, ChangeKind.STOP) == [(1, None, Becomes.RELEASED)]
    _changed(order, clinic, ChangeKind.STOP)
    kept.refresh_from_db()
    assert (kept.status, kept.held_until) == (Status.RELEASED, None)


def test_a_pause_leaves_every_place_and_a_resumption_lets_the_rest_go_ahead() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    visits = booked(order, clinic, 1, 2)
    assert {one for *_, one in _becomes(order, ChangeKind.PAUSE)} == {Becomes.KEEPS_ITS_PLACE}
    assert {one for *_, one in _becomes(order, ChangeKind.RESUME)} == {Becomes.GOES_AHEAD}
    _changed(order, clinic, ChangeKind.PAUSE)
    rows = Appointment.objects.filter(pk__in=[visit.pk for visit in visits])
    assert set(rows.values_list("status", "told_version")) == {("booked", 1)}


def test_who_is_there_already_is_left_to_the_staff() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    first, _second = booked(order, clinic, 1, 2)
    give(first, clinic)
    then = first.period.lower + timedelta(minutes=30)
    effect = effect_of(order, ChangeKind.STOP, now=then)
    assert [one.becomes for one in effect.visits] == [Becomes.UNDER_WAY, Becomes.CANCELLED]


def test_a_visit_of_an_earlier_day_stays_for_somebody_to_say_what_happened() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    first, _second = booked(order, clinic, 1, 2)
    next_day = first.period.lower + timedelta(days=1)
    effect = effect_of(order, ChangeKind.STOP, now=next_day)
    assert [one.becomes for one in effect.visits] == [Becomes.TIME_PASSED, Becomes.CANCELLED]
    assert [one.number for one in effect.cancelled] == [2]


def test_what_is_shown_changes_with_the_visits() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    [first] = booked(order, clinic, 1)
    before = effect_of(order, ChangeKind.STOP, now=NOW).shown
    assert before == effect_of(order, ChangeKind.STOP, now=NOW + timedelta(minutes=5)).shown
    assert before != effect_of(order, ChangeKind.COMPLETE, now=NOW).shown
    nurse = factories.create_actor(clinic, Role.NURSE)
    come = first.period.lower
    record_step(appointment=first, to=Status.ARRIVED, checks=factories.WHO, happened_at=come, by=nurse, now=come)
    assert before != effect_of(order, ChangeKind.STOP, now=come).shown


def test_what_no_longer_keeps_its_distance_after_a_pause_is_shown_before_it_goes_on() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    first, second, third = booked(order, clinic, 1, 2, 3)
    give(first, clinic)
    changed(order, clinic, ChangeKind.PAUSE, now=first.period.lower + timedelta(hours=3))
    # The second's time passes in the pause, so the third is five days after the first, and four at most were ordered.
    then = second.period.lower + timedelta(hours=1)
    effect = effect_of(order, ChangeKind.RESUME, now=then)
    said = {one.visit_id: one.becomes for one in effect.visits}
    assert said[second.pk] == Becomes.TIME_PASSED
    assert said[third.pk] == Becomes.NO_LONGER_FITS
    before = effect_of(order, ChangeKind.RESUME, now=second.period.lower - timedelta(hours=1))
    assert [one.becomes for one in before.visits if one.visit_id != first.pk] == [Becomes.GOES_AHEAD] * 2
