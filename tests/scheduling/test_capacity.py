from __future__ import annotations

from typing import Any

import pytest

from scheduling.capacity import Chair, ClinicSnapshot, Nurse, Phase, Prescriber, check_phases
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.spacing import InvalidFields
from scheduling.visit_shape import shape_of
from tests.scheduling.small_clinics import MONDAY, ZONE


def errors_of(data: Any) -> dict[str, str]:
    with pytest.raises(InvalidFields) as refused:
        Phase.list_from(data)
    return refused.value.errors


@pytest.mark.parametrize(
    ("wrong", "path", "reason"),
    [
        ({"minutes": 0}, "phases[0].minutes", "is more than 0 and less than 24 hours, not 0"),
        ({"minutes": -5}, "phases[0].minutes", "is more than 0 and less than 24 hours, not -5"),
        ({"minutes": 1440}, "phases[0].minutes", "is more than 0 and less than 24 hours, not 1440"),
        ({"minutes": 12}, "phases[0].minutes", "is a multiple of 5, not 12"),
        ({"minutes": "10"}, "phases[0].minutes", "is a whole number of minutes"),
        ({"minutes": True}, "phases[0].minutes", "is a whole number of minutes"),
        ({"minutes": None}, "phases[0].minutes", "is a whole number of minutes"),
        ({"name": ""}, "phases[0].name", "is needed"),
        ({"chair": "yes"}, "phases[0].chair", "is true or false"),
        ({"nurse": "look"}, "phases[0].nurse", "is one of none, watch, attention"),
        ({"prescriber": "near"}, "phases[0].prescriber", "is one of none, present, with-patient"),
        ({"place": "bed"}, "phases[0].place", "is one of chair, bay"),
        ({"features": "bed"}, "phases[0].features", "is a list of words"),
        ({"colour": "red"}, "phases[0].colour", "is not a known field"),
        ({"name": "turnover", "nurse": "watch"}, "phases[0].name", "turnover holds the chair and nobody's time"),
    ],
)
def test_a_phase_names_its_wrong_field(wrong: dict[str, Any], path: str, reason: str) -> None:
    assert errors_of([{"name": "infuse", "minutes": 40, **wrong}])[path] == reason


def test_every_wrong_field_of_every_phase_is_named() -> None:
    assert sorted(errors_of([{"name": "a", "minutes": 7, "nurse": 1}, "b", {"name": "c"}])) == [
        "phases[0].minutes",
        "phases[0].nurse",
        "phases[1]",
        "phases[2].minutes",
    ]
    assert errors_of({}) == {"phases": "is a list"}


def test_a_phase_reads_true_as_a_prescriber_who_is_present() -> None:
    phases = Phase.list_from(
        [
            {"name": "infuse", "minutes": 40, "nurse": "watch", "prescriber": True, "features": ["bed"]},
            {"name": "turnover", "minutes": 15, "prescriber": False},
        ]
    )
    assert phases == (
        Phase("infuse", 40, nurse="watch", prescriber="present", features=frozenset({"bed"})),
        Phase("turnover", 15),
    )


@pytest.mark.parametrize(
    ("phases", "reason"),
    [
        ((), "at least one phase"),
        ((Phase("turnover", 5),), "at least one phase"),
        ((Phase("turnover", 5), Phase("infuse", 5)), "turnover only at the end"),
        ((Phase("infuse", 720), Phase("recover", 720)), "shorter than 24 hours"),
        ((Phase("infuse", 5), Phase("turnover", 245)), "at most 240 minutes of turnover"),
    ],
)
def test_phases_that_make_no_visit_are_refused(phases: tuple[Phase, ...], reason: str) -> None:
    with pytest.raises(InvalidFields, match=reason):
        check_phases(phases)


def test_shape_merges_neighbours_and_holds_the_chair_in_between() -> None:
    shape = shape_of(
        (
            Phase("arrive", 10, chair=False),
            Phase("set up", 15, nurse="attention", prescriber="with-patient"),
            Phase("infuse", 40, nurse="watch", prescriber="present"),
            Phase("recover", 45, nurse="watch"),
            Phase("discharge", 10, chair=False, nurse="attention"),
            Phase("turnover", 15),
        )
    )
    assert shape.seat is not None
    assert (shape.presence, shape.whole, shape.seat.span) == (24, 27, (2, 27))
    assert (shape.watch, shape.attention) == (((5, 22),), ((2, 5), (22, 24)))
    assert (shape.present, shape.with_patient, shape.staffed) == (((5, 13),), ((2, 5),), ((2, 22),))


def test_a_nurse_watches_one_fewer_while_attending_unless_said() -> None:
    assert Nurse("n", 3).watch_while_attending == 2
    assert Nurse("n", 1).watch_while_attending == 0
    assert Nurse("n", 3, 0).watch_while_attending == 0


@pytest.mark.parametrize(
    ("watch", "others", "field"),
    [(0, -1, "watch"), (-2, 0, "watch"), (2, 3, "watch_while_attending"), (2, -2, "watch_while_attending")],
)
def test_a_nurse_without_places_is_refused(watch: int, others: int, field: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        Nurse("n", watch, others)
    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"grid_minutes": 0}, "grid_minutes"),
        ({"grid_minutes": 7}, "grid_minutes"),
        ({"min_staff": -1}, "min_staff"),
        ({"chairs": (Chair("a"), Chair("a"))}, "chairs"),
        ({"nurses": (Nurse("a", 1), Nurse("a", 2))}, "nurses"),
        ({"prescribers": (Prescriber("a"), Prescriber("a"))}, "prescribers"),
    ],
)
def test_a_snapshot_names_its_wrong_field(changes: dict[str, Any], field: str) -> None:
    whole: dict[str, Any] = {
        "zone_name": ZONE,
        "grid_minutes": 15,
        "open": {MONDAY: ()},
        "chairs": (),
        "nurses": (),
        "prescribers": (),
        **changes,
    }
    with pytest.raises(InvalidFields) as refused:
        ClinicSnapshot(**whole)
    assert list(refused.value.errors) == [field]


def test_a_snapshot_without_days_can_not_be_counted() -> None:
    with pytest.raises(InvalidFields, match="open: has at least one day"):
        ClinicCapacity(ClinicSnapshot(ZONE, 15, {}, (), (), ()))
