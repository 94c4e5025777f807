"""What is lost is recorded at once; whom it affects is said before and listed after, and nobody is told by itself."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from scheduling.absences import change_shifts, end_absence, if_shifts_were, record_absence
from scheduling.affected_visits import affected_by, affected_visits
from scheduling.blocks import block, release_block
from scheduling.booking import BookingRefused
from scheduling.events import Actor
from scheduling.intervals import Interval
from scheduling.losses import closed, without
from scheduling.models import AbsenceKind, Clinic, Event, EventToPlan, Role, Weekday
from scheduling.opening_hours import change_hours, end_closure, if_hours_were, record_closure
from scheduling.openings_to_move import openings_to_move
from scheduling.permissions import NotAllowed
from scheduling.series_terms import Wish
from scheduling.spacing import InvalidFields
from tests import factories
from tests.factories import NOW
from tests.scheduling.running import (
    NINE,
    book,
    chair,
    chairs_of,
    hold_true,
    minutes,
    nurse,
    nurse_of,
    nurses_of,
    verbs,
)

pytestmark = pytest.mark.django_db
TUESDAY = Interval(NINE - timedelta(hours=9), NINE + timedelta(hours=15))
EVERY_DAY = {day: [(time(8), time(18))] for day in Weekday.values[:5]}


def manager(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.MANAGER)


def reasons(clinic: Clinic, now: datetime = NOW) -> list[tuple[str, ...]]:
    return [one.reasons for one in affected_visits(clinic=clinic, now=now)]


def test_a_sick_nurses_visits_go_to_another_nurse_in_their_own_chairs() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    visits = [book(clinic), book(clinic, NINE + minutes(30))]
    before = {visit.pk: chairs_of(visit) for visit in visits}
    EventToPlan.objects.all().delete()
    sick = nurse_of(clinic, 1)
    affected = affected_by(clinic=clinic, loss=without([str(sick.pk)], TUESDAY), now=NOW)
    assert {one.reasons for one in affected} == {("nurses",)}
    record_absence(resource=sick, period=TUESDAY, kind=AbsenceKind.AWAY, reason="flu", by=nurse(clinic), now=NOW)
    hold_true()
    assert reasons(clinic) == []
    assert {visit.pk: chairs_of(visit) for visit in visits} == before
    assert {nurses_of(visit)[0][0] for visit in visits} == {"nurse-2"}
    assert "appointment.nurse_changed" in [*verbs(visits[0]), *verbs(visits[1])]
    assert not EventToPlan.objects.exists()
    assert "flu" not in str(list(Event.objects.values_list("reason", "data")))


def test_a_broken_chairs_visits_go_to_another_chair_and_the_board_can_say_from_where() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=1)
    visit = book(clinic)
    broken = chair(clinic, 1)
    record_absence(resource=broken, period=TUESDAY, kind=AbsenceKind.OUT_OF_SERVICE, by=nurse(clinic), now=NOW)
    visit.refresh_from_db()
    assert chairs_of(visit)[0][0] == "chair-2"
    assert (visit.moved_from, visit.moved_at) == (broken, NOW)


def test_where_nothing_alike_is_free_the_visit_stays_and_is_listed_until_it_is_there_again() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    both = [book(clinic), book(clinic)]
    by = nurse(clinic)
    absence = record_absence(resource=chair(clinic, 1), period=TUESDAY, kind=AbsenceKind.OUT_OF_SERVICE, by=by, now=NOW)
    hold_true()
    [affected] = affected_visits(clinic=clinic, now=NOW)
    assert affected.visit in both
    assert affected.reasons == ("chairs",)
    assert affected.problems[0].message == "The chair of this visit can't be used then."
    end_absence(absence=absence, by=by, now=NOW)
    assert reasons(clinic) == []


@pytest.mark.parametrize(
    ("now", "notice"), [(NINE - minutes(45), 0), (NINE - timedelta(hours=20), 24)], ids=["after opening", "in notice"]
)
def test_nobody_is_moved_silently_today_after_opening_or_within_the_clinics_notice(now: datetime, notice: int) -> None:
    clinic = factories.create_clinic(chairs=2, nurses=1)
    visit = book(clinic)
    Clinic.objects.filter(pk=clinic.pk).update(repack_notice_hours=notice)
    record_absence(resource=chair(clinic, 1), period=TUESDAY, kind=AbsenceKind.AWAY, by=nurse(clinic), now=now)
    assert chairs_of(visit)[0][0] == "chair-1"
    assert reasons(clinic, now) == [("chairs",)]


def test_a_snow_day_moves_nobody_and_lists_everybody() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    visits, by = [book(clinic), book(clinic), book(clinic, NINE + timedelta(days=1))], manager(clinic)
    snow = [one.visit for one in affected_by(clinic=clinic, loss=closed([TUESDAY]), now=NOW)]
    closure = record_closure(clinic=clinic, period=TUESDAY, reason="snow", by=by, now=NOW)
    assert {one.visit for one in affected_visits(clinic=clinic, now=NOW)} == {*visits[:2]} == {*snow}
    assert reasons(clinic) == [("hours",)] * 2
    with pytest.raises(BookingRefused):
        book(clinic, NINE + minutes(180))
    end_closure(closure=closure, by=by, now=NOW)
    assert reasons(clinic) == []


def test_shorter_hours_and_shifts_list_the_visits_outside_them() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=1)
    book(clinic)
    by = manager(clinic)
    mornings = {day: [(time(8), time(10))] for day in Weekday.values[:5]}
    loss = if_hours_were(clinic=clinic, hours=mornings)
    assert [affected.reasons for affected in affected_by(clinic=clinic, loss=loss, now=NOW)] == [("hours",)]
    change_hours(clinic=clinic, hours=mornings, by=by, now=NOW)
    assert reasons(clinic) == [("hours",)]
    change_hours(clinic=clinic, hours=EVERY_DAY, by=by, now=NOW)
    one = nurse_of(clinic, 1)
    shorter = if_shifts_were(resource=one, shifts=mornings, now=NOW)
    assert [affected.reasons for affected in affected_by(clinic=clinic, loss=shorter, now=NOW)] == [("nurses",)]
    change_shifts(resource=one, shifts=mornings, by=by, now=NOW)
    assert reasons(clinic) == [("nurses",)]
    change_shifts(resource=one, shifts=EVERY_DAY, by=by, now=NOW)
    assert reasons(clinic) == []
    with pytest.raises(InvalidFields) as wrong:
        change_hours(clinic=clinic, hours={"monday": [], "tue": [(time(9), time(8))]}, by=by, now=NOW)
    assert set(wrong.value.errors) == {"monday", "tue[0]"}


def test_openings_for_an_affected_visit_are_looked_for_as_if_the_loss_were_there() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=1)
    visit = book(clinic)
    wish = Wish(time=time(9))
    near = openings_to_move(appointment=visit, wish=wish, count=3, now=NOW)
    snow = closed([TUESDAY])
    after = openings_to_move(appointment=visit, wish=wish, count=3, now=NOW, loss=snow)
    day = [proposal.visits[0].start.date() for proposal in near.proposals]
    other_days = [proposal.visits[0].start.date() for proposal in after.proposals]
    assert len(day) == len(other_days) == 3
    record_closure(clinic=clinic, period=TUESDAY, by=manager(clinic), now=NOW)
    assert openings_to_move(appointment=visit, wish=wish, count=3, now=NOW).proposals == after.proposals
    assert visit.period.lower.date() not in other_days


def test_too_few_staff_and_no_prescriber_are_losses_too() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=1)
    Clinic.objects.filter(pk=clinic.pk).update(min_clinical_staff=2)
    clinic.refresh_from_db()
    book(clinic)
    doctor = clinic.resources.get(kind="prescriber")
    record_absence(resource=doctor, period=TUESDAY, kind=AbsenceKind.AWAY, by=nurse(clinic), now=NOW)
    assert reasons(clinic) == [("staff", "prescriber")]


def test_a_block_keeps_others_out_until_it_is_let_go_and_displaces_nobody() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=1)
    visit, desk = book(clinic), factories.create_actor(clinic, Role.FRONT_DESK)
    period = Interval(NINE, NINE + timedelta(hours=8))
    blocks = block(resources=[chair(clinic, 1)], period=period, label="for boosters", by=desk, now=NOW)
    assert chairs_of(visit)[0][0] == "chair-1"
    assert reasons(clinic) == [("chairs",)]
    with pytest.raises(BookingRefused):
        book(clinic, NINE + minutes(180))
    release_block(blocks=blocks, by=desk, now=NOW)
    assert reasons(clinic) == []
    book(clinic, NINE + minutes(180))


def test_who_may_record_a_loss() -> None:
    clinic = factories.create_clinic()
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    with pytest.raises(NotAllowed):
        record_absence(resource=chair(clinic, 1), period=TUESDAY, kind=AbsenceKind.AWAY, by=desk, now=NOW)
    with pytest.raises(NotAllowed):
        record_closure(clinic=clinic, period=TUESDAY, by=nurse(clinic), now=NOW)
    with pytest.raises(NotAllowed):
        change_hours(clinic=clinic, hours=EVERY_DAY, by=desk, now=NOW)
    with pytest.raises(NotAllowed):
        block(resources=[chair(clinic, 1)], period=TUESDAY, label="rep lunch", by=nurse(clinic), now=NOW)


def test_a_retried_loss_is_recorded_once() -> None:
    clinic = factories.create_clinic()
    by, desk, chief = nurse(clinic), factories.create_actor(clinic, Role.FRONT_DESK), manager(clinic)
    one = chair(clinic, 1)
    absent = [
        record_absence(resource=one, period=TUESDAY, kind=AbsenceKind.AWAY, by=by, now=NOW, key="k") for _ in range(2)
    ]
    snow = [record_closure(clinic=clinic, period=TUESDAY, by=chief, now=NOW, key="k") for _ in range(2)]
    kept = [block(resources=[one], period=TUESDAY, label="rep", by=desk, now=NOW, key="k") for _ in range(2)]
    assert absent[0] == absent[1]
    assert snow[0] == snow[1]
    assert kept[0] == kept[1]
