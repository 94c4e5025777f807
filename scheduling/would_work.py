"""A change with which a search finds what it did not find without, and who may allow it, in words for the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from scheduling.series_terms import Proposal
from scheduling.what_if import Change
from scheduling.why_not import in_english

Owner = Literal["patient", "manager", "prescriber"]
OWNERS: tuple[Owner, ...] = ("patient", "manager", "prescriber")
# Whose it is by kind of change: the patient's wishes, the clinic's own rules, and what was signed.
OWNER_OF: Mapping[str, Owner] = {
    "patient_times": "patient",
    "patient_weekday": "patient",
    "patient_any_time": "patient",
    "wished_weekdays": "patient",
    "fewer": "patient",
    "hours": "manager",
    "last_end": "manager",
    "nurse": "manager",
    "prescriber": "manager",
    "in_service": "manager",
    "min_staff": "manager",
    "not_before": "prescriber",
    "not_after": "prescriber",
    "within_days": "prescriber",
    "per_week": "prescriber",
    "spacing_min": "prescriber",
    "spacing_max": "prescriber",
}
# What was signed is never advised against: it is a question, and the prescriber's to answer.
TEXTS = {
    "patient_earlier": "Would work if the patient could come %(minutes)s minutes earlier.",
    "patient_later": "Would work if the patient could stay %(minutes)s minutes longer.",
    "patient_weekday": "Would work if the patient could come at any time on %(weekday)s.",
    "patient_any_time": "Would work if the patient could come at any time.",
    "wished_weekday": "Would work if %(weekday)s were used, too.",
    "any_weekday": "Would work if all weekdays were used.",
    "fewer": "Would work if infusion %(last)s were the last one to be booked now.",
    "opens_earlier": "Would work if the clinic opened %(minutes)s minutes earlier on %(days)s.",
    "closes_later": "Would work if the clinic closed %(minutes)s minutes later on %(days)s.",
    "last_end": "Would work if patients might stay until %(until)s, not only until %(before)s.",
    "nurse": "Would work if %(name)s were on duty on %(days)s.",
    "one_more_nurse": "Would work if one more nurse were on duty on %(days)s.",
    "prescriber": "Would work if %(name)s were on site on %(days)s.",
    "one_more_prescriber": "Would work if one more prescriber were on site on %(days)s.",
    "in_service": "Would work if %(name)s were back in service on %(days)s.",
    "all_in_service": "Would work if everything were back in service on %(days)s.",
    "min_staff": "Would work if %(count)s staff on duty were enough, not %(before)s.",
    "not_before": "Would work if the prescriber allows it: may the series begin on %(day)s (ordered: %(before)s)?",
    "not_after": "Would work if the prescriber allows it: may the series end on %(day)s (ordered: by %(before)s)?",
    "within_days": "Would work if the prescriber allows it: may the series take %(count)s days (ordered: %(before)s)?",
    "per_week": "Would work if the prescriber allows it: may there be %(count)s in a calendar week "
    "(ordered: %(before)s)?",
    "max": "Would work if the prescriber allows it: may infusion %(number)s come up to %(count)s after infusion "
    "%(anchor)s (ordered: at most %(before)s)?",
    "min": "Would work if the prescriber allows it: may infusion %(number)s come %(count)s after infusion %(anchor)s "
    "(ordered: at least %(before)s)?",
    "max_each": "Would work if the prescriber allows it: may each infusion come up to %(count)s after the one it "
    "counts from (ordered: at most %(before)s)?",
    "min_each": "Would work if the prescriber allows it: may each infusion come %(count)s after the one it counts from "
    "(ordered: at least %(before)s)?",
}
# Said after each of them.
FINISH = "The last one would be on %(finish)s."


@dataclass(frozen=True, slots=True)
class Relaxation:
    """With `change` (see `what_if`) the search finds a series that ends on `finish_date`.

    `rule` is the change's kind, `number` the infusion where one alone is concerned, `owner` who may allow it; `size`
    says in minutes how much is asked, for comparing; `starts` are that series' infusions with their starts. `text` is
    the sentence with named places for `values`, so that a page can translate it and FINISH; `message` is both in
    English.
    """

    rule: str
    number: int | None
    owner: Owner
    change: Change
    size: int
    finish_date: date
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    starts: tuple[tuple[int, datetime], ...] = ()

    @property
    def message(self) -> str:
        return in_english(f"{self.text} {FINISH}", self.values)


def would_work(change: Change, found: Proposal, size: int, text: str, **values: object) -> Relaxation:
    """The change with which `found` was found; `text` is a key of TEXTS."""
    kind, number = change["kind"], change.get("number")
    said = {**values, "number": number, "finish": found.finish_date}
    starts = tuple((visit.number, visit.start) for visit in found.visits)
    return Relaxation(kind, number, OWNER_OF[kind], change, size, found.finish_date, TEXTS[text], said, starts)
