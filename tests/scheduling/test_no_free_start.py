from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from scheduling.capacity import Busy, Chair, ClinicSnapshot, Equipment, Nurse, Phase, Prescriber
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.clinic_time import WallRange
from scheduling.free_starts import FreeStarts
from scheduling.intervals import Interval
from scheduling.no_free_start import no_free_start
from scheduling.series_search import PatientTimes
from scheduling.starts_on_days import FRAME, RESOURCES
from scheduling.why_not import TEXTS, WhyNot
from tests.counts import count
from tests.scheduling.proofs.day_starts import Clinic
from tests.scheduling.proofs.series import patient_can
from tests.scheduling.small_clinics import EQUIPMENT_WORDS, MONDAY, NOW, ZONE, at, clinics, period, phase_lists, spans

VISIT = (
    Phase("set up", 15, nurse="attention", prescriber="present", features=frozenset({"bed"})),
    Phase("infuse", 45, nurse="watch"),
)
DUTY = (period(MONDAY, "08:00", "18:00"),)
BED = frozenset({"bed"})


def clinic(**changes: Any) -> ClinicSnapshot:
    whole: dict[str, Any] = {
        "zone_name": ZONE,
        "grid_minutes": 30,
        "open": {MONDAY: (period(MONDAY, "09:00", "12:00"),)},
        "chairs": (Chair("c", BED), Chair("d")),
        "nurses": (Nurse("n", 2, shifts=DUTY),),
        "prescribers": (Prescriber("p", DUTY),),
        **changes,
    }
    return ClinicSnapshot(**whole)


def why(
    snapshot: ClinicSnapshot,
    phases: tuple[Phase, ...] = VISIT,
    patient: PatientTimes | None = None,
    days: Sequence[date] = (MONDAY,),
) -> tuple[WhyNot, ...]:
    capacity = ClinicCapacity(snapshot)
    limits = FreeStarts(capacity, patient or PatientTimes(), None, NOW).limits(phases)
    return no_free_start(capacity, 2, phases, [day.toordinal() for day in days], limits)


def messages(*asked: Any, **more: Any) -> list[str]:
    return [one.message for one in why(*asked, **more)]


def test_the_only_one_that_could_serve_is_named() -> None:
    taken = (Busy("c", "seat", period(MONDAY, "09:00", "11:30")),)
    (one,) = why(clinic(busy=taken))
    assert (one.rule, one.number, one.resource, one.resource_id) == ("no_free_start", 2, "chairs", "c")
    assert one.message == "Infusion 2: no chair is free for the whole visit on Mon 5 Jan 2026."
    two_beds = clinic(chairs=(Chair("c", BED), Chair("e", BED)), busy=(*taken, replace(taken[0], resource_id="e")))
    assert [found.resource_id for found in why(two_beds)] == [None]


def test_who_is_not_there_at_all_is_told_from_who_is_taken() -> None:
    assert messages(clinic(nurses=(Nurse("n", 2),))) == [
        "Infusion 2: no nurse is on duty for the whole visit on Mon 5 Jan 2026."
    ]
    assert messages(clinic(chairs=(Chair("d"),))) == [
        "Infusion 2: no chair that suits is in service for the whole visit on Mon 5 Jan 2026."
    ]
    out = clinic(chairs=(Chair("c", BED, (period(MONDAY, "09:30", "11:30"),)), Chair("d")))
    assert [(one.resource_id, "in service" in one.message) for one in why(out)] == [("c", True)]


def test_two_that_are_both_missing_are_both_named() -> None:
    found = why(clinic(chairs=(Chair("d"),), nurses=()))
    assert [(one.resource, one.resource_id) for one in found] == [("chairs", None), ("nurses", None)]


def test_what_is_free_only_when_others_are_not_is_said_so() -> None:
    busy = (
        Busy("c", "seat", period(MONDAY, "09:00", "10:30")),
        Busy("n", "attention", period(MONDAY, "10:30", "12:00")),
    )
    assert messages(clinic(busy=busy)) == [
        "Infusion 2: no chair is free when everything else would be on Mon 5 Jan 2026."
    ]


def test_equipment_and_staff_are_named() -> None:
    pumped = (Phase("infuse", 60, equipment=frozenset({"pump"})),)
    pump = Equipment("pump 1", frozenset({"pump"}))
    in_use = (Busy("pump 1", "use", period(MONDAY, "09:00", "11:30")),)
    (one,) = why(clinic(equipment=(pump,), busy=in_use), pumped)
    assert (one.resource, one.resource_id) == ("equipment", "pump 1")
    assert one.message == "Infusion 2: what the visit uses is not free for it on Mon 5 Jan 2026."
    assert messages(clinic(min_staff=3)) == ["Infusion 2: too few staff are on duty on Mon 5 Jan 2026."]


