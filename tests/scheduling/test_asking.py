"""Asking for what a rule stands against: the times are kept, the owner of the rule answers, a desk never allows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest

from scheduling.answering import allow, refuse, withdraw
from scheduling.asking import ask_for, ask_for_visit, ask_to_move, open_questions
from scheduling.booking import Pick, ReviewPick, book_series, book_visit
from scheduling.cancelling import cancel
from scheduling.claim_rows import resources_of
from scheduling.events import Actor
from scheduling.holding import hold_series
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.kept_times import release_hold
from scheduling.models import (
    Appointment,
    AskedFor,
    AskState,
    CancelledBy,
    Clinic,
    Event,
    Order,
    Override,
    Role,
    Status,
    VisitKind,
)
from scheduling.options import options_of
from scheduling.permissions import NotAllowed
from scheduling.picks import AnyPick
from scheduling.visit_steps import NotPossibleFromHere
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import (
    DAYS,
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

LATER = NOW + timedelta(hours=2)


def clinic_with_last_end() -> Clinic:
    """Open until eight, patients leave by five."""
    clinic = factories.create_clinic(chairs=1, closes=time(20))
    Clinic.objects.filter(pk=clinic.pk).update(last_end_time=time(17))
    clinic.refresh_from_db()
    return clinic


def asked_late(clinic: Clinic, order: Order, by: Actor) -> AskedFor:
    """The first infusion from a quarter past three, which ends too late."""
    return ask_for(
        order=order, clinic=clinic, picks=[Pick(1, at(DAYS[0], "15:15"))], reason="comes after work", by=by, now=NOW
    )


def manager(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.MANAGER)


def test_a_question_names_its_rules_and_owner_and_keeps_the_times() -> None:
    clinic = clinic_with_last_end()
    order, by = factories.create_order(clinic), desk(clinic)
    asked = asked_late(clinic, order, by)
    assert (asked.rules, asked.role, asked.state, asked.reason) == (
        ["last_end"], Role.MANAGER, AskState.OPEN, "comes after work",
    )  # fmt: skip
    assert (asked.asked_by_id, asked.asked_at, asked.order, asked.patient) == (by.user_id, NOW, order, order.patient)
    [kept] = asked.kept_times.all()
    assert (kept.kind, kept.status, kept.kept_for_number) == (VisitKind.KEPT, Status.HELD, 1)
    # The clinic closes at eight the next day.
    assert kept.held_until == at("2027-01-05", "20:00")
    assert open_questions(clinic=clinic, role=Role.MANAGER) == [asked]
    assert open_questions(clinic=clinic, role=Role.PRESCRIBER) == []
    assert (told(), options_of(order, now=NOW)) == (0, [])
    with refused("chairs"):
        book_series(
            order=factories.create_order(clinic), clinic=clinic, picks=[Pick(1, at(DAYS[0], "15:00"))], by=by, now=NOW
        )
    meets_the_constraints()


def test_a_question_on_a_friday_is_kept_over_the_weekend_but_not_past_the_visit() -> None:
    clinic = clinic_with_last_end()
    friday = at("2027-01-08", "12:00")
    for day, until in (("2027-01-13", at("2027-01-11", "20:00")), ("2027-01-11", at("2027-01-11", "15:15"))):
        asked = ask_for(
            order=factories.create_order(clinic), clinic=clinic, picks=[Pick(1, at(day, "15:15"))], by=desk(clinic),
            now=friday,
        )  # fmt: skip
        assert {kept.held_until for kept in asked.kept_times.all()} == {until}


def test_allowing_books_what_was_kept_and_says_by_whose_word() -> None:
    clinic = clinic_with_last_end()
    order = factories.create_order(clinic)
    asked = asked_late(clinic, order, desk(clinic))
    [kept] = asked.kept_times.all()
    by = manager(clinic)
    [visit] = allow(asked=asked, reason="once", by=by, now=LATER, key="k")
    assert (visit.status, visit.kind, visit.dose_number) == (Status.BOOKED, VisitKind.INFUSION, 1)
    assert list(resources_of([visit]).values()) == list(resources_of([kept]).values())
    override = Override.objects.get()
    assert (override.appointment, override.rule, override.allowed_by_id, override.reason) == (
        visit, "last_end", by.user_id, "once",
    )  # fmt: skip
    asked.refresh_from_db()
    assert (asked.state, asked.answered_by_id, asked.answered_at, asked.answer_reason) == (
        AskState.ALLOWED, by.user_id, LATER, "once",
    )  # fmt: skip
    kept.refresh_from_db()
    assert (kept.status, told(), open_questions(clinic=clinic, role=Role.MANAGER)) == (Status.RELEASED, 1, [])
    assert events_of(visit) == ["appointment.booked", "appointment.rule_allowed"]
    assert allow(asked=asked, reason="once", by=by, now=LATER, key="k") == [visit]
    with pytest.raises(KeyUsedOtherwise):
        allow(asked=asked, reason="twice", by=by, now=LATER, key="k")
    meets_the_constraints()


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER])
def test_only_the_owner_of_the_rule_answers(role: Role) -> None:
    clinic = clinic_with_last_end()
    asked = asked_late(clinic, factories.create_order(clinic), desk(clinic))
    by = factories.create_actor(clinic, role)
    with pytest.raises(NotAllowed):
        allow(asked=asked, reason="so", by=by, now=LATER)
    with pytest.raises(NotAllowed):
        refuse(asked=asked, reason="so", by=by, now=LATER)
    with pytest.raises(NotAllowed):
        allow(asked=asked, reason="so", by=factories.system(), now=LATER)


def test_a_refused_or_withdrawn_question_lets_its_times_go_and_is_answered_once() -> None:
    clinic = clinic_with_last_end()
    by, boss = desk(clinic), manager(clinic)

    def say_no(asked: AskedFor) -> AskedFor:
        return refuse(asked=asked, reason="we close", by=boss, now=LATER)

    def take_back(asked: AskedFor) -> AskedFor:
        return withdraw(asked=asked, by=by, now=LATER)

    ends: list[tuple[Callable[[AskedFor], AskedFor], AskState]] = [
        (say_no, AskState.REFUSED), (take_back, AskState.WITHDRAWN),
    ]  # fmt: skip
    for end, state in ends:
        asked = end(asked_late(clinic, factories.create_order(clinic), by))
        assert asked.state == state
        assert {kept.status for kept in asked.kept_times.all()} == {Status.RELEASED}
        for again in (say_no, take_back):
            with refused("answered"):
                again(asked)
        with refused("answered"):
            allow(asked=asked, reason="so", by=boss, now=LATER)
    assert told() == 0
    assert Event.objects.filter(verb__startswith="question.").count() == 4
    meets_the_constraints()


def test_a_question_needs_a_reason_to_be_answered() -> None:
    clinic = clinic_with_last_end()
    asked = asked_late(clinic, factories.create_order(clinic), desk(clinic))
    for answer in (allow, refuse):
        with refused("reason_needed"):
            answer(asked=asked, reason=" ", by=manager(clinic), now=LATER)


def test_what_nobody_may_allow_is_not_asked_for() -> None:
    clinic = clinic_with_last_end()
    order, by = factories.create_order(clinic), desk(clinic)
    booked(factories.create_order(clinic), clinic, 1, wall="14:00")
    with refused("chairs"):
        ask_for(order=order, clinic=clinic, picks=[Pick(1, at(DAYS[0], "15:15"))], by=by, now=NOW)
    with refused("nothing_to_ask"):
        ask_for(order=order, clinic=clinic, picks=[Pick(2, at(DAYS[1]))], by=by, now=NOW)
    with refused("past"):
        ask_for(order=order, clinic=clinic, picks=[Pick(1, NOW - timedelta(hours=1))], by=by, now=NOW)
    assert not AskedFor.objects.exists()


def test_two_owners_are_asked_apart() -> None:
    clinic = clinic_with_last_end()
    order, by = factories.create_order(clinic), desk(clinic)
    booked(order, clinic, 1)
    with refused("two_owners"):
        ask_for(order=order, clinic=clinic, picks=[Pick(2, at("2027-01-07", "15:15"))], by=by, now=NOW)
    asked = ask_for(order=order, clinic=clinic, picks=[Pick(2, at("2027-01-07"))], by=by, now=NOW)
    assert (asked.rules, asked.role) == (["spacing"], Role.PRESCRIBER)
    [visit] = allow(asked=asked, reason="fine", by=factories.create_actor(clinic, Role.PRESCRIBER), now=LATER)
    assert visit.dose_number == 2
    meets_the_constraints()


def test_what_is_in_the_way_by_now_leaves_the_question_open() -> None:
    clinic = clinic_with_last_end()
    order, by = factories.create_order(clinic), desk(clinic)
    asked = asked_late(clinic, order, by)
    booked(order, clinic, 1)
    with refused("already_settled"):
        allow(asked=asked, reason="once", by=manager(clinic), now=LATER)
    asked.refresh_from_db()
    assert (asked.state, asked.kept_times.get().status) == (AskState.OPEN, Status.HELD)


def test_a_question_answered_after_its_times_lapsed_is_checked_anew() -> None:
    clinic = clinic_with_last_end()
    asked = asked_late(clinic, factories.create_order(clinic), desk(clinic))
    lapsed = at("2027-01-05", "20:00")
    other = factories.create_order(clinic)
    book_series(order=other, clinic=clinic, picks=[Pick(1, at(DAYS[0], "14:45"))], by=desk(clinic), now=lapsed)
    with refused("chairs"):
        allow(asked=asked, reason="once", by=manager(clinic), now=lapsed)


def test_allowing_lets_go_what_else_was_held_for_the_order() -> None:
    clinic = clinic_with_last_end()
    order, by = factories.create_order(clinic), desk(clinic)
    held = hold_series(order=order, clinic=clinic, picks=picks(1), until=LATER + timedelta(days=1), by=by, now=NOW)
    asked = asked_late(clinic, order, by)
    allow(asked=asked, reason="once", by=manager(clinic), now=LATER)
    held[0].refresh_from_db()
    assert held[0].status == Status.RELEASED


def test_times_kept_for_a_question_are_not_let_go_as_a_hold() -> None:
    clinic = clinic_with_last_end()
    by = desk(clinic)
    asked = asked_late(clinic, factories.create_order(clinic), by)
    with pytest.raises(NotPossibleFromHere):
        release_hold(visits=list(asked.kept_times.all()), by=by, now=NOW)


def test_a_single_visit_is_asked_for_and_allowed() -> None:
    clinic = clinic_with_last_end()
    patient, visit_type, by = factories.create_patient(clinic), factories.create_visit_type(clinic), desk(clinic)
    start: datetime = at(DAYS[0], "16:45")
    asked = ask_for_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW, key="k")
    again = ask_for_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW, key="k")
    assert (again, asked.rules, asked.order) == (asked, ["last_end"], None)
    [visit] = allow(asked=asked, reason="once", by=manager(clinic), now=LATER)
    assert (visit.kind, visit.visit_type, visit.period.lower) == (VisitKind.CONSULTATION, visit_type, start)
    assert Appointment.objects.filter(kind=VisitKind.KEPT, status=Status.HELD).count() == 0
    meets_the_constraints()


def test_a_visit_is_asked_to_move_and_stays_until_that_is_allowed() -> None:
    clinic = clinic_with_last_end()
    order, by = factories.create_order(clinic), desk(clinic)
    visit = booked(order, clinic, 1, wall="14:00")[0]
    to = at(DAYS[0], "16:30")
    asked = ask_to_move(appointment=visit, start=to, row_version=1, reason="works late", by=by, now=NOW, key="k")
    assert (
        ask_to_move(appointment=visit, start=to, row_version=1, reason="works late", by=by, now=NOW, key="k") == asked
    )
    visit.refresh_from_db()
    assert (visit.period.lower, visit.status, asked.rules) == (at(DAYS[0], "14:00"), Status.BOOKED, ["last_end"])
    assert {kept.period.lower for kept in asked.kept_times.all()} == {to}
    [moved] = allow(asked=asked, reason="once", by=manager(clinic), now=LATER)
    assert (moved.pk, moved.period.lower, moved.told_version) == (visit.pk, to, 2)
    assert events_of(moved)[-2:] == ["appointment.moved", "appointment.rule_allowed"]
    assert asked.kept_times.get().status == Status.RELEASED
    meets_the_constraints()


def test_a_visit_that_is_gone_by_now_is_not_moved() -> None:
    clinic = clinic_with_last_end()
    visit, by = booked(factories.create_order(clinic), clinic, 1)[0], desk(clinic)
    asked = ask_to_move(appointment=visit, start=at(DAYS[0], "15:15"), by=by, now=NOW)
    cancel(appointment=visit, side=CancelledBy.PATIENT, reason="ill", by=by, now=NOW)
    with pytest.raises(NotPossibleFromHere):
        allow(asked=asked, reason="once", by=manager(clinic), now=LATER)
    asked.refresh_from_db()
    assert asked.state == AskState.OPEN
    with pytest.raises(NotPossibleFromHere):
        ask_to_move(appointment=visit, start=at(DAYS[0], "15:15"), by=by, now=NOW)


def test_a_consultation_and_a_review_are_asked_to_move() -> None:
    clinic = clinic_with_last_end()
    by, visit_type = desk(clinic), factories.create_visit_type(clinic)
    talk = book_visit(
        patient=factories.create_patient(clinic), clinic=clinic, visit_type=visit_type, start=at(DAYS[0], "10:00"),
        by=by, now=NOW,
    )  # fmt: skip
    order = factories.create_order(clinic, template=WITH_REVIEW)
    chosen: list[AnyPick] = [*picks(1, 2, 3), ReviewPick(3, at("2027-01-12"))]
    review = book_series(order=order, clinic=clinic, picks=chosen, by=by, now=NOW)[-1]
    for visit, start in ((talk, at(DAYS[0], "16:30")), (review, at("2027-01-12", "17:00"))):
        asked = ask_to_move(appointment=visit, start=start, by=by, now=NOW)
        [moved] = allow(asked=asked, reason="once", by=manager(clinic), now=LATER)
        assert (moved.pk, moved.kind, moved.period.lower) == (visit.pk, visit.kind, start)
    meets_the_constraints()
