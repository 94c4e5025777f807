from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from scheduling.capacity import Busy, Chair, ClinicSnapshot, Equipment, Nurse, OneToOne, Phase, Prescriber
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.clinic_time import WallRange
from scheduling.refused_by_people import TEXTS as PEOPLE
from scheduling.refused_by_things import TEXTS as THINGS
from scheduling.refused_time import why_not_at
from scheduling.series_search import PatientTimes
from scheduling.why_not import WhyNot, Words
from tests.counts import count
from tests.scheduling.proofs.day_starts import Clinic, Span, steps
from tests.scheduling.proofs.series import patient_can
from tests.scheduling.small_clinics import MONDAY, NOW, ODD_DAYS, at, clinics, period, phase_lists, spans
from tests.scheduling.test_why_not import DAYS, VISIT, clinic

NAMES = {"n": "Ana", "m": "Ben", "p": "Dr Lee", "c": "Chair 1", "d": "Chair 2"}
TWO: dict[str, Any] = {"chairs": (Chair("c"), Chair("d")), "grid_minutes": 15}


def busy(resource: str, role: Any, start: str, end: str) -> Busy:
    return Busy(resource, role, period(MONDAY, start, end))


def said(
    wall: str,
    phases: tuple[Phase, ...] = VISIT,
    *,
    day: date = MONDAY,
    patient: PatientTimes | None = None,
    now: datetime = NOW,
    **changes: Any,
) -> str:
    capacity = ClinicCapacity(clinic(**{**TWO, **changes}))
    found = why_not_at(capacity, at(day, wall), phases, names=NAMES, patient=patient or PatientTimes(), now=now)
    return " ".join(one.message for one in found)


