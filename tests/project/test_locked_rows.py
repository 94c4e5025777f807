"""A row is locked alone. What is joined to it is read as it was before the wait: where the other transaction pointed
the row elsewhere, an inner join gives no row at all, and an outer one gives None."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from tests.project.sources import PACKAGES, name, python_files

# What may be joined, or named as what is locked, and why it stays right over a wait.
PATIENTS_LOCK: Final = "who points the row elsewhere has the patient's lock, which is taken before"
STAYS: Final = "what is joined stays the row's for good"
ALLOWED: Final[Mapping[str, str]] = {
    "scheduling/changing_orders.py enter_change": PATIENTS_LOCK,
    "scheduling/fresh_look.py enter_order": PATIENTS_LOCK,
    "scheduling/drafting.py lock_draft": PATIENTS_LOCK,
    "scheduling/moving_rest.py _rest": PATIENTS_LOCK,
    "scheduling/options.py still_kept": "a merge carries no kept times: a row that it lost is no longer kept",
    "scheduling/clinician_tasks.py _locked": STAYS,
    "scheduling/clinician_tasks.py close_unneeded": STAYS,
    "scheduling/displacing.py _rows": STAYS,
    "scheduling/follow_up_work.py _locked": STAYS,
    "scheduling/leaving.py _hand_over_tasks": STAYS,
    "scheduling/questionnaires/answering.py _locked_row": STAYS,
    "scheduling/visit_locks.py lock_visits": STAYS,
    "scheduling/visit_steps.py lock_visit": STAYS,
    "notifications/look_at_many.py take_claimed": STAYS,
    "notifications/planning.py _plan_next": STAYS,
    "notifications/sending_again.py send_again": STAYS,
    "notifications/staff_alerts.py _take": STAYS,
    "notifications/claiming.py claim_due": "it waits for nobody, and what it passes by is due the next time",
    "notifications/inbound.py apply_reply": "it waits for nobody, and whoever names the writer acts on the reply",
}


def joined(source: str) -> Iterator[str]:
    """The functions that lock rows and join something to them, or say which of several tables they lock."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and any(is_joined(methods_of(one)) for one in ast.walk(node)):
            yield node.name


def methods_of(node: ast.AST) -> dict[str, list[ast.keyword]]:
    """What is called on what another call gave, by name."""
    found: dict[str, list[ast.keyword]] = {}
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        found[node.func.attr], node = node.keywords, node.func.value
    return found


def is_joined(methods: dict[str, list[ast.keyword]]) -> bool:
    how = methods.get("select_for_update")
    return how is not None and ("select_related" in methods or any(word.arg == "of" for word in how))


def test_whatever_is_joined_to_a_locked_row_has_a_reason() -> None:
    found = {f"{name(path)} {one}" for path in python_files(*PACKAGES) for one in joined(path.read_text())}
    assert found == set(ALLOWED)


@pytest.mark.parametrize("how", ["select_for_update().select_related('b')", "select_for_update(of=('self',))"])
def test_the_check_sees_a_join(how: str) -> None:
    assert list(joined(f"def f(): return A.objects.{how}.get()")) == ["f"]
    assert list(joined("def f(): return A.objects.select_for_update().get()")) == []
