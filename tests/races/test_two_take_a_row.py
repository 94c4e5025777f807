"""Two desks press "I have it" in the same moment: one has it, the other is told who. Control: without the lock both
believe that they have it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Barrier
from typing import Any
from unittest.mock import patch

import pytest

from notifications.calls import ask_to_call, give_call_back, take_call
from notifications.models import CallKind, CallTask
from scheduling import desk_rows
from scheduling.desk_rows import RowOf, take_row
from scheduling.events import Actor
from scheduling.in_hand import HadByAnother
from scheduling.models import Clinic, DeskRow, Event, Role, RowKind
from tests import factories
from tests.databases import Committed
from tests.factories import NOW
from tests.races.test_two_take_a_task import at_once


def outcome_of(act: Callable[[], Any]) -> str | int:
    """ "mine", or the id of who has it."""
    try:
        act()
    except HadByAnother as other:
        return other.user.pk
    return "mine"


def both(clinic: Clinic, take: Callable[[Actor], Any]) -> tuple[list[Actor], list[Any]]:
    desks = [factories.create_actor(clinic, Role.FRONT_DESK) for _ in range(2)]
    return desks, at_once(*(partial(outcome_of, partial(take, by)) for by in desks))


@pytest.mark.parametrize("is_known", [False, True] * 3)
def test_one_of_two_has_the_row_and_the_other_is_told_who(committed_database: Committed, is_known: bool) -> None:
    clinic = factories.create_clinic()
    row = RowOf(RowKind.REPLY, 1, clinic)
    if is_known:
        nobodys_row(clinic)
    desks, said = both(clinic, lambda by: take_row(row=row, by=by, now=NOW))
    winner = desks[said.index("mine")].user_id
    assert sorted(map(str, said)) == sorted(["mine", str(winner)])
    assert DeskRow.objects.get().taken_by_id == winner
    assert Event.objects.filter(verb="desk_row.taken").count() == 1


@pytest.mark.parametrize("round_", range(5))
def test_one_of_two_has_the_call_and_the_other_is_told_who(committed_database: Committed, round_: int) -> None:
    clinic = factories.create_clinic()
    call = ask_to_call(key="k", kind=CallKind.ASKED_FOR_CALL, clinic=clinic, by=factories.system(), now=NOW)
    desks, said = both(clinic, lambda by: take_call(task=fresh(call), by=by, now=NOW))
    winner = desks[said.index("mine")].user_id
    assert sorted(map(str, said)) == sorted(["mine", str(winner)])
    call.refresh_from_db()
    assert call.taken_by_id == winner


@pytest.mark.parametrize("round_", range(5))
def test_who_gives_back_while_a_colleague_takes_over_takes_nothing_off_them(
    committed_database: Committed, round_: int
) -> None:
    clinic = factories.create_clinic()
    row = RowOf(RowKind.REPLY, 1, clinic)
    call = ask_to_call(key="k", kind=CallKind.ASKED_FOR_CALL, clinic=clinic, by=factories.system(), now=NOW)
    ana, ben = (factories.create_actor(clinic, Role.FRONT_DESK) for _ in range(2))
    take_row(row=row, by=ana, now=NOW)
    take_call(task=call, by=ana, now=NOW)
    said = at_once(
        partial(outcome_of, partial(desk_rows.give_row_back, row=row, by=ana, now=NOW)),
        partial(outcome_of, partial(take_row, row=row, by=ben, now=NOW, instead_of=ana.user_id)),
        partial(outcome_of, partial(give_call_back, task=fresh(call), by=ana, now=NOW)),
        partial(outcome_of, partial(take_call, task=fresh(call), by=ben, now=NOW, instead_of=ana.user_id)),
    )
    assert said[1] == said[3] == "mine"
    assert {said[0], said[2]} <= {"mine", ben.user_id}
    call.refresh_from_db()
    assert (DeskRow.objects.get().taken_by_id, call.taken_by_id) == (ben.user_id, ben.user_id)


def fresh(call: CallTask) -> CallTask:
    return CallTask.objects.select_related("clinic").get(pk=call.pk)


def test_without_the_lock_both_believe_that_they_have_it(committed_database: Committed) -> None:
    clinic = factories.create_clinic()
    row, read = RowOf(RowKind.REPLY, 1, clinic), Barrier(2)
    nobodys_row(clinic)

    def look(wanted: RowOf) -> DeskRow:
        found = DeskRow.objects.get(clinic=wanted.clinic, kind=wanted.kind, subject=wanted.subject)
        read.wait(10)
        return found

    with patch.object(desk_rows, "_locked", look):
        _, said = both(clinic, lambda by: take_row(row=row, by=by, now=NOW))
    assert said == ["mine", "mine"]
    assert Event.objects.filter(verb="desk_row.taken").count() == 2


def nobodys_row(clinic: Clinic) -> None:
    """A row that nobody has."""
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    desk_rows.give_row_back(row=RowOf(RowKind.REPLY, 1, clinic), by=by, now=NOW)
