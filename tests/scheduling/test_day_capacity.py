from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.capacity import Busy, Chair, ClinicSnapshot, Nurse, Phase, Prescriber
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.intervals import Interval
from tests.counts import count
from tests.scheduling.proofs.day_starts import Clinic, span, steps
from tests.scheduling.small_clinics import MONDAY, ODD_DAYS, ZONE, at, clinics, period, phase_lists


@settings(max_examples=400, deadline=None)
@given(
    data=st.data(),
    where=st.sampled_from(ODD_DAYS),
    opens=st.sampled_from([0, 60, 8 * 60, 20 * 60]),
    days=st.sampled_from([1, 1, 2]),
    phases=phase_lists(),
)
def test_direct_starts_equal_brute_force(
    data: st.DataObject, where: tuple[str, date], opens: int, days: int, phases: tuple[Phase, ...]
) -> None:
    zone, first = where
    clinic = data.draw(clinics(first, days, opens, 240, grids=(5, 15, 20), zone=zone))
    capacity, reference = ClinicCapacity(clinic), Clinic(clinic)
    for day in clinic.open:
        found = capacity.direct_starts(day, phases)
        assert found == reference.direct_starts(day, phases)
        counted = capacity.day(day)
        assert counted is not None
        count("clinic days compared with brute force")
        for start in reference.grid_starts(day):
            count("starts compared with brute force")
            assert (counted.refusals(start, phases) == ()) == (start in found)
            if start in found:
                assert capacity.assign(start, phases) is not None


@settings(max_examples=150, deadline=None)
@given(data=st.data(), phases=phase_lists())
def test_an_assignment_leaves_room_for_its_own_claims_once(data: st.DataObject, phases: tuple[Phase, ...]) -> None:
    """Booking what was assigned, again and again, never takes a chair twice nor more than a nurse may do."""
    clinic = data.draw(clinics(MONDAY, 1, 8 * 60, 120, grids=(15,)))
    taken: list[Busy] = []
    for _ in range(4):
        now = replace(clinic, busy=(*clinic.busy, *taken))
        starts = ClinicCapacity(now).direct_starts(MONDAY, phases)
        if not starts:
            break
        assigned = ClinicCapacity(now).assign(starts[0], phases)
        assert assigned is not None
        for claim in assigned.claims:
            for step in steps(*span(claim.period)):
                if claim.role in {"seat", "with-patient", "attention", "use"}:
                    assert Clinic(now).uses(claim.resource_id, claim.role, step) == 0
        taken += assigned.claims
    booked = Clinic(replace(clinic, busy=tuple(taken)))
    for nurse in clinic.nurses:
        for step in steps(*span(period(MONDAY, "08:00", "12:00"))):
            attended, watched = (booked.uses(nurse.id, role, step) for role in ("attention", "watch"))
            assert attended <= 1
            assert watched <= (nurse.watch_while_attending if attended else nurse.watch)


SET_UP = Phase("set up", 15, nurse="attention", prescriber="present")
INFUSE = Phase("infuse", 40, nurse="watch")
DISCHARGE = Phase("discharge", 5, chair=False, nurse="attention")
TURNOVER = Phase("turnover", 15)
VISIT = (
    Phase("arrive", 10, nurse="watch"),
    SET_UP,
    INFUSE,
    Phase("recover", 45, nurse="watch", place="bay"),
    DISCHARGE,
    TURNOVER,
)
DAY = period(MONDAY, "08:00", "18:00")


def clinic(
    *,
    busy: tuple[Busy, ...] = (),
    chairs: int = 2,
    nurses: int = 2,
    hours: tuple[Interval, ...] = (DAY,),
    last_end: time | None = None,
) -> ClinicSnapshot:
    return ClinicSnapshot(
        ZONE,
        15,
        {MONDAY: hours},
        tuple(Chair(f"c{index}") for index in range(chairs)),
        tuple(Nurse(f"n{index}", 3, shifts=(DAY,)) for index in range(nurses)),
        (Prescriber("p0", (DAY,)),),
        busy,
        last_end,
    )


