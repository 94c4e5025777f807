"""Making room as a constraint model: each visit that may move gets one chair, and as few as can be get another."""

from __future__ import annotations

from datetime import date, datetime

from ortools.sat.python import cp_model

from scheduling.capacity import ClinicSnapshot, Phase
from tests.scheduling.proofs.day_starts import Clinic, Span, span, ways_to_sit


class Undecided(Exception):
    """The solver did not come to an end in time."""


def fewest_moves(snapshot: ClinicSnapshot, day: date, phases: tuple[Phase, ...]) -> dict[datetime, int]:
    """The starts of a day that lack only a chair, with the fewest visits that must change theirs, where some can."""
    clinic, found = Clinic(snapshot), dict[datetime, int]()
    for start in clinic.grid_starts(day):
        at, stay = start.timestamp(), ways_to_sit(phases)[0][0]
        if clinic.allows_but_for_seats(day, start, phases) and not clinic.seats_allow(at, phases):
            moves = _fewest(snapshot, (at + stay.first, at + stay.after), stay.features)
            if moves is not None:
                found[start] = moves
    return found


def _fewest(snapshot: ClinicSnapshot, held: Span, features: frozenset[str]) -> int | None:
    model, movable = cp_model.CpModel(), [one for one in (snapshot.seated or tuple)() if one.may_move]
    fixed = Clinic(snapshot, [(one.chair, span(one.period)) for one in movable])
    wanted = [(held, features, "")] + [(span(one.period), one.features, one.chair) for one in movable]
    stays: dict[str, list[cp_model.IntervalVar]] = {chair.id: [] for chair in snapshot.chairs}
    moves = []
    for time, words, own in wanted:
        chairs = [
            chair.id
            for chair in snapshot.chairs
            if chair.id == own or (words <= chair.features and fixed.is_free(chair, "seat", time))
        ]
        chosen = {chair: model.new_bool_var("") for chair in chairs}
        model.add_exactly_one(chosen.values())
        for chair, its in chosen.items():
            stays[chair].append(model.new_optional_fixed_size_interval_var(*_steps(time), its, ""))
        moves += [its for chair, its in chosen.items() if own and chair != own]
    for here in stays.values():
        model.add_no_overlap(here)
    # Says nothing new, and lets the solver see at once where all chairs are taken.
    taken = [one for chair in snapshot.chairs for one in fixed.taken.get((chair.id, "seat"), ())]
    at_once = [model.new_fixed_size_interval_var(*_steps(one), "") for one in [row[0] for row in wanted] + taken]
    model.add_cumulative(at_once, [1] * len(at_once), len(snapshot.chairs))
    model.minimize(cp_model.LinearExpr.sum(moves))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = 30
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.INFEASIBLE):
        raise Undecided
    return round(solver.objective_value) if status == cp_model.OPTIMAL else None


def _steps(time: Span) -> tuple[int, int]:
    return int(time[0]) // 300, int(time[1] - time[0]) // 300
