"""What a search found, or what was wrong with its question, as the mapping that `propose` prints."""

from __future__ import annotations

import time as system_time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from scheduling.clinic_capacity import ClinicCapacity
from scheduling.relaxations import Relaxation, find_relaxations
from scheduling.scenario.contradiction import PER_WEEK, WITHIN_DAYS
from scheduling.scenario.proposal_words import ProposalWords
from scheduling.scenario.scenario import Scenario, read_scenario
from scheduling.scenario.text import Unreadable, read_json
from scheduling.series_search import DEADLINE_SECONDS, propose
from scheduling.series_terms import SeriesTerms
from scheduling.spacing import InvalidFields
from scheduling.why_not import WhyNot

FOUND: Final = 0
INVALID: Final = 2
NONE_FOUND: Final = 3

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """The exit code, and what is printed but for the time it took."""

    exit_code: int
    body: Mapping[str, Any]


def answer(raw: bytes, *, count: str | None = None, clock: Callable[[], float] = system_time.monotonic) -> Answer:
    """Searches a scenario file's bytes for the best series; `count`, from the command line, wins over the file's own.
    Each wrong field becomes a problem "invalid". The search, and what would help where it finds none, share
    DEADLINE_SECONDS of `clock`."""
    try:
        scenario = read_scenario(read_json(raw), count=count)
    except Unreadable as error:
        return invalid({"scenario": str(error)})
    except InvalidFields as error:
        return invalid(error.errors)
    if scenario.terms is None:
        return _found([], [problem("nothing_to_place", "Every infusion is given or stays booked.")])
    return _searched(scenario, scenario.terms, clock)


def _searched(scenario: Scenario, terms: SeriesTerms, clock: Callable[[], float]) -> Answer:
    question = (scenario.clinic, terms, scenario.patient, scenario.wish, scenario.now)
    capacity = ClinicCapacity(scenario.clinic)
    ends = clock() + DEADLINE_SECONDS
    proposals: list[Json] = []
    if scenario.contradiction:
        problems = [_contradicting(scenario.contradiction)]
    else:
        result = propose(*question, scenario.count, clock=clock, capacity=capacity)
        said = ProposalWords(scenario.clinic.clock, scenario.numbers)
        proposals = [said.proposal(one) for one in result.proposals]
        problems = [_why_not(one) for one in result.problems]
    changes = () if proposals else find_relaxations(*question, ends=ends, clock=clock, capacity=capacity)
    return _found(proposals, problems, [_relaxation(one) for one in changes])


def invalid(faults: Mapping[str, str]) -> Answer:
    """The answer to a question with wrong fields: path -> what is wrong."""
    problems = [problem("invalid", f"{path} {reason}", field=path) for path, reason in faults.items()]
    return Answer(INVALID, {"proposals": [], "problems": problems, "relaxations": []})


def broken() -> Answer:
    """The answer where the search itself failed, which is never the file's fault."""
    return _found([], [problem("fault", "The search failed. That is a fault of the program, not of the scenario.")])


def problem(rule: str, message: str, *, dose: int | None = None, resource: str | None = None, **more: str) -> Json:
    return {"rule": rule, **more, "dose": dose, "resource": resource, "message": message}


def _contradicting(paths: tuple[str, ...]) -> Json:
    rule = "within_days" if WITHIN_DAYS in paths else "per_week" if PER_WEEK in paths else "spacing"
    if len(paths) == 1:
        message = f"{paths[0]} can't be kept: infusions come in order, each on a day of its own."
    else:
        message = f"{', '.join(paths[:-1])} and {paths[-1]} can't be kept together, whatever the calendar."
    return problem(rule, message, field=paths[0])


def _why_not(why: WhyNot) -> Json:
    return problem(why.rule, why.message, dose=why.number, resource=why.resource)


def _relaxation(one: Relaxation) -> Json:
    return {
        "rule": one.rule,
        "dose": one.number,
        "owner": one.owner,
        "finish": one.finish_date.isoformat(),
        "change": dict(one.change),
        "message": one.message,
    }


def _found(proposals: list[Json], problems: list[Json], relaxations: list[Json] | None = None) -> Answer:
    code = FOUND if proposals else NONE_FOUND
    return Answer(code, {"proposals": proposals, "problems": problems, "relaxations": relaxations or []})
