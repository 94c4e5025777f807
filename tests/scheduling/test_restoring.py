"""Taking back a cancellation or a no-show: at the old time, checked as a booking is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.booking import Pick, ReviewPick, book_series, book_visit
from scheduling.cancelling import cancel, cancel_rest
from scheduling.claim_rows import resources_of
from scheduling.models import Appointment, CancelledBy, ChangeKind, Clinic, Event, Order, Role, Status, VisitKind
from scheduling.openings_to_move import openings_to_move
from scheduling.permissions import NotAllowed
from scheduling.restoring import un_cancel, un_no_show
from scheduling.series_terms import Wish
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from scheduling.visits import confirm, record_step
from tests import factories
from tests.factories import NOW, WHO
from tests.scheduling.planned import (
    DAYS,
    at,
    booked,
    desk,
    events_of,
    meets_the_constraints,
    picks,
    refused,
    told,
)
from tests.scheduling.words import changed

pytestmark = pytest.mark.django_db


def cancelled(order: Order, clinic: Clinic) -> Appointment:
    """Infusion 2 of three booked ones, cancelled and told."""
    visit = booked(order, clinic, 1, 2, 3)[1]
    confirm(appointment=visit, how="desk", by=desk(clinic), now=NOW)
    return cancel(appointment=visit, side=CancelledBy.PATIENT, reason="ill", by=desk(clinic), now=NOW)


def test_a_cancellation_is_taken_back_with_the_same_chair_and_nurse() -> None:
    clinic = factories.create_clinic(chairs=3, nurses=3)
    visit = cancelled(factories.create_order(clinic), clinic)
    had = resources_of([visit])
    again = un_cancel(appointment=visit, row_version=visit.row_version, by=desk(clinic), now=NOW)
    assert (again.pk, again.status, again.period) == (visit.pk, Status.BOOKED, visit.period)
    assert (again.cancelled_at, again.cancel_reason, again.notice_minutes) == (None, "", None)
    assert (again.told_version, again.confirmed_at) == (visit.told_version + 1, None)
    assert resources_of([again]) == had
    assert events_of(again)[-1] == "appointment.reinstated"
    meets_the_constraints()


def test_another_chair_is_given_where_the_old_one_went() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    visit = cancelled(factories.create_order(clinic), clinic)
    had = resources_of([visit])[visit.pk]
    other = booked(factories.create_order(clinic), clinic, 2)[0]
    assert resources_of([other])[other.pk] == had
    again = un_cancel(appointment=visit, by=desk(clinic), now=NOW)
    assert not resources_of([again])[again.pk] & had
    meets_the_constraints()


def test_a_cancellation_whose_place_is_gone_stays_and_openings_are_found() -> None:
    clinic = factories.create_clinic(chairs=1)
    visit, by = cancelled(factories.create_order(clinic), clinic), desk(clinic)
    booked(factories.create_order(clinic), clinic, 2)
    with refused("chairs", "nurses"):
        un_cancel(appointment=visit, by=by, now=NOW)
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED
    assert openings_to_move(appointment=visit, wish=Wish(), count=3, now=NOW).proposals


def test_an_infusion_that_was_booked_anew_is_not_booked_twice() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    visit, by = cancelled(order, clinic), desk(clinic)
    book_series(order=order, clinic=clinic, picks=[Pick(2, at(DAYS[1], "13:00"))], by=by, now=NOW)
    with pytest.raises(Exception, match="already_settled"):
        un_cancel(appointment=visit, by=by, now=NOW)


def test_what_the_order_no_longer_allows_is_not_taken_back() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    visit, by = cancelled(order, clinic), desk(clinic)
    changed(order, clinic, ChangeKind.STOP)
    with refused("order_not_active"):
        un_cancel(appointment=visit, by=by, now=NOW)


def test_taking_back_needs_a_cancelled_visit_and_a_fresh_page() -> None:
    clinic = factories.create_clinic()
    visit, by = cancelled(factories.create_order(clinic), clinic), desk(clinic)
    with pytest.raises(ChangedMeanwhile):
        un_cancel(appointment=visit, row_version=1, by=by, now=NOW)
    with pytest.raises(NotPossibleFromHere):
        un_no_show(appointment=visit, by=by, now=NOW)
    first = un_cancel(appointment=visit, by=by, now=NOW, key="k")
    again = un_cancel(appointment=visit, by=by, now=NOW, key="k")
    assert again.row_version == first.row_version
    with pytest.raises(NotPossibleFromHere):
        un_cancel(appointment=visit, by=by, now=NOW)
    with pytest.raises(NotAllowed):
        un_cancel(appointment=visit, by=factories.create_actor(clinic, Role.AUDITOR), now=NOW)


def test_a_consultation_is_taken_back() -> None:
    clinic = factories.create_clinic()
    visit_type, by = factories.create_visit_type(clinic), desk(clinic)
    patient, start = factories.create_patient(clinic), at("2027-01-05", "10:00")
    visit = book_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW)
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="other", by=by, now=NOW)
    assert un_cancel(appointment=visit, by=by, now=NOW).status == Status.BOOKED
    meets_the_constraints()


def test_whoever_came_after_all_is_booked_again_the_same_day() -> None:
    clinic = factories.create_clinic()
    visit, by = booked(factories.create_order(clinic), clinic, 1, 2)[0], desk(clinic)
    late = visit.period.lower + timedelta(minutes=40)
    record_step(appointment=visit, to=Status.NO_SHOW, happened_at=late, by=by, now=late)
    back = un_no_show(appointment=visit, by=by, now=late + timedelta(minutes=5))
    assert (back.status, back.period, back.told_version) == (Status.BOOKED, visit.period, visit.told_version)
    came = late + timedelta(minutes=6)
    record_step(appointment=back, to=Status.ARRIVED, checks=WHO, happened_at=came, by=by, now=came)
    meets_the_constraints()


def test_a_no_show_is_not_taken_back_on_a_later_day() -> None:
    clinic = factories.create_clinic()
    visit, by = booked(factories.create_order(clinic), clinic, 1, 2)[0], desk(clinic)
    late = visit.period.lower + timedelta(minutes=40)
    record_step(appointment=visit, to=Status.NO_SHOW, happened_at=late, by=by, now=late)
    with refused("past"):
        un_no_show(appointment=visit, by=by, now=late + timedelta(days=1))


def test_cancelling_the_rest_cancels_infusions_and_reviews_between() -> None:
    clinic = factories.create_clinic()
    template = {
        **factories.SIX,
        "reviews": [{"after": after, "method": "video", "minutes": 15} for after in (1, 3)],
    }
    order, by = factories.create_order(clinic, template=template), desk(clinic)
    reviews = [ReviewPick(1, at("2027-01-07")), ReviewPick(3, at("2027-01-12"))]
    visits = book_series(order=order, clinic=clinic, picks=[*picks(1, 2, 3, 4), *reviews], by=by, now=NOW)
    before = told()
    gone = cancel_rest(order=order, from_number=2, side=CancelledBy.PATIENT, reason="stops", by=by, now=NOW, key="k")
    assert [(visit.dose_number, visit.review_after) for visit in gone] == [(2, None), (3, None), (None, 3), (4, None)]
    assert {(visit.status, visit.cancelled_by, visit.cancel_reason) for visit in gone} == {
        (Status.CANCELLED, CancelledBy.PATIENT, "stops")
    }
    assert Event.objects.filter(verb="appointment.cancelled").count() == told() - before == 4
    stays = Appointment.objects.filter(order=order, status=Status.BOOKED)
    assert [visit.kind for visit in stays.order_by("period")] == [VisitKind.INFUSION, VisitKind.REVIEW]
    again = cancel_rest(order=order, from_number=2, side=CancelledBy.PATIENT, reason="stops", by=by, now=NOW, key="k")
    assert again == gone
    assert visits[0].pk in stays.values_list("pk", flat=True)
    with refused("nothing_to_cancel"):
        cancel_rest(order=order, from_number=2, side=CancelledBy.PATIENT, reason="stops", by=by, now=NOW)
    meets_the_constraints()


def test_only_who_cancels_here_cancels_the_rest() -> None:
    clinic = factories.create_clinic()
    other = factories.create_clinic(clinic.organisation)
    order = factories.create_order(clinic)
    booked(order, clinic, 1, 2)
    for stranger in (desk(other), factories.create_actor(clinic, Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            cancel_rest(order=order, from_number=1, side=CancelledBy.PATIENT, reason="stops", by=stranger, now=NOW)