def test_assign_merges_claims_per_resource_and_role() -> None:
    assigned = ClinicCapacity(clinic()).assign(at(MONDAY, "09:00"), VISIT)
    assert assigned is not None
    assert assigned.claims == (
        Busy("c0", "seat", period(MONDAY, "09:00", "11:10")),
        Busy("n0", "watch", period(MONDAY, "09:00", "09:10")),
        Busy("n0", "watch", period(MONDAY, "09:25", "10:50")),
        Busy("n0", "attention", period(MONDAY, "09:10", "09:25")),
        Busy("n0", "attention", period(MONDAY, "10:50", "10:55")),
    )
    assert (assigned.chair, assigned.nurse, assigned.prescriber, assigned.prescribers) == ("c0", "n0", None, ("p0",))


def test_assign_levels_load_then_takes_the_first_id() -> None:
    busy = (Busy("c0", "seat", period(MONDAY, "15:00", "16:00")), Busy("n0", "watch", period(MONDAY, "15:00", "16:00")))
    assigned = ClinicCapacity(clinic(busy=busy, chairs=3, nurses=3)).assign(at(MONDAY, "09:00"), VISIT)
    assert assigned is not None
    assert (assigned.chair, assigned.nurse) == ("c1", "n1")


def test_turnover_may_run_past_closing_but_presence_may_not() -> None:
    starts = ClinicCapacity(clinic()).direct_starts(MONDAY, VISIT)
    assert (starts[0], starts[-1]) == (
        at(MONDAY, "08:00"),
        at(MONDAY, "16:00"),
    )  # present until 17:55, chair until 18:10


def test_last_end_bounds_the_presence() -> None:
    starts = ClinicCapacity(clinic(last_end=time(17, 0))).direct_starts(MONDAY, VISIT)
    assert starts[-1] == at(MONDAY, "15:00")


def test_a_visit_does_not_span_the_midday_break_but_ranges_that_touch_are_one() -> None:
    broken = (period(MONDAY, "08:00", "12:00"), period(MONDAY, "12:30", "14:30"))
    assert at(MONDAY, "11:00") not in ClinicCapacity(clinic(hours=broken)).direct_starts(MONDAY, VISIT)
    touching = (period(MONDAY, "08:00", "12:00"), period(MONDAY, "12:00", "14:30"))
    assert at(MONDAY, "11:00") in ClinicCapacity(clinic(hours=touching)).direct_starts(MONDAY, VISIT)


def test_a_nurse_who_attends_watches_one_fewer_of_the_others() -> None:
    one_chair_free = tuple(Busy("n0", "watch", period(MONDAY, "09:00", "10:00")) for _ in range(2))
    attending = Busy("n0", "attention", period(MONDAY, "09:30", "09:40"))
    phases = (Phase("infuse", 10, nurse="watch"),)
    starts = ClinicCapacity(clinic(busy=(*one_chair_free, attending), nurses=1)).direct_starts(MONDAY, phases)
    assert at(MONDAY, "09:15") in starts
    assert at(MONDAY, "09:30") not in starts  # two others while she attends is all she may watch
    assert at(MONDAY, "09:45") in starts


def test_the_attended_patient_is_not_counted_among_those_watched() -> None:
    watching = tuple(Busy("n0", "watch", period(MONDAY, "09:00", "10:00")) for _ in range(2))
    starts = ClinicCapacity(clinic(busy=watching, nurses=1)).direct_starts(MONDAY, (SET_UP,))
    assert at(MONDAY, "09:00") in starts


def test_a_turnover_past_midnight_sees_the_next_mornings_chair() -> None:
    tuesday = MONDAY + timedelta(days=1)
    whole = {day: (ClinicCapacity(clinic()).clock.day_bounds(day),) for day in (MONDAY, tuesday)}
    visit = (Phase("infuse", 60, nurse="none"), TURNOVER)

    def last_start(busy: tuple[Busy, ...]) -> bool:
        snapshot = ClinicSnapshot(ZONE, 15, whole, (Chair("c0"),), (), (), busy)
        return at(MONDAY, "23:00") in ClinicCapacity(snapshot).direct_starts(MONDAY, visit)

    assert last_start(())
    assert not last_start((Busy("c0", "seat", period(tuesday, "00:10", "01:00")),))
    assert last_start((Busy("c0", "seat", period(tuesday, "00:15", "01:00")),))


def test_refusals_name_what_stands_in_the_way() -> None:
    busy = (Busy("c0", "seat", DAY),)
    day = ClinicCapacity(clinic(busy=busy, chairs=1, nurses=0)).day(MONDAY)
    assert day is not None
    assert day.refusals(at(MONDAY, "09:00"), VISIT) == ("nurses", "chairs")
