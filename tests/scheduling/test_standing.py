"""A visit stands as long as the search would still let it begin there with whom it has."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduling.capacity import Busy, Chair, ClinicSnapshot, Nurse, Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.intervals import Interval
from scheduling.losses import closed, without
from scheduling.standing import Standing
from scheduling.visit_course import Course
from scheduling.visit_parts import Part
from tests.scheduling.small_clinics import MONDAY, clinics, phase_lists

LONG_AGO = datetime.fromisoformat("2020-01-01T00:00Z")
# What the search says beside "grid", which a booked visit has behind it.
ASKED = {"hours": "hours", "last_end": "hours", "staff": "staff", "prescriber": "prescriber"}


def course_of(start: datetime, phases: tuple[Phase, ...], clinic: ClinicSnapshot) -> Course | None:
    assigned = ClinicCapacity(clinic).assign(start, phases)
    if assigned is None:
        return None
    parts, at = [], start
    for phase in phases:
        parts.append(Part(phase, Interval(at, at + timedelta(minutes=phase.minutes))))
        at = parts[-1].period.end
    return Course(tuple(parts), assigned.claims)


def only_its_own(clinic: ClinicSnapshot, course: Course) -> ClinicSnapshot:
    """The clinic with nobody and nothing but whom and what the visit uses, taken by nobody else. The other prescribers
    are on site, which is all that some phases ask for, and with patients all day: none of them stands in."""
    used = {use.resource_id for use in course.uses}
    whole = Interval(course.presence.start - timedelta(days=1), course.presence.end + timedelta(days=1))
    others = (one for one in clinic.prescribers if one.id not in used)
    return replace(
        clinic,
        chairs=tuple(one for one in clinic.chairs if one.id in used),
        bays=tuple(one for one in clinic.bays if one.id in used),
        equipment=tuple(one for one in clinic.equipment if one.id in used),
        nurses=tuple(one for one in clinic.nurses if one.id in used),
        busy=tuple(Busy(one.id, "with-patient", whole) for one in others),
        claims=(),
        min_staff=0,
    )


@given(st.data(), phase_lists())
def test_a_visit_stands_where_the_search_would_begin_it_and_a_loss_is_a_loss_to_both(
    data: st.DataObject, phases: tuple[Phase, ...]
) -> None:
    clinic = data.draw(clinics(MONDAY, 1, 8 * 60, 300, grids=(5, 15)))
    # The search counts whole steps of each person, this counts instants: only people whose steps are whole agree.
    clinic = replace(clinic, prescriber_presence_rule="on-site")
    starts = ClinicCapacity(clinic).direct_starts(MONDAY, phases)
    if not starts:
        return
    start = data.draw(st.sampled_from(starts))
    course = course_of(start, phases, clinic)
    assert course is not None
    assert Standing(clinic).lost(course, since=LONG_AGO, has_started=False) == ()
    names = [seat.id for seat in clinic.seats] + [piece.id for piece in clinic.equipment]
    names += [nurse.id for nurse in clinic.nurses] + [prescriber.id for prescriber in clinic.prescribers]
    gone = data.draw(st.sets(st.sampled_from(names), max_size=3))
    begin = start + timedelta(minutes=data.draw(st.integers(-60, 100)))
    period = Interval(begin, begin + timedelta(minutes=data.draw(st.integers(5, 90))))
    loss = closed([period]) if data.draw(st.booleans()) else without(gone, period)
    poorer = loss(clinic)
    said = set(Standing(poorer).lost(course, since=LONG_AGO, has_started=False)) - {"staff"}
    day = ClinicCapacity(only_its_own(poorer, course)).day(MONDAY)
    assert day is not None
    refused = set(day.refusals(start, phases)) - {"grid"}
    assert {ASKED.get(one, one) for one in said} == {"hours" if one == "last_end" else one for one in refused}


def test_too_few_people_at_any_moment_in_a_chair_is_a_loss() -> None:
    start = datetime.fromisoformat("2026-01-05T14:00Z")
    phases = (Phase("infuse", 60, nurse="watch"), Phase("turnover", 10))
    whole = (Interval(start - timedelta(hours=2), start + timedelta(hours=3)),)
    clinic = small(whole)
    course = course_of(start, phases, clinic)
    assert course is not None
    assert Standing(clinic).lost(course, since=LONG_AGO, has_started=False) == ()
    early_home = without(["nurse 2"], Interval(start + timedelta(minutes=55), start + timedelta(hours=3)))
    # Whoever the visit has not lost, the clinic has: two are asked for.
    for name in ("nurse 1", "nurse 2"):
        loss = without([name], Interval(start + timedelta(minutes=55), start + timedelta(hours=3)))
        assert "staff" in Standing(loss(clinic)).lost(course, since=LONG_AGO, has_started=False)
    assert Standing(early_home(clinic)).lost(course, since=LONG_AGO, has_started=True) in ((), ("nurses",))


def small(whole: tuple[Interval, ...]) -> ClinicSnapshot:
    """One chair, two nurses, both needed."""
    return ClinicSnapshot(
        "America/New_York",
        15,
        {MONDAY: whole},
        (Chair("chair"),),
        (Nurse("nurse 1", 2, shifts=whole), Nurse("nurse 2", 2, shifts=whole)),
        (),
        min_staff=2,
    )
