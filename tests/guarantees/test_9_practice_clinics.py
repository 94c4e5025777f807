"""A practice clinic stays one, and what somebody had in hand goes to another only once they have left."""

from __future__ import annotations

from tests.guarantees.attempts import STAYS, Attempt, assert_passes, assert_refused, cases
from tests.guarantees.world import Application, World

FLAG = "UPDATE scheduling_clinic SET is_practice = NOT is_practice WHERE id = %(harbor)s;"
TAKEN = (
    "UPDATE scheduling_cliniciantask SET acknowledged_by_id = %(nurse)s, acknowledged_at = now()"
    " WHERE id = %(task_open)s;"
)
HANDED = "UPDATE scheduling_cliniciantask SET acknowledged_by_id = %({})s WHERE id = %(task_open)s;"
LEFT = "UPDATE scheduling_user SET is_active = false WHERE id = %(nurse)s;"
ATTEMPTS = (
    Attempt("a clinic that sends becomes one that does not", FLAG, "ID017"),
    Attempt("a task taken out of somebody's hands", TAKEN + HANDED.format("prescriber"), STAYS),
    Attempt("a leaver's task taken at another time", TAKEN + LEFT + HANDED.format("prescriber").replace(
        " WHERE", ", acknowledged_at = now() + interval '1 day' WHERE"), STAYS),
    Attempt("a leaver's task handed to the desk", TAKEN + LEFT + HANDED.format("desk"), "ID001"),
)  # fmt: skip


@cases(ATTEMPTS)
def test_what_is_refused(world: World, attempt: Attempt) -> None:
    assert_refused(world, attempt)


def test_a_leavers_task_goes_to_a_clinician(fresh_world: World) -> None:
    fresh_world.run(TAKEN + LEFT + HANDED.format("prescriber"))
    fresh_world.commit()


def test_without_the_triggers_it_passes(fresh_world: World, owner: Application) -> None:
    """Control: what they refuse above is refused by nothing else."""
    owner.execute(b"DROP TRIGGER practice_stays ON scheduling_clinic")
    owner.execute(b"DROP TRIGGER task_stays ON scheduling_cliniciantask")
    owner.execute(b"DROP TRIGGER task_is_a_clinicians ON scheduling_cliniciantask")
    owner.commit()
    for attempt in ATTEMPTS:
        assert_passes(fresh_world, attempt)
