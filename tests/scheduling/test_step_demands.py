"""What the signed order demands at a visit: refused plainly, met, or let pass by a prescriber."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from scheduling.events import Actor
from scheduling.locking import AgainstTheOrder
from scheduling.models import Appointment, CheckKind, Clinic, Event, Role, Status, User, VisitCheck
from scheduling.passing_checks import ReasonNeeded, clear_to_leave, let_pass
from scheduling.permissions import NotAllowed
from scheduling.tasks_of_visits import ask_to_leave_early
from scheduling.undoing import undo_step
from scheduling.visit_checks import NoSuchCheck, Said, check
from scheduling.visit_steps import NotIdentified, NotPossibleFromHere, NotReady, NotThen
from scheduling.visits import record_step
from scheduling.word_of_mouth import NotHeardThen, NotReadBack, Word
from tests import factories
from tests.factories import IN_ORDER, NOT_TODAY, SIX, WHO
from tests.scheduling.running import NINE, PLAN, book, minutes, nurse

pytestmark = pytest.mark.django_db
STRICT: dict[str, Any] = {
    **SIX, "ride_home": True, "fasting": {"solids_hours": 6, "clear_liquids_hours": 2},
    "observe_minutes": 45, "cleared_by": "prescriber",
}  # fmt: skip


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def by(clinic: Clinic) -> Actor:
    return nurse(clinic)


@pytest.fixture
def doctor(clinic: Clinic) -> User:
    return factories.create_user(clinic, Role.PRESCRIBER)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return book(clinic, template=STRICT)


def step(visit: Appointment, to: Status, by: Actor, at: datetime, *checks: Said, word: Word | None = None) -> None:
    record_step(appointment=visit, to=to, happened_at=at, checks=checks, word=word, by=by, now=at)


def bring(visit: Appointment, by: Actor, until: Status) -> datetime:
    """Up to a step, all in order; when that was."""
    at: datetime = visit.period.lower
    for to in PLAN:
        at = visit.period.lower + minutes(PLAN[to])
        step(visit, to, by, at, *(IN_ORDER if to in (Status.ARRIVED, Status.INFUSING) else ()))
        if to == until:
            break
    return at


def rules(refusal: pytest.ExceptionInfo[NotReady]) -> list[str]:
    return [one.rule for one in refusal.value.blockers]


def kinds(visit: Appointment) -> list[tuple[str, str, bool, str]]:
    rows = VisitCheck.objects.filter(appointment=visit).order_by("pk")
    return [(row.kind, row.step, row.is_met, row.detail) for row in rows]


def test_nobody_arrives_or_is_started_without_being_asked_who_they_are(visit: Appointment, by: Actor) -> None:
    with pytest.raises(NotIdentified):
        step(visit, Status.ARRIVED, by, NINE)
    with pytest.raises(NotIdentified):
        step(visit, Status.ARRIVED, by, NINE, Said(CheckKind.IDENTITY, is_met=False, detail="phone"))
    step(visit, Status.ARRIVED, by, NINE, Said(CheckKind.IDENTITY, detail="phone"))
    step(visit, Status.SEATED, by, NINE)
    with pytest.raises(NotIdentified):
        step(visit, Status.INFUSING, by, NINE, Said(CheckKind.FASTING), Said(CheckKind.RIDE))
    step(visit, Status.INFUSING, by, NINE, *IN_ORDER)
    assert [kind for kind in kinds(visit) if kind[0] == "identity"] == [
        ("identity", "arrived", True, "phone"), ("identity", "infusing", True, "birth_date"),
    ]  # fmt: skip


def test_the_second_thing_asked_for_is_one_of_the_known_ones(visit: Appointment, by: Actor) -> None:
    with pytest.raises(NoSuchCheck):
        step(visit, Status.ARRIVED, by, NINE, Said(CheckKind.IDENTITY, detail="shoe size"))
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED
    assert kinds(visit) == []


def test_ride_and_fast_are_settled_before_the_start_whenever_that_was_said(visit: Appointment, by: Actor) -> None:
    bring(visit, by, Status.SEATED)
    other = book(visit.clinic, NINE + minutes(150), template=STRICT)
    at = other.period.lower
    step(other, Status.ARRIVED, by, at, *WHO)
    step(other, Status.SEATED, by, at)
    with pytest.raises(NotReady) as refusal:
        step(other, Status.INFUSING, by, at, *WHO)
    assert rules(refusal) == ["ride", "fasting"]
    desk = factories.create_actor(visit.clinic, Role.FRONT_DESK)
    check(appointment=other, checks=[Said(CheckKind.RIDE), Said(CheckKind.FASTING)], by=desk, now=at)
    step(other, Status.INFUSING, by, at, *WHO)
    step(visit, Status.INFUSING, by, NINE + minutes(25), *WHO)
    assert (visit.status, other.status) == (Status.INFUSING, Status.INFUSING)


def test_an_order_that_demands_nothing_asks_only_who_it_is(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic)
    for to in PLAN:
        step(visit, to, by, NINE, *(WHO if to in (Status.ARRIVED, Status.INFUSING) else ()))
    assert visit.status == Status.COMPLETED
    assert kinds(visit)[-1] == ("clearance", "completed", True, "")


def test_a_broken_fast_stands_in_the_way_until_a_prescriber_lets_it_pass(
    visit: Appointment, by: Actor, doctor: User
) -> None:
    bring(visit, by, Status.SEATED)
    at = NINE + minutes(25)
    check(appointment=visit, checks=[Said(CheckKind.FASTING, is_met=False)], by=by, now=at)
    with pytest.raises(NotReady) as refusal:
        step(visit, Status.INFUSING, by, at, *WHO)
    assert rules(refusal) == ["fast_broken"]
    own = Actor.staff(doctor, visit.clinic)
    with pytest.raises(ReasonNeeded):
        let_pass(appointment=visit, kind=CheckKind.FASTING, word=Word(doctor, " "), by=own, now=at)
    let_pass(appointment=visit, kind=CheckKind.FASTING, word=Word(doctor, "a sip of milk"), by=own, now=at)
    step(visit, Status.INFUSING, by, at, *WHO)
    row = VisitCheck.objects.get(appointment=visit, passed_by=doctor)
    assert (row.kind, row.is_met, row.reason, row.said_by_id) == ("fasting", False, "a sip of milk", doctor.pk)
    told = Event.objects.get(appointment=visit, verb="appointment.check_passed")
    assert (told.reason, told.data) == ("", {"checks": [row.pk]})


def test_a_nurse_writes_down_a_prescribers_word_that_was_read_back(visit: Appointment, by: Actor, doctor: User) -> None:
    bring(visit, by, Status.SEATED)
    heard = Word(doctor, "fine by me", heard_at=NINE)
    with pytest.raises(NotReadBack):
        let_pass(appointment=visit, kind=CheckKind.RIDE, word=heard, by=by, now=NINE)
    desk = factories.create_actor(visit.clinic, Role.FRONT_DESK)
    read_back = replace(heard, read_back=True)
    with pytest.raises(NotAllowed):
        let_pass(appointment=visit, kind=CheckKind.RIDE, word=read_back, by=desk, now=NINE)
    colleague = factories.create_user(visit.clinic, Role.NURSE)
    word = replace(read_back, decided_by=colleague)
    with pytest.raises(AgainstTheOrder) as refusal:
        let_pass(appointment=visit, kind=CheckKind.RIDE, word=word, by=by, now=NINE)
    assert refusal.value.code == "ID001"
    with pytest.raises(NoSuchCheck):
        let_pass(appointment=visit, kind=CheckKind.IDENTITY, word=read_back, by=by, now=NINE)
    let_pass(appointment=visit, kind=CheckKind.RIDE, word=read_back, by=by, now=NINE)
    row = VisitCheck.objects.get(appointment=visit, passed_by=doctor)
    assert (row.said_by_id, row.heard_at, row.was_read_back) == (by.user_id, NINE, True)


@pytest.mark.parametrize("off", [timedelta(seconds=1), -timedelta(days=1, seconds=1)])
def test_a_word_that_was_heard_ahead_or_long_ago_lets_nothing_pass(
    visit: Appointment, by: Actor, doctor: User, off: timedelta
) -> None:
    over = bring(visit, by, Status.RECOVERING)
    word = Word(doctor, "fine by me", heard_at=over + off, read_back=True)
    with pytest.raises(NotThen):
        let_pass(appointment=visit, kind=CheckKind.OBSERVED, word=word, by=by, now=over)
    with pytest.raises(NotThen):
        clear_to_leave(appointment=visit, word=word, by=by, now=over)
    with pytest.raises(NotThen):
        step(visit, Status.COMPLETED, by, over, word=word)
    assert not VisitCheck.objects.filter(appointment=visit, passed_by=doctor).exists()


def test_what_was_heard_before_the_infusion_was_over_lets_nobody_leave(
    visit: Appointment, by: Actor, doctor: User
) -> None:
    over = bring(visit, by, Status.RECOVERING)
    early, later = over + minutes(10), over + minutes(45)
    for heard_at in (NINE - timedelta(hours=14), over - minutes(1)):
        word = Word(doctor, "fine by me", heard_at=heard_at, read_back=True)
        with pytest.raises(NotHeardThen):
            let_pass(appointment=visit, kind=CheckKind.OBSERVED, word=word, by=by, now=early)
        with pytest.raises(NotHeardThen):
            clear_to_leave(appointment=visit, word=word, by=by, now=later)
        with pytest.raises(NotHeardThen):
            step(visit, Status.COMPLETED, by, later, word=word)
    assert not VisitCheck.objects.filter(appointment=visit, passed_by=doctor).exists()
    # It is written down by the minute, so the last one before the end may be after it.
    word = Word(doctor, "fine by me", heard_at=over - timedelta(seconds=59), read_back=True)
    let_pass(appointment=visit, kind=CheckKind.OBSERVED, word=word, by=by, now=early)
    clear_to_leave(appointment=visit, word=word, by=by, now=early)
    step(visit, Status.COMPLETED, by, early)
    assert visit.status == Status.COMPLETED


def test_a_shorter_observation_is_heard_of_an_infusion_that_began(visit: Appointment, by: Actor, doctor: User) -> None:
    began = bring(visit, by, Status.INFUSING)
    other = book(visit.clinic, NINE + minutes(150), template=STRICT)
    for one, heard_at in ((visit, began - minutes(1)), (other, began)):
        word = Word(doctor, "fine by me", heard_at=heard_at, read_back=True)
        with pytest.raises(NotHeardThen):
            let_pass(appointment=one, kind=CheckKind.OBSERVED, word=word, by=by, now=began)
    word = Word(doctor, "fine by me", heard_at=began, read_back=True)
    let_pass(appointment=visit, kind=CheckKind.OBSERVED, word=word, by=by, now=began)


def test_a_clearance_that_was_heard_of_another_end_is_asked_for_again(
    visit: Appointment, by: Actor, doctor: User
) -> None:
    over = bring(visit, by, Status.RECOVERING)
    word = Word(doctor, heard_at=over + minutes(5), read_back=True)
    clear_to_leave(appointment=visit, word=word, by=by, now=over + minutes(20))
    undo_step(appointment=visit, by=by, now=over + minutes(20))
    record_step(
        appointment=visit, to=Status.RECOVERING, happened_at=over + minutes(10), by=by, now=over + minutes(20)
    )  # fmt: skip
    with pytest.raises(NotReady) as refusal:
        step(visit, Status.COMPLETED, by, over + minutes(60))
    assert rules(refusal) == ["clearance"]


def test_only_a_discharge_takes_a_word(visit: Appointment, by: Actor, doctor: User) -> None:
    word = Word(doctor, heard_at=NINE, read_back=True)
    step(visit, Status.ARRIVED, by, NINE, *WHO, Said(CheckKind.CLEARANCE), word=word)
    told = Event.objects.get(appointment=visit, verb="appointment.arrived")
    assert "read_back" not in told.data
    assert not VisitCheck.objects.filter(appointment=visit, passed_by=doctor).exists()


def test_a_nurse_has_no_word_of_her_own_to_let_something_pass(visit: Appointment, by: Actor, doctor: User) -> None:
    bring(visit, by, Status.SEATED)
    with pytest.raises(NotAllowed):
        let_pass(appointment=visit, kind=CheckKind.RIDE, word=Word(doctor, "so they say"), by=by, now=NINE)


def test_what_is_said_anew_after_it_was_let_pass_stands_in_the_way_again(
    visit: Appointment, by: Actor, doctor: User
) -> None:
    bring(visit, by, Status.SEATED)
    own = Actor.staff(doctor, visit.clinic)
    let_pass(appointment=visit, kind=CheckKind.FASTING, word=Word(doctor, "ok"), by=own, now=NINE)
    check(appointment=visit, checks=[Said(CheckKind.FASTING, is_met=False)], by=by, now=NINE)
    with pytest.raises(NotReady):
        step(visit, Status.INFUSING, by, NINE + minutes(25), *WHO)


def test_discharge_waits_for_the_observation_and_for_whom_the_order_says(
    visit: Appointment, by: Actor, doctor: User
) -> None:
    over = bring(visit, by, Status.RECOVERING)
    early, later = over + minutes(44), over + minutes(45)
    with pytest.raises(NotReady) as refusal:
        step(visit, Status.COMPLETED, by, early)
    assert rules(refusal) == ["observed", "clearance"]
    with pytest.raises(NotReady) as refusal:
        step(visit, Status.COMPLETED, by, later)
    assert rules(refusal) == ["clearance"]
    with pytest.raises(NotReadBack):
        step(visit, Status.COMPLETED, by, later, word=Word(doctor, heard_at=later))
    step(visit, Status.COMPLETED, by, later, word=Word(doctor, heard_at=early, read_back=True))
    row = VisitCheck.objects.get(appointment=visit, kind=CheckKind.CLEARANCE)
    assert (row.passed_by_id, row.said_by_id) == (doctor.pk, by.user_id)
    assert (row.heard_at, row.was_read_back) == (early, True)


def test_an_observation_without_recovery_counts_from_the_start(clinic: Clinic, by: Actor, doctor: User) -> None:
    phases = [
        {"name": "set up", "minutes": 15, "nurse": "attention", "prescriber": "present"},
        {"name": "observe", "minutes": 120, "nurse": "watch"},
    ]
    visit = book(clinic, template={**SIX, "phases": phases, "observe_minutes": 120})
    for after, to in ((0, Status.ARRIVED), (0, Status.SEATED), (15, Status.INFUSING), (120, Status.RECOVERING)):
        step(visit, to, by, NINE + minutes(after), *(WHO if to in (Status.ARRIVED, Status.INFUSING) else ()))
    with pytest.raises(NotReady) as refusal:
        step(visit, Status.COMPLETED, by, NINE + minutes(134))
    assert rules(refusal) == ["observed"]
    step(visit, Status.COMPLETED, by, NINE + minutes(135))


def test_a_prescriber_clears_and_the_nurse_discharges(visit: Appointment, by: Actor, doctor: User) -> None:
    own = Actor.staff(doctor, visit.clinic)
    with pytest.raises(NotPossibleFromHere):
        clear_to_leave(appointment=visit, word=Word(doctor), by=own, now=NINE)
    over = bring(visit, by, Status.RECOVERING)
    clear_to_leave(appointment=visit, word=Word(doctor), by=own, now=over + minutes(30))
    step(visit, Status.COMPLETED, by, over + minutes(45))
    [row] = VisitCheck.objects.filter(appointment=visit, kind=CheckKind.CLEARANCE)
    assert (row.passed_by_id, row.said_by_id) == (None, doctor.pk)


def test_a_prescriber_who_discharges_clears(visit: Appointment, by: Actor, doctor: User) -> None:
    over = bring(visit, by, Status.RECOVERING)
    step(visit, Status.COMPLETED, Actor.staff(doctor, visit.clinic), over + minutes(45))
    assert VisitCheck.objects.get(appointment=visit, kind=CheckKind.CLEARANCE).said_by_id == doctor.pk


def test_who_wants_to_leave_early_is_the_prescribers_to_let_go(visit: Appointment, by: Actor, doctor: User) -> None:
    over = bring(visit, by, Status.RECOVERING)
    for _ in range(2):
        ask_to_leave_early(appointment=visit, words="her bus", by=by, now=over + minutes(10))
    [task] = visit.patient.clinician_tasks.all()
    assert (task.kind, task.words, task.closed_at) == ("leaves_early", "her bus", None)
    own = Actor.staff(doctor, visit.clinic)
    let_pass(appointment=visit, kind=CheckKind.OBSERVED, word=Word(doctor, "awake"), by=own, now=over + minutes(12))
    task.refresh_from_db()
    assert task.closed_by_id == doctor.pk
    step(visit, Status.COMPLETED, own, over + minutes(15))
    assert visit.status == Status.COMPLETED


@pytest.mark.parametrize("to", [Status.LEFT_UNCLEARED, Status.TRANSFERRED, Status.STOPPED_EARLY])
def test_leaving_is_always_recorded_whatever_the_order_demands(visit: Appointment, by: Actor, to: Status) -> None:
    over = bring(visit, by, Status.RECOVERING)
    step(visit, to, by, over + minutes(1))
    assert (visit.status, visit.live) == (to, False)


def test_turning_away_needs_a_reason_that_no_event_carries(visit: Appointment, by: Actor) -> None:
    step(visit, Status.ARRIVED, by, NINE, *WHO)
    with pytest.raises(NotReady) as refusal:
        step(visit, Status.TURNED_AWAY, by, NINE)
    assert rules(refusal) == ["exit"]
    why = Said(CheckKind.EXIT, is_met=False, detail="readings", words="160 over 110")
    step(visit, Status.TURNED_AWAY, by, NINE, why)
    row = VisitCheck.objects.get(appointment=visit, kind=CheckKind.EXIT)
    assert (row.detail, row.reason) == ("readings", "160 over 110")
    said = Event.objects.filter(appointment=visit).values_list("reason", "data")
    assert not any("160" in f"{reason}{data}" or "readings" in f"{reason}{data}" for reason, data in said)


def test_checks_of_what_is_over_are_refused(visit: Appointment, by: Actor) -> None:
    step(visit, Status.ARRIVED, by, NINE, *WHO)
    with pytest.raises(NoSuchCheck):
        check(appointment=visit, checks=[Said(CheckKind.CLEARANCE)], by=by, now=NINE)
    step(visit, Status.TURNED_AWAY, by, NINE, *NOT_TODAY)
    with pytest.raises(NotPossibleFromHere):
        check(appointment=visit, checks=[Said(CheckKind.RIDE)], by=by, now=NINE + timedelta(hours=1))
