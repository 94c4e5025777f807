"""What a search found, or what was wrong with its question, as the mapping that `propose` prints."""

from __future__ import annotations

import time as system_time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from scheduling.scenario.contradiction import PER_WEEK, WITHIN_DAYS
from scheduling.scenario.proposal_words import ProposalWords
from scheduling.scenario.scenario import read_scenario
from scheduling.scenario.text import Unreadable, read_json
from scheduling.series_search import DEADLINE_SECONDS, propose
from scheduling.spacing import InvalidFields
from scheduling.why_not import WhyNot

FOUND: Final = 0
INVALID: Final = 2
NONE_FOUND: Final = 3

Problem = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """The exit code, and what is printed but for the time it took."""

    exit_code: int
    body: Mapping[str, Any]


def answer(raw: bytes, *, count: str | None = None, clock: Callable[[], float] = system_time.monotonic) -> Answer:
    """Searches a scenario file's bytes for the best series; `count`, from the command line, wins over the file's own.
    Each wrong field becomes a problem "invalid"."""
    try:
        scenario = read_scenario(read_json(raw), count=count)
    except Unreadable as error:
        return invalid({"scenario": str(error)})
    except InvalidFields as error:
        return invalid(error.errors)
    if scenario.terms is None:
        return _found([], [problem("nothing_to_place", "Every infusion is given or stays booked.")])
    if scenario.contradiction:
        return _found([], [_contradicting(scenario.contradiction)])
    result = propose(
        scenario.clinic,
        scenario.terms,
        scenario.patient,
        scenario.wish,
        scenario.now,
        scenario.count,
        deadline_seconds=DEADLINE_SECONDS,
        clock=clock,
    )
    said = ProposalWords(scenario.clinic.clock, scenario.numbers)
    return _found([said.proposal(one) for one in result.proposals], [_why_not(one) for one in result.problems])


def invalid(faults: Mapping[str, str]) -> Answer:
    """The answer to a question with wrong fields: path -> what is wrong."""
    problems = [problem("invalid", f"{path} {reason}", field=path) for path, reason in faults.items()]
    return Answer(INVALID, {"proposals": [], "problems": problems, "relaxations": []})


def broken() -> Answer:
    """The answer where the search itself failed, which is never the file's fault."""
    return _found([], [problem("fault", "The search failed. That is a fault of the program, not of the scenario.")])


def problem(rule: str, message: str, *, dose: int | None = None, resource: str | None = None, **more: str) -> Problem:
    return {"rule": rule, **more, "dose": dose, "resource": resource, "message": message}


def _contradicting(paths: tuple[str, ...]) -> Problem:
    rule = "within_days" if WITHIN_DAYS in paths else "per_week" if PER_WEEK in paths else "spacing"
    if len(paths) == 1:
        message = f"{paths[0]} can't be kept: infusions come in order, each on a day of its own."
    else:
        message = f"{', '.join(paths[:-1])} and {paths[-1]} can't be kept together, whatever the calendar."
    return problem(rule, message, field=paths[0])


def _why_not(why: WhyNot) -> Problem:
    return problem(why.rule, why.message, dose=why.number, resource=why.resource)


def _found(proposals: list[dict[str, Any]], problems: list[Problem]) -> Answer:
    code = FOUND if proposals else NONE_FOUND
    return Answer(code, {"proposals": proposals, "problems": problems, "relaxations": []})
