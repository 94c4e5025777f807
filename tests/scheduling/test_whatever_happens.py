"""Whatever happens in whatever order can be recorded, and what is planned still holds afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling.absences import end_absence, record_absence
from scheduling.booking import BookingRefused, Pick, book_series, book_visit
from scheduling.cancelling import cancel
from scheduling.course_rows import read_courses
from scheduling.crowding import clash, fits
from scheduling.finding_places import nurse_limits
from scheduling.intervals import Interval
from scheduling.models import Absence, AbsenceKind, Appointment, CancelledBy, Resource, ResourceKind, Role, Status
from scheduling.posts import DealRefused, deal_day
from scheduling.running_visits import ChairInUse, change_chair, hand_over, hand_over_all, record_overrun
from scheduling.visit_steps import NotPossibleFromHere, NotThen, next_steps
from scheduling.visits import record_step
from scheduling.waiting_for_chairs import NoChairYet, place_again
from tests import factories
from tests.factories import NOW, SIX, checks_for
from tests.scheduling.running import NINE, WITH_BAY, hold_true, minutes, waiting

pytestmark = pytest.mark.django_db
# What a verb may say; anything else that is raised is a fault.
REFUSALS = (NotPossibleFromHere, NotThen, ChairInUse, NoChairYet, DealRefused)
STEPS = [status for status in Status if status not in (Status.HELD, Status.RELEASED, Status.ENTERED_IN_ERROR)]


class Tuesday:
    """A small clinic, its people, orders and patients to book on a Tuesday, and the clock on its wall."""

    def __init__(self) -> None:
        self.clinic = factories.create_clinic(chairs=3, nurses=2)
        self.staff = factories.create_actor(self.clinic, Role.NURSE, Role.FRONT_DESK, Role.PRESCRIBER)
        factories.create_thing(self.clinic, ResourceKind.BAY, "bay-1")
        factories.create_thing(self.clinic, ResourceKind.EQUIPMENT, "pump-1", "pump")
        self.resources = list(Resource.objects.filter(clinic=self.clinic).order_by("pk"))
        self.orders = [factories.create_order(self.clinic, template=WITH_BAY if i % 2 else SIX) for i in range(6)]
        self.patients = [factories.create_patient(self.clinic) for _ in range(2)]
        self.talk = factories.create_visit_type(self.clinic)
        self.now = NINE

    def of(self, kind: str) -> list[Resource]:
        return [one for one in self.resources if one.kind == kind]

    @property
    def visits(self) -> list[Appointment]:
        return list(Appointment.objects.filter(clinic=self.clinic).select_related("clinic", "patient").order_by("pk"))

    def book(self, quarters: list[int]) -> None:
        """Infusions and talks at these quarter hours after nine, as far as there is room."""
        starts = [NINE + minutes(15 * quarter) for quarter in quarters]
        for order, start in zip(self.orders, starts, strict=False):
            with suppress(BookingRefused):
                book_series(order=order, clinic=self.clinic, picks=[Pick(1, start)], by=self.staff, now=NOW)
        for patient, start in zip(self.patients, starts[len(self.orders) :], strict=False):
            with suppress(BookingRefused):
                book_visit(
                    patient=patient, clinic=self.clinic, visit_type=self.talk, start=start, by=self.staff, now=NOW
                )


def step(day: Tuesday, visit: Appointment, pick: int, back: int) -> None:
    allowed = sorted(next_steps(visit)) or [Status.ARRIVED]
    to = allowed[pick % len(allowed)] if pick % 7 else STEPS[pick % len(STEPS)]
    record_step(
        appointment=visit,
        to=Status(to),
        checks=checks_for(Status(to)),
        happened_at=day.now - minutes(back),
        by=day.staff,
        now=day.now,
    )


def go_on(day: Tuesday, visit: Appointment, pick: int, back: int) -> None:
    """The usual next step: the way most visits go."""
    way = [Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING, Status.COMPLETED]
    to = next((one for one in way if one in next_steps(visit)), Status.ARRIVED)
    record_step(
        appointment=visit, to=to, checks=checks_for(to), happened_at=day.now - minutes(back), by=day.staff, now=day.now
    )


def run_over(day: Tuesday, visit: Appointment, pick: int, back: int) -> None:
    record_overrun(appointment=visit, minutes=pick - 20, by=day.staff, now=day.now)


def sit_elsewhere(day: Tuesday, visit: Appointment, pick: int, back: int) -> None:
    chairs = [*day.of("chair"), *day.of("bay")]
    at = day.now - minutes(back)
    change_chair(appointment=visit, chair=chairs[pick % len(chairs)], at=at, by=day.staff, now=day.now)


def give_to(day: Tuesday, visit: Appointment, pick: int, back: int) -> None:
    nurses = day.of("nurse")
    until = day.now + minutes(pick) if pick % 3 == 0 else None
    hand_over(
        appointments=[visit], nurse=nurses[pick % len(nurses)], at=day.now - minutes(back), until=until, by=day.staff,
        now=day.now,
    )  # fmt: skip


def give_all(day: Tuesday, visit: Appointment, pick: int, back: int) -> None:
    one, other = day.of("nurse")
    hand_over_all(from_nurse=one, to_nurse=other, by=day.staff, now=day.now)


def deal(day: Tuesday, visit: Appointment, pick: int, back: int) -> None:
    nurses = day.of("nurse")
    dealt = {one: nurses[(pick + one.pk) % 2] for one in day.visits if one.live and one.is_placed}
    deal_day(clinic=day.clinic, nurses=dealt, by=day.staff, now=day.now)


def lose(day: Tuesday, visit: Appointment, pick: int, back: int) -> None:
    gone = day.resources[pick % len(day.resources)]
    period = Interval(day.now - minutes(back), day.now + minutes(30 + pick))
    record_absence(resource=gone, period=period, kind=AbsenceKind.AWAY, by=day.staff, now=day.now)


def regain(day: Tuesday, visit: Appointment, pick: int, back: int) -> None:
    for absence in Absence.objects.filter(clinic=day.clinic):
        end_absence(absence=absence, by=day.staff, now=day.now)


def give_place(day: Tuesday, visit: Appointment, pick: int, back: int) -> None:
    for one in waiting(day.clinic)[:1]:
        place_again(appointment=one, by=day.staff, now=day.now)


def call_off(day: Tuesday, visit: Appointment, pick: int, back: int) -> None:
    cancel(appointment=visit, side=CancelledBy.PATIENT, reason="ill", by=day.staff, now=day.now)


Deed = Callable[[Tuesday, Appointment, int, int], None]
Happening = tuple[Deed, int, int, int, int]
DEEDS: list[Deed] = [
    go_on, go_on, go_on, go_on, step, run_over, run_over, sit_elsewhere, give_to, give_all, deal, lose, regain,
    give_place, call_off,
]  # fmt: skip
# What happens, to which visit, two numbers for how, and how many minutes after the last.
ONE = st.tuples(
    st.sampled_from(DEEDS), st.integers(0, 7), st.integers(0, 60), st.sampled_from([0, 0, 0, 3, 12, 40]),
    st.integers(0, 20),
)  # fmt: skip


def test_whatever_happens_is_recorded_and_the_plan_holds() -> None:
    tuesday = Tuesday()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.integers(0, 20), min_size=6, max_size=8), st.lists(ONE, min_size=15, max_size=40))
    def happens(quarters: list[int], deeds: list[Happening]) -> None:
        tuesday.now = NINE
        with transaction.atomic():
            tuesday.book(quarters)
            for deed, which, pick, back, wait in deeds:
                tuesday.now += minutes(wait)
                visits = tuesday.visits
                with suppress(*REFUSALS):
                    deed(tuesday, visits[which % len(visits)], pick, back)
                hold_true()
                plan_holds(tuesday)
            transaction.set_rollback(True)

    happens()


def plan_holds(day: Tuesday) -> None:
    """Whatever is only booked and has a place has room for it at its time; no chair has two visits at once."""
    live = [visit for visit in day.visits if visit.live]
    courses = read_courses([visit.pk for visit in live])
    limits = nurse_limits(day.clinic)
    for visit in live:
        course = courses[visit.pk]
        others = [use for pk, other in courses.items() if pk != visit.pk for use in other.uses]
        seats = [use for use in course.uses if use.role == "seat"]
        assert not any(clash(seat, other) for seat in seats for other in others)
        assert visit.is_placed == course.is_covered
        if visit.status == Status.BOOKED:
            assert course.presence.start == visit.period.lower
            assert fits(course.uses, others, limits)
