"""Who makes room for what happened, and in which order; bays, pumps, turnovers and prescribers among it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from scheduling.booking import book_visit
from scheduling.models import Appointment, Clinic, Patient, ResourceKind, Role, Status
from scheduling.running_visits import change_chair, hand_over, record_overrun
from scheduling.visits import record_step
from tests import factories
from tests.factories import NOW, WHO, checks_for
from tests.scheduling.running import (
    NINE,
    WHOLE,
    WITH_BAY,
    book,
    chair,
    chairs_of,
    hold_true,
    minutes,
    nurse,
    nurse_of,
    nurses_of,
    uses_of,
    verbs,
    waiting,
    walk,
)

pytestmark = pytest.mark.django_db


def talk(clinic: Clinic, start: datetime, patient: Patient | None = None) -> Appointment:
    """Forty-five minutes with the prescriber."""
    return book_visit(
        patient=patient or factories.create_patient(clinic), clinic=clinic, start=start, now=NOW,
        visit_type=factories.create_visit_type(clinic), by=factories.create_actor(clinic, Role.FRONT_DESK),
    )  # fmt: skip


def stand(*visits: Appointment) -> list[bool]:
    for visit in visits:
        visit.refresh_from_db()
    return [visit.is_placed for visit in visits]


def test_who_is_here_keeps_a_place_before_who_is_booked() -> None:
    clinic = factories.create_clinic(chairs=4, nurses=1)
    by = nurse(clinic)
    late, running = book(clinic), book(clinic, NINE + minutes(45))
    here, booked = book(clinic, NINE + minutes(75)), book(clinic, NINE + minutes(120))
    walk(late, by, Status.INFUSING)
    for visit in (running, here):
        record_step(
            appointment=visit,
            to=Status.ARRIVED,
            checks=WHO,
            happened_at=NINE + minutes(45),
            by=by,
            now=NINE + minutes(45),
        )
    walk(running, by, Status.INFUSING)
    record_overrun(appointment=late, minutes=20, by=by, now=NINE + minutes(80))
    hold_true()
    # One nurse watches three: the late one, the running one and whoever is here; the fourth waits.
    assert stand(here, booked) == [True, False]
    assert waiting(clinic) == [booked]


def test_a_late_infusion_takes_its_pump_and_bay_along() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=2)
    factories.create_thing(clinic, ResourceKind.BAY, "bay-1")
    factories.create_thing(clinic, ResourceKind.EQUIPMENT, "pump-1", "pump")
    by = nurse(clinic)
    first = book(clinic, template=WITH_BAY)
    # The recovery of the first one is in the chair, since that was free throughout.
    assert chairs_of(first) == [("chair-1", 0, WHOLE)]
    bay = clinic.resources.get(code="bay-1")
    walk(first, by, Status.SEATED)
    second = book(clinic, NINE + minutes(WHOLE), template=WITH_BAY)
    record_step(
        appointment=first,
        to=Status.INFUSING,
        checks=WHO,
        happened_at=NINE + minutes(35),
        by=by,
        now=NINE + minutes(35),
    )
    change_chair(appointment=first, chair=bay, at=NINE + minutes(75), by=by, now=NINE + minutes(75))
    hold_true()
    assert chairs_of(first) == [("chair-1", 0, 90), ("bay-1", 75, WHOLE + 10)]
    assert uses_of(first, "use") == [("pump-1", 35, 75)]
    # Ten minutes late took the chair from the second one, and gave it back when the first one left it.
    assert stand(second) == [True]
    assert verbs(second)[-2:] == ["appointment.displaced", "appointment.placed_again"]


def test_a_pump_that_is_used_longer_is_missed_by_the_next() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    factories.create_thing(clinic, ResourceKind.EQUIPMENT, "pump-1", "pump")
    by = nurse(clinic)
    first, second = book(clinic, template=WITH_BAY), book(clinic, NINE + minutes(45), template=WITH_BAY)
    walk(first, by, Status.INFUSING)
    record_overrun(appointment=first, minutes=10, by=by, now=NINE + minutes(40))
    hold_true()
    assert uses_of(first, "use") == [("pump-1", 25, 75)]
    assert stand(second) == [False]


def test_a_turnover_gives_way_to_whoever_sits_down_in_it() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=2)
    first, second = book(clinic), book(clinic, NINE + minutes(WHOLE))
    by = nurse(clinic)
    walk(first, by, Status.RECOVERING)
    # The first patient has left; nobody said so yet.
    at = NINE + minutes(125)
    for step in (Status.ARRIVED, Status.SEATED):
        record_step(appointment=second, to=step, checks=checks_for(step), happened_at=at, by=by, now=at)
    hold_true()
    assert stand(first, second) == [True, True]
    assert chairs_of(first) == [("chair-1", 0, 125)]
    assert chairs_of(second) == [("chair-1", -10, WHOLE)]
    assert verbs(first)[-1] == "appointment.turnover_shortened"


def test_a_nurse_who_is_held_up_loses_what_she_had_not_begun_to_another() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    by = nurse(clinic)
    running, behind = book(clinic), book(clinic, NINE + minutes(120))
    ann, ben = nurse_of(clinic, 1), nurse_of(clinic, 2)
    walk(running, by, Status.INFUSING)
    for visit, at in ((running, 26), (behind, 27)):
        if visit is behind:
            record_step(
                appointment=behind,
                to=Status.ARRIVED,
                checks=WHO,
                happened_at=NINE,
                by=by,
                now=NINE + minutes(27),
            )
        hand_over(appointments=[visit], nurse=ann, at=NINE, by=by, now=NINE + minutes(at))
    # Her discharge now falls into the other's set-up.
    record_overrun(appointment=running, minutes=20, by=by, now=NINE + minutes(60))
    hold_true()
    assert stand(running, behind) == [True, True]
    assert {name for name, *_ in nurses_of(behind)} == {ben.code}
    assert verbs(behind)[-1] == "appointment.nurse_changed"


def test_a_prescriber_who_is_held_up_keeps_the_next_patient_waiting_and_is_not_replaced() -> None:
    clinic = factories.create_clinic(prescribers=2)
    by = nurse(clinic)
    first = talk(clinic, NINE)
    [doctor] = uses_of(first, "with-patient")
    others = [talk(clinic, NINE + minutes(45)) for _ in range(2)]
    [behind] = [one for one in others if uses_of(one, "with-patient")[0][0] == doctor[0]]
    record_step(appointment=first, to=Status.ARRIVED, checks=WHO, happened_at=NINE, by=by, now=NINE)
    record_overrun(appointment=first, minutes=30, by=by, now=NINE + minutes(40))
    hold_true()
    assert stand(*others) == [one != behind for one in others]


def test_a_pinned_visit_waits_rather_than_change_its_chair() -> None:
    clinic = factories.create_clinic(chairs=2, nurses=2)
    by = nurse(clinic)
    first, behind = book(clinic), book(clinic, NINE + minutes(WHOLE))
    walk(first, by, Status.INFUSING)
    change_chair(
        appointment=first, chair=chair(clinic, int(chairs_of(behind)[0][0][-1])), by=by, now=NINE + minutes(26)
    )
    Appointment.objects.filter(pk=behind.pk).update(is_pinned=True)
    record_overrun(appointment=first, minutes=30, by=by, now=NINE + minutes(50))
    hold_true()
    assert stand(behind) == [False]


def test_what_runs_past_midnight_is_recorded_too() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=1)
    by = nurse(clinic)
    visit = book(clinic, NINE + timedelta(hours=6))
    walk(visit, by, Status.INFUSING)
    until = NINE + timedelta(hours=17)
    record_overrun(appointment=visit, until=until, by=by, now=NINE + timedelta(hours=7))
    hold_true()
    assert visit.period.upper == until
    now = until - minutes(30)
    record_step(appointment=visit, to=Status.RECOVERING, happened_at=now, by=by, now=now)
    hold_true()


def test_an_old_page_does_not_matter_to_what_happened() -> None:
    clinic = factories.create_clinic(chairs=1, nurses=1)
    by = nurse(clinic)
    visit = book(clinic)
    old = Appointment.objects.select_related("clinic").get(pk=visit.pk)
    walk(visit, by, Status.INFUSING)
    record_overrun(appointment=old, minutes=10, by=by, now=NINE + minutes(30))
    assert old.period.upper == NINE + minutes(130)
