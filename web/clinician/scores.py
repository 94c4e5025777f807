"""A patient's answers over time, for clinical staff alone: a chart an instrument, every response in a table beside it.

Shows numbers and published ranges. What they mean is for whoever reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.models import AnsweredHow, Patient, QuestionnaireResponse
from scheduling.questionnaires.instruments import INSTRUMENTS
from scheduling.questionnaires.series import Answered, Given, ScoreSeries, read_scores
from web.clinician.score_chart import Chart, chart_of
from web.spoken import infusion

# Shorter than the whole words, for a narrow column.
HOW: Mapping[str, str | Promise] = {
    AnsweredHow.LINK: _("by message"),
    AnsweredHow.CLINIC: _("at the clinic"),
    AnsweredHow.PHONE: _("by phone"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A response in the table: the newest first. `looked_at`: the answer that a clinician is asked to look at;
    `is_unasked`: it was sent when nothing asked it any more."""

    response: QuestionnaireResponse
    after: str
    missing: Sequence[int]
    is_late: bool
    is_unasked: bool
    looked_at: int | None

    @property
    def how(self) -> str:
        """Where they were given, and who wrote them down or handed the tablet over."""
        who = self.response.entered_by
        return f"{HOW[self.response.how]}, {who.shown_name}" if who else str(HOW[self.response.how])


@dataclass(frozen=True, slots=True)
class Scores:
    """What `clinician/scores.html` shows of one instrument; no drawing where nothing was answered in time."""

    series: ScoreSeries
    chart: Chart | None
    rows: Sequence[Row]
    unasked: Sequence[Row]

    @property
    def name(self) -> str:
        return self.series.instrument.name


def scores_of(patient: Patient) -> list[Scores]:
    """For any page of clinical staff: include `clinician/scores.html` with these as `scores`."""
    return [
        Scores(one, chart_of(one) if one.answered else None, _rows(one.answered), _rows(one.unasked))
        for one in read_scores(patient)
    ]


def _rows(answered: Sequence[Answered]) -> list[Row]:
    return [row_of(one) for one in reversed(answered)]


def row_of(one: Answered) -> Row:
    """A response as a table shows it."""
    number = INSTRUMENTS[one.response.instrument].looked_at_once
    looked_at = one.response.answers[number - 1] if number else None
    return Row(
        one.response, _after(one.after), one.missing, one.is_late and not one.is_unasked, one.is_unasked, looked_at
    )


def _after(given: Given | None) -> str:
    if given is None:
        return ""
    return f"{given.word} {given.number}" if given.word else infusion(given.number)
