"""Times are kept for a draft; the signature makes them the booking where they still fit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.booking import BookingRefused, book_series
from scheduling.drafting import change_draft, discard_draft
from scheduling.models import Appointment, Clinic, Event, EventToPlan, Order, Role, Status, VisitKind
from scheduling.pencils import ink, pencil_of, pencil_series, propose_pencil
from scheduling.permissions import NotAllowed
from scheduling.picks import Pick
from scheduling.series_terms import Wish
from scheduling.signing import sign_order
from tests import factories
from tests.factories import NOW, SIX
from tests.scheduling.ordering.test_amending import on

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def draft(clinic: Clinic) -> Order:
    return factories.create_draft(clinic, template={**SIX, "doses": 3, "reviews": []})


def pencilled(draft: Order, clinic: Clinic, *days: int, hours: int = 24) -> list[Appointment]:
    picks = [Pick(number, on(day)) for number, day in enumerate(days, start=1)]
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    return pencil_series(order=draft, clinic=clinic, picks=picks, hours=hours, by=by, now=NOW)


def sign(draft: Order, clinic: Clinic) -> Order:
    sign_order(order=draft, by=factories.create_actor(clinic, Role.PRESCRIBER), now=LATER)
    return Order.objects.get(pk=draft.pk)


def test_desk_keeps_times_for_a_draft_and_nobody_is_told(clinic: Clinic, draft: Order) -> None:
    found = propose_pencil(order=draft, clinic=clinic, wish=Wish(), count=1, now=NOW)
    assert [visit.number for visit in found.proposals[0].visits] == [1, 2, 3]
    held = pencilled(draft, clinic, 5, 8, 12)
    assert {(visit.kind, visit.status, visit.held_until) for visit in held} == {
        (VisitKind.KEPT, Status.HELD, NOW + timedelta(hours=24))
    }
    assert {visit.dose_id for visit in held} == {None}
    kept = Event.objects.filter(verb="appointment.held", order_id=draft.pk).values_list("pk", flat=True)
    assert len(kept) == 3
    assert not EventToPlan.objects.filter(event__in=list(kept)).exists()


def test_signature_makes_the_pencil_the_booking(clinic: Clinic, draft: Order) -> None:
    pencilled(draft, clinic, 5, 8, 12)
    order = sign(draft, clinic)
    inked = ink(order=order, by=factories.create_actor(clinic, Role.PRESCRIBER), now=LATER)
    assert [(visit.dose_number, visit.period.lower) for visit in inked.booked] == [
        (1, on(5)), (2, on(8)), (3, on(12)),
    ]  # fmt: skip
    assert {visit.status for visit in inked.booked} == {Status.BOOKED}
    assert pencil_of(order, now=LATER) is None


def test_pencil_that_no_longer_fits_stays_kept_and_says_why(clinic: Clinic, draft: Order) -> None:
    pencilled(draft, clinic, 5, 8, 12)
    by = factories.create_actor(clinic, Role.PRESCRIBER)
    apart = [{"dose": "each", "after": "previous", "min": 4, "max": 9}]
    draft = change_draft(order=draft, changes={"spacing": apart}, by=by, now=NOW)
    order = sign(draft, clinic)
    inked = ink(order=order, by=by, now=LATER)
    assert inked.booked == ()
    assert {problem.rule for problem in inked.problems} == {"spacing"}
    kept = pencil_of(order, now=LATER)
    assert kept is not None
    assert len(kept.visits) == 3


def test_pencil_past_its_end_is_free_to_others_and_books_nothing(clinic: Clinic, draft: Order) -> None:
    pencilled(draft, clinic, 5, 8, 12, hours=1)
    order = sign(draft, clinic)
    inked = ink(order=order, by=factories.create_actor(clinic, Role.PRESCRIBER), now=LATER)
    assert (inked.booked, inked.until) == ((), None)


def test_nothing_is_booked_from_a_draft(clinic: Clinic, draft: Order) -> None:
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    with pytest.raises(BookingRefused) as refusal:
        book_series(order=draft, clinic=clinic, picks=[Pick(1, on(5))], by=by, now=NOW)
    assert [problem.rule for problem in refusal.value.problems] == ["order_not_active"]


def test_second_pencil_takes_the_place_of_the_first(clinic: Clinic, draft: Order) -> None:
    first = pencilled(draft, clinic, 5, 8, 12)
    pencilled(draft, clinic, 6, 8, 12)
    assert set(Appointment.objects.filter(pk__in=[visit.pk for visit in first]).values_list("status", flat=True)) == {
        Status.RELEASED
    }
    kept = pencil_of(draft, now=NOW)
    assert kept is not None
    assert kept.visits[0].period.lower == on(6)


@pytest.mark.parametrize(("days", "rule"), [((5, 6, 12), "spacing"), ((9, 12, 15), "hours")])
def test_pencil_keeps_what_the_draft_says(clinic: Clinic, draft: Order, days: tuple[int, ...], rule: str) -> None:
    with pytest.raises(BookingRefused) as refusal:
        pencilled(draft, clinic, *days)
    assert rule in {problem.rule for problem in refusal.value.problems}


def test_discarded_draft_lets_its_pencil_go_and_gets_no_other(clinic: Clinic, draft: Order) -> None:
    held = pencilled(draft, clinic, 5, 8, 12)
    discard_draft(order=draft, by=factories.create_actor(clinic, Role.NURSE), now=NOW)
    held[0].refresh_from_db()
    assert held[0].status == Status.RELEASED
    with pytest.raises(BookingRefused) as refusal:
        pencilled(draft, clinic, 5, 8, 12)
    assert [problem.rule for problem in refusal.value.problems] == ["not_a_draft"]


def test_draft_that_contradicts_itself_gets_no_pencil(clinic: Clinic) -> None:
    draft = factories.create_draft(clinic, template={**SIX, "doses": 0})
    found = propose_pencil(order=draft, clinic=clinic, wish=Wish(), count=1, now=NOW)
    assert [problem.rule for problem in found.problems] == ["not_sound"]
    with pytest.raises(BookingRefused):
        pencilled(draft, clinic, 5)


def test_who_signs_elsewhere_leaves_the_pencil_to_the_desk(clinic: Clinic, draft: Order) -> None:
    pencilled(draft, clinic, 5, 8, 12)
    order = sign(draft, clinic)
    north = factories.create_clinic(clinic.organisation)
    inked = ink(order=order, by=factories.create_actor(north, Role.PRESCRIBER), now=LATER)
    assert (inked.booked, inked.problems, inked.until) == ((), (), NOW + timedelta(hours=24))


def test_stranger_keeps_nothing(clinic: Clinic, draft: Order) -> None:
    by = factories.create_actor(factories.create_clinic(), Role.FRONT_DESK)
    with pytest.raises(NotAllowed):
        pencil_series(order=draft, clinic=clinic, picks=[Pick(1, on(5))], hours=2, by=by, now=NOW)
