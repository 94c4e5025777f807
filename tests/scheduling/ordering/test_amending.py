"""An amendment keeps infusions, moves no visit, shortens no distance silently, and names what no longer fits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from scheduling.amendment_effects import effect_of, fits_no_longer
from scheduling.booking import Allowed, Pick, book_series
from scheduling.drafting import change_draft
from scheduling.events import Actor, record
from scheduling.gates import decide
from scheduling.locking import AgainstTheOrder
from scheduling.models import (
    Appointment,
    ChangeKind,
    Clinic,
    ClinicianTask,
    Decision,
    DoseTerms,
    Event,
    FollowUp,
    Order,
    OrderVersion,
    PlannedDose,
    Role,
    Status,
    User,
)
from scheduling.moving import move
from scheduling.order_content import NotSignable, SignedAlready
from scheduling.order_sites import continue_at, other_clinics
from scheduling.order_states import change_state
from scheduling.orders import orders_to_book
from scheduling.signing import sign_order
from scheduling.visits import record_step
from tests import factories
from tests.factories import NOW, PHASES, SIX

pytestmark = pytest.mark.django_db
FOUR_APART = [{"dose": "each", "after": "previous", "min": 4, "max": 9}]
NO_REVIEW: dict[str, Any] = {**SIX, "reviews": []}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def on(day: int, wall: str = "09:00") -> datetime:
    """A time in January 2027 in New York."""
    return datetime.fromisoformat(f"2027-01-{day:02}T{wall}-05:00")


def no_longer_fitting(order: Order) -> list[Appointment]:
    visits = order.appointments.select_related("terms", "order").order_by("period")
    return [visit for visit in visits if fits_no_longer(visit)]


def booked(order: Order, clinic: Clinic, *days: int, allow: Sequence[Allowed] = ()) -> list[Appointment]:
    by = factories.create_actor(clinic, *Role)
    picks = [Pick(number, on(day)) for number, day in enumerate(days, start=1)]
    return book_series(order=order, clinic=clinic, picks=picks, allow=allow, by=by, now=NOW)


def give(visit: Appointment, clinic: Clinic) -> None:
    for status in (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING, Status.COMPLETED):
        at = visit.period.lower + timedelta(hours=2 if status == Status.COMPLETED else 0)
        record_step(
            appointment=visit,
            to=status,
            happened_at=at,
            by=factories.create_actor(clinic, *Role),
            now=at,
            checks=factories.checks_for(status),
        )
        visit.refresh_from_db()


def amend(order: Order, clinic: Clinic, *, now: datetime = NOW, **changes: object) -> OrderVersion:
    by = factories.create_actor(clinic, Role.PRESCRIBER)
    order = change_draft(order=order, changes=changes, by=by, now=now)
    version = sign_order(order=order, by=by, now=now)
    order.refresh_from_db()
    return version


def version_of(visit: Appointment) -> int:
    visit.refresh_from_db()
    assert visit.terms is not None
    return visit.terms.version.number


def test_infusions_stay_the_same_ones_and_visits_go_on_at_their_times(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    doses = set(PlannedDose.objects.filter(order=order).values_list("pk", "number"))
    visits = booked(order, clinic, 5, 8, 12)
    version = amend(order, clinic, doses=8, within_days=40)
    order.refresh_from_db()
    assert (version.number, order.current_version_id, order.draft) == (2, version.pk, {})
    assert doses < set(PlannedDose.objects.filter(order=order).values_list("pk", "number"))
    assert PlannedDose.objects.filter(order=order).count() == 8
    assert DoseTerms.objects.filter(version=version).count() == 8
    for visit, day in zip(visits, (5, 8, 12), strict=True):
        told = visit.told_version
        assert version_of(visit) == 2
        assert (visit.period.lower, visit.told_version, visit.status) == (on(day), told, Status.BOOKED)
    assert no_longer_fitting(order) == []
    assert ClinicianTask.objects.count() == 0
    assert Event.objects.filter(verb="appointment.carried_over").count() == 3


def test_fewer_infusions_leave_the_others_with_their_place_and_named(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    *kept, last = booked(order, clinic, 5, 8, 12)
    effect = effect_of(order, {**SIX, "doses": 2, "reviews": []}, now=NOW)
    assert [(visit.pk, why) for visit, why in effect.unfitting] == [(last.pk, ("number",))]
    amend(order, clinic, doses=2)
    order.refresh_from_db()
    assert no_longer_fitting(order) == [last]
    assert [version_of(visit) for visit in (*kept, last)] == [2, 2, 1]
    assert (last.status, last.period.lower) == (Status.BOOKED, on(12))
    task = ClinicianTask.objects.get()
    assert (task.kind, task.order_id) == ("no_longer_fits", order.pk)
    assert task.words == "Infusion 3: the order has no such infusion any more."
    assert Event.objects.filter(verb="appointment.no_longer_fits", appointment_id=last.pk).count() == 1


def test_what_no_longer_fits_can_not_be_started_until_it_is_moved(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    first, second = booked(order, clinic, 5, 8)
    amend(order, clinic, spacing=FOUR_APART, within_days=40)
    order.refresh_from_db()
    assert [version_of(first), version_of(second)] == [2, 1]
    give(first, clinic)
    by = factories.create_actor(clinic, *Role)
    for status in (Status.ARRIVED, Status.SEATED):
        record_step(
            appointment=second, to=status, happened_at=on(8), by=by, now=on(8), checks=factories.checks_for(status)
        )
        second.refresh_from_db()
    with pytest.raises(AgainstTheOrder):
        record_step(
            appointment=second,
            to=Status.INFUSING,
            happened_at=on(8),
            by=by,
            now=on(8),
            checks=factories.checks_for(Status.INFUSING),
        )


def test_moving_what_no_longer_fits_puts_it_under_the_new_terms(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    _, second = booked(order, clinic, 5, 8)
    amend(order, clinic, spacing=FOUR_APART, within_days=40)
    move(appointment=second, start=on(11), by=factories.create_actor(clinic, *Role), now=NOW)
    order.refresh_from_db()
    assert version_of(second) == 2
    assert no_longer_fitting(order) == []


def test_longer_distance_guards_what_fits_and_is_lowered_only_by_the_signers_exception(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    first, second, third = booked(order, clinic, 5, 8, 12)
    amend(order, clinic, spacing=FOUR_APART, within_days=40)
    order.refresh_from_db()
    assert no_longer_fitting(order) == [second]
    for visit in (first, third):
        visit.refresh_from_db()
    assert (first.gap_days, third.gap_days) == (3, 4)
    assert first.gap is not None
    assert first.gap.signed_exception_by is not None
    assert first.gap.reason == "As the next infusion stood when version 2 was signed."
    assert third.gap is not None
    assert third.gap.signed_exception_by is None
    assert second.gap_days == 2


def test_shorter_distance_lets_the_next_one_come_sooner_after_the_one_that_was_given(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template={**NO_REVIEW, "spacing": FOUR_APART, "within_days": 60})
    [first] = booked(order, clinic, 5)
    give(first, clinic)
    amend(order, clinic, now=on(5, "15:00"), spacing=SIX["spacing"])
    first.refresh_from_db()
    assert (version_of(first), first.gap_days) == (1, 2)
    by = factories.create_actor(clinic, *Role)
    [second] = book_series(order=order, clinic=clinic, picks=[Pick(2, on(7))], by=by, now=on(5, "15:00"))
    assert version_of(second) == 2


def test_longer_distance_guards_after_the_one_that_was_given(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    [first] = booked(order, clinic, 5)
    give(first, clinic)
    amend(order, clinic, now=on(5, "15:00"), spacing=FOUR_APART, within_days=60)
    first.refresh_from_db()
    assert first.gap_days == 4


def test_fewer_than_were_given_is_refused(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    for visit in booked(order, clinic, 5, 8):
        give(visit, clinic)
    with pytest.raises(NotSignable) as refusal:
        amend(order, clinic, now=on(9), doses=1)
    assert refusal.value.reasons == ["Infusion 2 was given already, so there are at least 2."]
    order.refresh_from_db()
    assert (OrderVersion.objects.get(order=order).number, order.draft["doses"]) == (1, 1)


def test_visits_with_other_phases_no_longer_fit(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    visits = booked(order, clinic, 5, 8)
    longer = [{**phase, "minutes": 60} if phase["name"] == "infuse" else phase for phase in PHASES]
    amend(order, clinic, phases_of=[{"doses": [2], "phases": longer}])
    order.refresh_from_db()
    assert no_longer_fitting(order) == [visits[1]]


def test_exception_that_was_signed_goes_on_while_its_rule_stays(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    visits = booked(order, clinic, 5, 6, allow=[Allowed("spacing", "travels")])
    amend(order, clinic, doses=7)
    order.refresh_from_db()
    assert no_longer_fitting(order) == []
    visits[0].refresh_from_db()
    assert visits[0].gap_days == 1
    amend(order, clinic, spacing=[{"dose": "each", "after": "previous", "min": 3, "max": 9}], within_days=90)
    order.refresh_from_db()
    assert no_longer_fitting(order) == [visits[1]]


def test_new_review_makes_later_visits_wait_and_one_taken_away_makes_them_firm(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    visits = booked(order, clinic, 5, 8, 12)
    told = visits[2].told_version
    amend(order, clinic, reviews=[{"after": 2, "method": "at_chair"}])
    visits[2].refresh_from_db()
    assert (visits[2].is_tentative, visits[2].told_version) == (True, told + 1)
    amend(order, clinic, reviews=None)
    visits[2].refresh_from_db()
    assert (visits[2].is_tentative, visits[2].told_version) == (False, told + 2)
    verbs = Event.objects.filter(appointment_id=visits[2].pk).order_by("pk").values_list("verb", flat=True)
    assert [verb for verb in verbs if verb in ("appointment.made_firm", "appointment.waits_for_review")] == [
        "appointment.waits_for_review", "appointment.made_firm",
    ]  # fmt: skip


def test_decision_stays_by_number(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    visits = booked(order, clinic, 5, 8, 12, 15)
    for visit in visits[:3]:
        give(visit, clinic)
    user = factories.create_user(clinic, Role.PRESCRIBER)
    decide(
        order=order, after_number=3, decision=Decision.CONTINUE, decided_by=user,
        by=Actor.staff(user, clinic), now=on(12, "16:00"),
    )  # fmt: skip
    amend(order, clinic, now=on(12, "17:00"), doses=5)
    visits[3].refresh_from_db()
    assert (version_of(visits[3]), visits[3].is_tentative) == (2, False)
    give(visits[3], clinic)


def test_waiting_follow_ups_are_replaced_and_open_ones_stay(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    [first] = booked(order, clinic, 5)
    give(first, clinic)
    amend(
        order, clinic, now=on(5, "15:00"), doses=3,
        follow_ups=[{"kind": "call", "after": "each", "day": 2}, {"kind": "review", "after": "last", "day": 14}],
    )  # fmt: skip
    rows = FollowUp.objects.filter(order=order).order_by("offset_days", "after_number")
    assert [(one.kind, one.after_number, one.offset_days, one.state) for one in rows] == [
        ("call", 1, 1, "open"), *(("call", number, 1, "void") for number in (2, 3, 4, 5, 6)),
        ("call", 1, 2, "open"), ("call", 2, 2, "waiting"), ("call", 3, 2, "waiting"),
        ("review", 3, 14, "waiting"),
    ]  # fmt: skip
    amend(order, clinic, now=on(5, "16:00"), follow_ups=SIX["follow_ups"])
    again = FollowUp.objects.filter(order=order, offset_days=1, state="waiting").values_list("after_number", flat=True)
    assert sorted(again) == [2, 3]


def test_paused_order_is_amended_and_its_visits_keep_their_places(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    visits = booked(order, clinic, 5, 8)
    pause(order, clinic)
    amend(order, clinic, doses=5)
    order.refresh_from_db()
    assert (order.state, order.versions.count()) == ("paused", 2)
    assert [version_of(visit) for visit in visits] == [2, 2]


def pause(order: Order, clinic: Clinic) -> None:
    user: User = factories.create_user(clinic, Role.PRESCRIBER)
    with transaction.atomic():
        locked = Order.objects.select_for_update().get(pk=order.pk)
        _, entry = change_state(
            locked, ChangeKind.PAUSE, decided_by=user, decided_at=NOW, clinic_id=clinic.pk, now=NOW
        )  # fmt: skip
        record(organisation_id=order.organisation_id, entries=[entry], by=factories.system(), now=NOW)
    order.refresh_from_db()


def test_one_more_clinic_is_one_action_and_changes_nothing_else(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    north = factories.create_clinic(clinic.organisation)
    visits = booked(order, clinic, 5)
    assert other_clinics(order) == [north]
    nurse, by = factories.create_actor(clinic, Role.NURSE), factories.create_actor(clinic, Role.PRESCRIBER)
    change_draft(order=order, changes={"doses": 4}, by=nurse, now=NOW)
    version = continue_at(order=order, clinic=north, reauthenticated_at=NOW, by=by, now=NOW)
    order.refresh_from_db()
    assert (version.number, version.doses, version.content["sites"]) == (2, 6, sorted([clinic.slug, north.slug]))
    assert version_of(visits[0]) == 2
    assert (order.draft["doses"], order.draft["sites"]) == (4, version.content["sites"])
    assert order in orders_to_book(clinic=north)
    with pytest.raises(SignedAlready):
        continue_at(order=order, clinic=north, by=by, now=NOW)
    with pytest.raises(NotSignable):
        continue_at(order=order, clinic=factories.create_clinic(), by=by, now=NOW)
    book_series(
        order=order, clinic=north, picks=[Pick(2, on(8))], by=factories.create_actor(north, Role.FRONT_DESK), now=NOW
    )  # fmt: skip


def test_clinic_taken_away_names_the_visits_there(clinic: Clinic) -> None:
    north = factories.create_clinic(clinic.organisation)
    order = factories.create_order(clinic, template=NO_REVIEW)
    visits = booked(order, clinic, 5)
    amend(order, clinic, sites=[north.slug])
    order.refresh_from_db()
    assert no_longer_fitting(order) == visits
    assert order.sites.get() == north


def test_visit_near_another_orders_infusion_is_named_when_the_distance_grows(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=NO_REVIEW)
    other = factories.create_order(clinic, order.patient, template={**NO_REVIEW, "doses": 1})
    visits = booked(order, clinic, 5)
    booked(other, clinic, 8)
    amend(order, clinic, spacing=FOUR_APART, within_days=60)
    order.refresh_from_db()
    assert no_longer_fitting(order) == visits