def with_chair_2(start: str, end: str) -> Any:
    steps_of = [int(at(MONDAY, wall).timestamp()) // 300 for wall in (start, end)]
    return lambda: (OneToOne("n", "d", *steps_of),)


def test_a_free_start_has_nothing_against_it() -> None:
    assert said("10:00") == ""


def test_the_nurse_is_named_with_whom_she_is_one_to_one_and_until_when() -> None:
    taken = (busy("n", "attention", "09:40", "10:20"),)
    assert said("10:00", busy=taken, one_to_one=with_chair_2("09:40", "10:20")) == (
        "Ana is one-to-one with Chair 2 until 10:20. 10:30 works."
    )
    assert said("10:00", busy=taken) == "Ana is one-to-one until 10:20. 10:30 works."


def test_what_begins_after_the_start_is_said_from_when_to_when() -> None:
    assert said("10:00", busy=(busy("n", "attention", "10:05", "10:20"),)) == (
        "Ana is one-to-one from 10:05 to 10:20. 9:45 works."
    )


def test_two_patients_in_a_row_are_told_apart() -> None:
    taken = (busy("n", "attention", "09:40", "10:10"), busy("n", "attention", "10:10", "10:20"))
    assert said("10:00", busy=taken, one_to_one=with_chair_2("09:40", "10:10")).startswith(
        "Ana is one-to-one with Chair 2 until 10:10."
    )


def test_of_several_nurses_the_one_who_is_free_soonest_is_named() -> None:
    on = (period(MONDAY, "08:00", "18:00"),)
    nurses = (Nurse("n", 2, shifts=on), Nurse("m", 2, shifts=on))
    taken = (busy("n", "attention", "09:30", "11:00"), busy("m", "attention", "09:30", "10:10"))
    assert said("10:00", nurses=nurses, busy=taken) == "Ben is one-to-one until 10:10. 10:15 works."


def test_a_nurse_who_watches_as_many_as_she_may() -> None:
    two = tuple(busy("n", "watch", "09:30", end) for end in ("10:40", "11:30"))
    watched = (Phase("infuse", 60, nurse="watch"),)
    assert said("10:00", watched, busy=two) == "Ana watches 2 patients until 10:40, the most allowed. 10:45 works."
    assert said("10:00", busy=two) == (
        "Ana has patients to watch until 10:40, more than the 1 allowed while one-to-one. 10:45 works."
    )


def test_nurses_who_are_not_on_duty() -> None:
    first, then = Nurse("n", 2, shifts=(period(MONDAY, "09:00", "10:30"),)), (period(MONDAY, "10:30", "12:00"),)
    assert said("10:15", nurses=(first, Nurse("m", 2, shifts=then))).startswith("Ben is not on duty before 10:30.")
    assert said("10:15", nurses=(first,)) == "No nurse is on duty after 10:30. 9:30 works."
    assert said("10:00", nurses=()).startswith("No nurse is on duty on Mon 5 Jan 2026.")


def test_all_chairs_in_use_until_the_first_is_free() -> None:
    taken = (busy("c", "seat", "09:30", "11:00"), busy("d", "seat", "09:45", "10:45"))
    assert said("10:00", busy=taken) == "All 2 chairs are in use until 10:45. 10:45 works."
    assert said("10:00", busy=taken[:1], chairs=(Chair("c"),)) == "Chair 1 is in use until 11:00. 11:00 works."
    out = (Chair("c"), Chair("d", out=(period(MONDAY, "09:45", "10:45"),)))
    assert said("10:00", busy=taken[:1], chairs=out) == "No chair that suits is free until 10:45. 10:45 works."
    assert said("10:00", chairs=out[1:]) == "Chair 2 is out of service until 10:45. 10:45 works."


def test_no_chair_that_is_free_throughout() -> None:
    taken = (busy("c", "seat", "09:00", "10:30"), busy("d", "seat", "10:30", "11:00"))
    assert said("10:00", busy=taken) == "No chair is free up to 11:00; Chair 2 is free until 10:30. 10:30 works."


def test_what_the_clinic_does_not_have() -> None:
    bed = (Phase("infuse", 60, features=frozenset({"bed"})),)
    assert said("10:00", bed) == (
        "No chair here has what this visit needs. No other time works on the days that are planned."
    )
    pump = (Phase("infuse", 60, equipment=frozenset({"pump"})),)
    assert said("10:00", pump).startswith("There is no pump here.")
    one = (Equipment("e", frozenset({"pump"})),)
    assert said("10:00", pump, equipment=one, busy=(busy("e", "use", "09:30", "10:30"),)) == (
        "No pump is free until 10:30. 10:30 works."
    )


def test_recovery_bays() -> None:
    to_bay = (Phase("infuse", 30), Phase("recover", 30, place="bay"))
    taken = (
        *(busy(chair, "seat", "10:30", "11:30") for chair in ("c", "d")), busy("b", "seat", "10:15", "10:45"),
    )  # fmt: skip
    assert said("10:00", to_bay, bays=(Chair("b"),), busy=taken) == (
        "No recovery bay that suits is free from 10:15 to 10:45. 9:30 works."
    )


def test_prescribers_who_are_away_or_with_a_patient() -> None:
    late = (Prescriber("p", (period(MONDAY, "10:00", "12:00"),)),)
    assert said("09:30", prescribers=late) == "No prescriber is on site before 10:00. 10:00 works."
    talk = (Phase("talk", 30, chair=False, prescriber="with-patient"),)
    seen = (busy("p", "with-patient", "09:45", "10:15"),)
    assert said("10:00", talk, busy=seen) == "Dr Lee is with a patient until 10:15. 10:15 works."
    assert said("10:00", busy=seen, prescriber_presence_rule="not-with-patient") == (
        "Dr Lee is with a patient until 10:15. 10:15 works."
    )


def test_too_few_staff() -> None:
    late = (Nurse("n", 2, shifts=(period(MONDAY, "09:30", "12:00"),)),)
    assert said("09:00", (Phase("rest", 30),), nurses=late, min_staff=2) == (
        "Fewer than 2 staff are on duty before 9:30. 9:30 works."
    )


def test_the_clinics_own_times() -> None:
    two = {MONDAY: (period(MONDAY, "09:00", "12:00"), period(MONDAY, "13:00", "17:00"))}
    assert said("08:30", open=two) == "The clinic opens at 9:00. 9:00 works."
    assert said("11:30", open=two) == "The clinic is closed from 12:00 to 13:00. 11:00 works."
    assert said("12:30", open=two) == "The clinic is closed from 12:00 to 13:00. 13:00 works."
    assert said("16:30", open=two) == "The clinic closes at 17:00; the last start is 16:00. 16:00 works."
    assert (
        said("11:00", last_end=time(11, 30)) == "Patients may stay until 11:30; the last start is 10:30. 10:30 works."
    )
    assert said("10:05") == "Visits start at 10:00 or 10:15 here, not at 10:05. 10:00 works."
    assert said("10:02") == "Visits start at 10:00 or 10:15 here, not at 10:02. 10:00 works."
    assert said("09:00", day=DAYS[5]) == "The clinic is closed on Sat 10 Jan 2026. Mon 12 Jan 2026 at 9:00 works."
    assert said("09:00", day=MONDAY - timedelta(days=1)) == ("Sun 4 Jan 2026 lies outside the days that are planned.")
    assert said("10:00", now=at(MONDAY, "10:10")) == "This time has passed. 10:15 works."


def test_the_patients_times() -> None:
    late = PatientTimes({"mon": (WallRange.from_text("11:00-14:00"),)})
    assert said("10:00", patient=late) == "On this weekday the patient can come from 11:00 to 14:00. 11:00 works."
    other = PatientTimes({"tue": (WallRange.from_text("10:00-12:00"),)})
    assert said("10:00", patient=other) == ("The patient can't come on this weekday. Tue 6 Jan 2026 at 10:00 works.")
    elsewhere = PatientTimes(busy=(period(MONDAY, "09:30", "10:30"),))
    assert said("10:00", patient=elsewhere) == "The patient is taken until 10:30. 10:30 works."


@pytest.mark.parametrize(
    ("wall", "expected"), [("10:00", "Tue 6 Jan 2026 at 10:00 works."), ("11:30", "Tue 6 Jan 2026 at 11:00 works.")]
)
def test_another_day_is_offered_at_the_nearest_time(wall: str, expected: str) -> None:
    assert said(wall, busy=(busy("n", "attention", "09:00", "12:00"),)).endswith(expected)


# ------------------------------------------------------------------------------------------------- against brute force


class Told:
    """What a reason says, asked of single steps."""

    def __init__(self, snapshot: ClinicSnapshot, phases: tuple[Phase, ...]) -> None:
        self.snapshot, self.reference = snapshot, Clinic(snapshot)
        wanted = frozenset(feature for phase in phases if phase.chair for feature in phase.features)
        self.suit = [one for one in snapshot.chairs if wanted <= one.features]

    def is_true(self, reason: WhyNot, step: Span) -> bool:
        return self.of_people(reason, step) if reason.text in PEOPLE.values() else self.of_things(reason, step)

    def of_people(self, reason: WhyNot, step: Span) -> bool:
        here, one = self.reference, reason.resource_id or ""
        nurses = {nurse.id: nurse for nurse in self.snapshot.nurses}
        claims: dict[str, Callable[[], bool]] = {
            "staff": lambda: here.on_duty(step) < self.snapshot.min_staff,
            "nurses_off": lambda: not any(here.nurse_is_there(nurse, step) for nurse in nurses.values()),
            "nurse_off": lambda: not here.nurse_is_there(nurses[one], step),
            "one_to_one": lambda: here.uses(one, "attention", step) > 0,
            "watches_all": lambda: here.uses(one, "watch", step) >= nurses[one].watch,
            "watches_too_many": lambda: here.uses(one, "watch", step) > nurses[one].watch_while_attending,
            "prescribers_off": lambda: not any(times.cover(step) for times in here.on_site.values()),
            "prescriber_off": lambda: not here.on_site[one].cover(step),
            "with_patient": lambda: here.uses(one, "with-patient", step) > 0,
        }
        return claims[next(name for name, text in PEOPLE.items() if text == reason.text)]()

    def of_things(self, reason: WhyNot, step: Span) -> bool:
        name = next(name for name, text in THINGS.items() if text == reason.text)
        if name == "equipment":
            pieces = [piece for piece in self.snapshot.equipment if reason.values["word"] in piece.features]
            return not any(self.reference.is_free(piece, "use", step) for piece in pieces)
        if name == "chair":
            return self.reference.uses(reason.resource_id or "", "seat", step) > 0
        return not any(self.reference.is_free(chair, "seat", step) for chair in self.suit)


def check_spell(told: Told, reason: WhyNot, visit: Span) -> None:
    """What is said lasts as long as it is said, and meets the visit."""
    when = reason.values.get("when")
    if not isinstance(when, Words) or reason.text in (THINGS["bays"], THINGS["chair_out"]):
        return
    begins, ends = (when.values[name].timestamp() for name in ("from", "until"))  # type: ignore[attr-defined]
    assert begins < visit[1]
    assert visit[0] < ends
    assert all(told.is_true(reason, step) for step in steps(begins, ends)), reason
    closes = told.snapshot.clock.day_bounds(told.snapshot.clock.local_day(when.values["from"])).end  # type: ignore[arg-type]
    if ends < closes.timestamp() and reason.text != PEOPLE["one_to_one"]:
        assert not told.is_true(reason, (ends, ends + 300)), reason


@settings(max_examples=80, deadline=None)
@given(data=st.data(), where=st.sampled_from(ODD_DAYS), phases=phase_lists())
def test_what_is_said_is_true_and_the_nearest_free_start_is_offered(
    data: st.DataObject, where: tuple[str, date], phases: tuple[Phase, ...]
) -> None:
    zone, day = where
    snapshot = data.draw(clinics(day, 1, 8 * 60, 180, grids=(15, 20), zone=zone))
    opens = snapshot.clock.day_start(day) + timedelta(hours=8)
    patient = PatientTimes(None, data.draw(spans(opens, 120, most=1)))
    capacity, reference, told = ClinicCapacity(snapshot), Clinic(snapshot), Told(snapshot, phases)
    free = [one for one in reference.direct_starts(day, phases) if patient_can(snapshot, patient, one, NOW, phases)]
    of_day = capacity.day(day)
    assert of_day is not None
    minutes = sum(phase.minutes for phase in phases)
    for start in data.draw(st.lists(st.integers(-6, 44), min_size=6, max_size=6)):
        wished = opens + timedelta(minutes=5 * start)
        found = why_not_at(capacity, wished, phases, names={}, patient=patient, now=NOW)
        assert (found == ()) == (wished in free)
        if not found:
            continue
        count("refused times, each reason asked of every step")
        refusals = {*of_day.refusals(wished, phases)}
        event(", ".join(sorted(refusals)))
        expected = refusals & {"hours"} or refusals
        own_time = patient_can(snapshot, patient, wished, NOW, phases)
        assert {one.rule for one in found[:-1]} == expected | (set() if own_time else {"patient"})
        for reason in found[:-1]:
            if reason.rule in ("staff", "prescriber", "nurses", "chairs", "equipment"):
                check_spell(told, reason, (wished.timestamp(), wished.timestamp() + 60 * minutes))
        nearest = min(free, key=lambda one: (abs(one - wished), -one.timestamp()), default=None)
        assert found[-1].values.get("start") == nearest
        assert (found[-1].rule == "nothing_works") == (nearest is None)
