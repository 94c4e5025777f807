"""What happens to a visit under way is always recorded; what has not started makes room."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.booking import book_visit
from scheduling.models import Role, Status
from scheduling.permissions import NotAllowed
from scheduling.running_visits import (
    ChairInUse,
    NotThatKind,
    change_chair,
    effect_of_chair,
    hand_over,
    hand_over_all,
    record_overrun,
)
from scheduling.visit_changes import effect_of, overrun
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere, NotThen
from scheduling.visits import record_step
from tests import factories
from tests.factories import NOW, WHO, checks_for
from tests.scheduling.running import (
    NINE,
    WHOLE,
    book,
    chair,
    chairs_of,
    hold_true,
    minutes,
    nurse,
    nurse_of,
    nurses_of,
    verbs,
    walk,
)

pytestmark = pytest.mark.django_db


def test_an_overrun_is_recorded_and_the_visit_behind_waits_for_a_chair() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=2)
    first, behind = book(clinic), book(clinic, NINE + minutes(WHOLE))
    by, told = nurse(clinic), behind.told_version
    walk(first, by, Status.INFUSING)
    record_overrun(appointment=first, minutes=30, by=by, now=NINE + minutes(50))
    hold_true()
    assert first.period.upper == NINE + minutes(150)
    assert chairs_of(first) == [("chair-1", 0, WHOLE + 30)]
    behind.refresh_from_db()
    assert (behind.is_placed, behind.period.lower, behind.told_version) == (False, NINE + minutes(WHOLE), told)
    assert (behind.moved_from, behind.moved_at) == (chair(clinic, 1), NINE + minutes(50))
    assert chairs_of(behind) == []
    assert (verbs(first)[-1], verbs(behind)[-1]) == ("appointment.overrun", "appointment.displaced")


def test_the_visit_behind_goes_to_another_chair_where_one_is_free_and_keeps_its_nurse() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    first, behind = book(clinic), book(clinic, NINE + minutes(WHOLE))
    by = nurse(clinic)
    walk(first, by, Status.INFUSING)
    if chairs_of(behind)[0][0] != chairs_of(first)[0][0]:
        first_chair = chair(clinic, int(chairs_of(behind)[0][0][-1]))
        change_chair(appointment=first, chair=first_chair, by=by, now=NINE + minutes(26))
    had, cared = chairs_of(behind)[0][0], nurses_of(behind)
    record_overrun(appointment=first, minutes=30, by=by, now=NINE + minutes(50))
    hold_true()
    behind.refresh_from_db()
    assert behind.is_placed
    assert behind.moved_from is not None
    assert behind.moved_from.code == had
    assert [one[1:] for one in chairs_of(behind)] == [(0, WHOLE)]
    assert chairs_of(behind)[0][0] != had
    assert nurses_of(behind) == cared
    assert verbs(behind)[-1] == "appointment.chair_changed"


def test_the_effect_is_said_before_anything_is_written() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=2)
    first, behind = book(clinic), book(clinic, NINE + minutes(WHOLE))
    walk(first, nurse(clinic), Status.INFUSING)
    now = NINE + minutes(50)
    effect = effect_of(appointments=[first], change=overrun(minutes=30, now=now), now=now)
    assert [one.visit for one in effect.waiting] == [behind]
    assert effect_of(appointments=[first], change=overrun(until=NINE + minutes(120), now=now), now=now).others == ()
    behind.refresh_from_db()
    assert (behind.is_placed, behind.row_version) == (True, 1)
    assert verbs(behind) == ["appointment.booked"]


def test_a_late_start_shifts_what_is_left_and_a_late_end_too() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=1)
    visit, by = book(clinic), nurse(clinic)
    walk(visit, by, Status.SEATED)
    walk(visit, by, Status.INFUSING, late=20)
    assert chairs_of(visit) == [("chair-1", 0, WHOLE + 20)]
    assert nurses_of(visit) == [("nurse-1", 0, 140)]
    assert visit.period.lower == NINE
    assert visit.period.upper == NINE + minutes(140)
    walk(visit, by, Status.RECOVERING, late=45)
    assert chairs_of(visit) == [("chair-1", 0, WHOLE + 45)]
    hold_true()
    actual = visit.phases.order_by("position").values_list("actual_start_at", "actual_end_at")
    said = [tuple(int((at - NINE).total_seconds() // 60) if at else None for at in pair) for pair in actual]
    assert said == [(0, 10), (10, 45), (45, 110), (110, None), (None, None), (None, None)]


def test_less_than_five_minutes_off_shifts_nothing() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=1)
    visit, by = book(clinic), nurse(clinic)
    walk(visit, by, Status.RECOVERING, late=4)
    assert chairs_of(visit) == [("chair-1", 0, WHOLE)]


def test_an_early_start_and_end_let_the_chair_go_earlier() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=1)
    visit, by = book(clinic), nurse(clinic)
    walk(visit, by, Status.RECOVERING, late=-10)
    hold_true()
    assert chairs_of(visit) == [("chair-1", 0, WHOLE - 10)]
    assert visit.period.lower == NINE
    record_step(
        appointment=visit,
        to=Status.COMPLETED,
        happened_at=NINE + minutes(90),
        by=by,
        now=NINE + minutes(90),
    )
    assert chairs_of(visit) == [("chair-1", 0, 90)]
    assert not visit.live


@pytest.mark.parametrize("end", [Status.STOPPED_EARLY, Status.TRANSFERRED, Status.LEFT_UNCLEARED])
def test_leaving_early_keeps_what_was_used_and_frees_the_rest(end: Status) -> None:
    clinic = factories.create_clinic(chairs=1, nurses=1)
    visit, by = book(clinic), nurse(clinic)
    walk(visit, by, Status.INFUSING)
    record_step(
        appointment=visit, to=end, checks=checks_for(end), happened_at=NINE + minutes(33), by=by, now=NINE + minutes(40)
    )
    hold_true()
    assert chairs_of(visit) == [("chair-1", 0, 35)]
    book(clinic, NINE + minutes(45))


def test_who_was_displaced_gets_a_place_again_once_one_is_free() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=2)
    first, behind = book(clinic), book(clinic, NINE + minutes(WHOLE))
    by = nurse(clinic)
    walk(first, by, Status.INFUSING)
    record_overrun(appointment=first, minutes=30, by=by, now=NINE + minutes(50))
    now = NINE + minutes(60)
    record_step(
        appointment=first,
        to=Status.STOPPED_EARLY,
        happened_at=now,
        by=by,
        now=now,
    )
    hold_true()
    behind.refresh_from_db()
    assert behind.is_placed
    assert verbs(behind)[-2:] == ["appointment.displaced", "appointment.placed_again"]


def test_a_patient_moved_to_another_chair_leaves_the_old_one_to_be_turned_over() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=1)
    visit, by = book(clinic), nurse(clinic)
    walk(visit, by, Status.INFUSING)
    other = chair(clinic, 2)
    assert chairs_of(visit)[0][0] == "chair-1"
    change_chair(appointment=visit, chair=other, at=NINE + minutes(42), by=by, now=NINE + minutes(50))
    hold_true()
    # The chair that was left is turned over.
    assert chairs_of(visit) == [("chair-1", 0, 55), ("chair-2", 40, WHOLE)]
    record_overrun(appointment=visit, minutes=10, by=by, now=NINE + minutes(60))
    assert chairs_of(visit) == [("chair-1", 0, 55), ("chair-2", 40, WHOLE + 10)]


def test_whoever_is_here_but_not_seated_changes_the_chair_for_the_whole_visit() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=1)
    visit, by = book(clinic), nurse(clinic)
    walk(visit, by, Status.ARRIVED)
    change_chair(appointment=visit, chair=chair(clinic, 2), by=by, now=NINE + minutes(5))
    hold_true()
    assert chairs_of(visit) == [("chair-2", 0, WHOLE)]


def test_a_chair_that_someone_else_is_in_is_refused_by_name() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    one, two = book(clinic), book(clinic)
    by = nurse(clinic)
    for visit in (one, two):
        walk(visit, by, Status.SEATED)
    taken = chair(clinic, int(chairs_of(two)[0][0][-1]))
    with pytest.raises(ChairInUse) as refusal:
        change_chair(appointment=one, chair=taken, by=by, now=NINE + minutes(20))
    assert refusal.value.visit == two


def test_two_under_way_in_one_chair_leave_the_one_seated_first_without() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=2)
    first, second = book(clinic), book(clinic, NINE + minutes(WHOLE))
    by = nurse(clinic)
    walk(first, by, Status.INFUSING)
    # Nobody said that the first one went to a chair in the corridor.
    walk(second, by, Status.INFUSING)
    walk(first, by, Status.RECOVERING, late=120)
    hold_true()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_placed, second.is_placed) == (False, True)
    assert chairs_of(first) == [("chair-1", 0, WHOLE)]
    walk(first, by, Status.COMPLETED, late=120)
    hold_true()


def test_lunch_takes_a_nurses_patients_to_another_and_back() -> None:
    clinic = factories.create_clinic(chairs=3, nurses=2)
    visits, by = [book(clinic), book(clinic)], nurse(clinic)
    for visit in visits:
        walk(visit, by, Status.INFUSING)
    ann, ben = nurse_of(clinic, 1), nurse_of(clinic, 2)
    hand_over(appointments=visits, nurse=ann, at=NINE + minutes(30), by=by, now=NINE + minutes(30))
    handed = hand_over_all(
        from_nurse=ann, to_nurse=ben, at=NINE + minutes(40), until=NINE + minutes(70), by=by, now=NINE + minutes(35)
    )
    hold_true()
    assert {visit.pk for visit in handed} == {visit.pk for visit in visits}
    for visit in visits:
        assert nurses_of(visit)[-3:][1:] == [("nurse-2", 40, 70), ("nurse-1", 70, 120)]
        assert verbs(visit)[-2:] == ["appointment.nurse_changed"] * 2


def test_a_hand_over_for_less_than_a_step_is_recorded_and_by_the_plan_nobody_changes() -> None:
    clinic = factories.create_clinic(chairs=3, nurses=2)
    visit, by = book(clinic), nurse(clinic)
    walk(visit, by, Status.INFUSING)
    before = nurses_of(visit)
    other = next(one for one in (nurse_of(clinic, 1), nurse_of(clinic, 2)) if one.code != before[-1][0])
    at, until = NINE + minutes(31), NINE + minutes(33)
    hand_over(appointments=[visit], nurse=other, at=at, until=until, by=by, now=at)
    hold_true()
    assert nurses_of(visit) == before
    assert verbs(visit)[-1] == "appointment.nurse_changed"


def test_an_overrun_may_leave_a_nurse_with_more_than_her_number_when_all_are_under_way() -> None:
    clinic = factories.create_clinic(chairs=4, nurses=1)
    by = nurse(clinic)
    visits = [book(clinic, NINE + minutes(15 * index)) for index in range(3)]
    for visit in visits:
        walk(visit, by, Status.INFUSING)
    late = book(clinic, NINE + minutes(165))
    record_step(
        appointment=late,
        to=Status.ARRIVED,
        checks=WHO,
        happened_at=NINE + minutes(90),
        by=by,
        now=NINE + minutes(90),
    )
    record_step(
        appointment=late,
        to=Status.SEATED,
        happened_at=NINE + minutes(95),
        by=by,
        now=NINE + minutes(95),
    )
    hold_true()
    late.refresh_from_db()
    assert late.is_placed
    assert nurse_of(clinic, 1).places.filter(role="watch").count() == 4


def test_a_visit_never_runs_into_the_same_patients_next_one() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2, prescribers=1)
    visit, by = book(clinic), nurse(clinic)
    talk = factories.create_visit_type(clinic)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    next_one = NINE + minutes(135)
    book_visit(patient=visit.patient, clinic=clinic, visit_type=talk, start=next_one, by=desk, now=NOW)
    walk(visit, by, Status.INFUSING)
    record_overrun(appointment=visit, minutes=60, by=by, now=NINE + minutes(50))
    hold_true()
    assert visit.period.upper == next_one
    assert chairs_of(visit) == [("chair-1", 0, WHOLE + 60)]


def test_refusals_are_few_and_named() -> None:
    clinic, elsewhere = factories.create_clinic(), factories.create_clinic()
    visit, by = book(clinic), nurse(clinic)
    now = NINE + minutes(30)
    with pytest.raises(NotPossibleFromHere):
        record_overrun(appointment=visit, minutes=30, by=by, now=now)
    walk(visit, by, Status.INFUSING)
    with pytest.raises(NotThen):
        record_overrun(appointment=visit, until=NINE - minutes(5), by=by, now=now)
    with pytest.raises(NotThen):
        change_chair(appointment=visit, chair=chair(clinic, 2), at=now + minutes(5), by=by, now=now)
    with pytest.raises(NotThatKind):
        change_chair(appointment=visit, chair=nurse_of(clinic, 1), by=by, now=now)
    with pytest.raises(NotThatKind):
        hand_over(appointments=[visit], nurse=nurse_of(elsewhere, 1), by=by, now=now)
    with pytest.raises(ChangedMeanwhile):
        record_overrun(appointment=visit, minutes=30, by=by, now=now, row_version=1)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    with pytest.raises(NotAllowed):
        record_overrun(appointment=visit, minutes=30, by=desk, now=now)


def test_a_retried_overrun_is_recorded_once() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=1)
    visit, by = book(clinic), nurse(clinic)
    walk(visit, by, Status.INFUSING)
    for _ in range(2):
        record_overrun(appointment=visit, minutes=10, by=by, now=NINE + minutes(30), key="tap")
    assert visit.period.upper == NINE + minutes(130)
    assert verbs(visit).count("appointment.overrun") == 1


def test_what_another_chair_does_to_others_is_said_before_it_is_written() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    first, behind = book(clinic), book(clinic, NINE + minutes(WHOLE))
    walk(first, nurse(clinic), Status.INFUSING)
    first_seat, wanted = (int(chairs_of(one)[0][0][-1]) for one in (first, behind))
    seat = chair(clinic, wanted if wanted != first_seat else 3 - first_seat)
    now, before = NINE + minutes(50), chairs_of(first)
    effect = effect_of_chair(appointment=first, chair=seat, at=now, now=now)
    assert [one.visit for one in (*effect.waiting, *effect.unseated)] == []
    assert effect.changes[0].after.last(("seat",)) == str(seat.pk)
    assert chairs_of(first) == before
    with pytest.raises(NotThen):
        effect_of_chair(appointment=first, chair=seat, at=now + minutes(5), now=now)


def test_a_chair_in_use_is_said_before_it_is_written() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    visits = [book(clinic), book(clinic)]
    for visit in visits:
        walk(visit, nurse(clinic), Status.INFUSING)
    theirs = chair(clinic, int(chairs_of(visits[1])[0][0][-1]))
    with pytest.raises(ChairInUse) as refusal:
        effect_of_chair(appointment=visits[0], chair=theirs, at=NINE + minutes(50), now=NINE + minutes(50))
    assert refusal.value.visit == visits[1]


def test_a_time_mistyped_by_years_locks_no_days_years_away() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=1)
    visit, by = book(clinic), nurse(clinic)
    walk(visit, by, Status.ARRIVED)
    with CaptureQueriesContext(connection) as queries, pytest.raises(NotThen):
        record_step(
            appointment=visit,
            to=Status.SEATED,
            happened_at=NINE.replace(year=2007),
            by=by,
            now=NINE,
        )
    [locks] = [query["sql"] for query in queries if "pg_advisory_xact_lock" in query["sql"]]
    # The patient, the clinic (shared) and the day.
    assert "'{f,t,f}'" in locks