def test_hours_last_end_and_grid_come_before_all_else() -> None:
    assert [one.resource for one in why(clinic(open={MONDAY: ()}, chairs=()))] == ["hours"]
    assert [one.resource for one in why(clinic(last_end=time(9, 30), chairs=()))] == ["last_end"]
    assert [one.resource for one in why(clinic(grid_minutes=1440, chairs=()))] == ["grid"]


def test_the_patients_times_are_named_alone_or_beside_what_is_missing_inside_them() -> None:
    evenings = PatientTimes({"mon": (WallRange.from_text("17:00-20:00"),)})
    assert messages(clinic(), patient=evenings) == [
        "Infusion 2: no free start suits the patient's times on Mon 5 Jan 2026."
    ]
    both = messages(clinic(chairs=(Chair("d"),)), patient=evenings)
    assert both == [
        "Infusion 2: no chair that suits is in service for the whole visit on Mon 5 Jan 2026.",
        "Infusion 2: no free start suits the patient's times on Mon 5 Jan 2026.",
    ]


def test_a_span_of_days_is_said_from_first_to_last() -> None:
    two = {MONDAY: DUTY, MONDAY + timedelta(days=1): ()}
    assert messages(clinic(open=two, nurses=()), days=[*two]) == [
        "Infusion 2: no nurse is on duty for the whole visit from Mon 5 Jan 2026 to Tue 6 Jan 2026."
    ]


# ------------------------------------------------------------------------------------------------- against brute force


def with_plenty(snapshot: ClinicSnapshot, name: str) -> ClinicSnapshot:
    """The clinic without one thing ever missing. Whoever is added does not count as staff."""
    always = (Interval(at(MONDAY, "00:00") - timedelta(days=2), at(MONDAY, "00:00") + timedelta(days=5)),)
    one_more = snapshot.min_staff + 1 if snapshot.min_staff else 0
    if name == "chairs":
        return replace(snapshot, chairs=(*snapshot.chairs, Chair("plenty", BED)))
    if name == "nurses":
        nurses = (*snapshot.nurses, Nurse("plenty", 9, shifts=always))
        return replace(snapshot, nurses=nurses, min_staff=one_more)
    if name == "prescriber":
        prescribers = (*snapshot.prescribers, Prescriber("plenty", always))
        return replace(snapshot, prescribers=prescribers, min_staff=one_more)
    if name == "equipment":
        return replace(snapshot, equipment=(*snapshot.equipment, Equipment("plenty", frozenset(EQUIPMENT_WORDS))))
    return replace(snapshot, min_staff=0) if name == "staff" else snapshot


def has_start(snapshot: ClinicSnapshot, phases: tuple[Phase, ...], patient: PatientTimes, without: set[str]) -> bool:
    for name in sorted(without & {*RESOURCES}):
        snapshot = with_plenty(snapshot, name)
    times = PatientTimes() if "patient" in without else patient
    return any(
        patient_can(snapshot, times, start, NOW, phases) for start in Clinic(snapshot).direct_starts(MONDAY, phases)
    )


@settings(max_examples=80, deadline=None)
@given(data=st.data(), phases=phase_lists())
def test_without_what_is_named_there_would_be_a_start_and_without_less_there_would_not(
    data: st.DataObject, phases: tuple[Phase, ...]
) -> None:
    snapshot = data.draw(clinics(MONDAY, 1, 8 * 60, 120, grids=(20, 40)))
    ranges = st.sampled_from([None, {"mon": (WallRange(8 * 60, 9 * 60),)}, {"mon": (WallRange(9 * 60, 10 * 60),)}])
    patient = PatientTimes(data.draw(ranges), data.draw(spans(at(MONDAY, "08:00"), 60, most=1)))
    assume(not has_start(snapshot, phases, patient, set()))
    found = why(snapshot, phases, patient)
    named = {one.resource for one in found if one.resource}
    event(", ".join(sorted(named)))
    count("days without a start, of which the reason was left out")
    if named & {*FRAME}:
        assert not has_start(snapshot, phases, PatientTimes(), {*RESOURCES})
        return
    assert found[0].resource != "several"
    for one in found:
        if one.resource in RESOURCES and one.text in (TEXTS[one.resource], TEXTS.get(f"{one.resource}_off")):
            others = {*RESOURCES} - {one.resource} | (named & {"patient"} if one is not found[0] else set())
            assert not has_start(snapshot, phases, patient, others)
    if all(has_start(snapshot, phases, patient, {one}) for one in named):
        return  # each would do by itself
    assert has_start(snapshot, phases, patient, named)
    assert not any(has_start(snapshot, phases, patient, named - {one}) for one in named)
