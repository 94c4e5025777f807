"""The drawing: everything inside it, words never on top of one another, nothing but shapes and numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduling.models import Questionnaire, QuestionnaireResponse
from scheduling.questionnaires.instruments import INSTRUMENTS
from scheduling.questionnaires.series import Answered, Given, ScoreSeries
from web.clinician.score_chart import APART, NUMBERS_APART, chart_of

START = datetime(2027, 1, 4, tzinfo=UTC)
PHQ = INSTRUMENTS["phq-9"]


def series(days: list[tuple[float, int | None]], infusions: list[float] | None = None) -> ScoreSeries:
    asked = Questionnaire(closes_at=START + timedelta(days=4_000))
    answered = tuple(
        Answered(
            QuestionnaireResponse(answered_at=START + timedelta(days=day), score=score, questionnaire=asked), None, ()
        )
        for day, score in sorted(days, key=lambda one: one[0])
    )
    given = [Given(number, START + timedelta(days=day), 1) for number, day in enumerate(sorted(infusions or []), 1)]
    return ScoreSeries(PHQ, answered, tuple(given))


DAY = st.floats(0, 3_000, allow_nan=False)


@given(st.lists(st.tuples(DAY, st.none() | st.integers(0, 27)), min_size=1, max_size=40), st.lists(DAY, max_size=40))
def test_everything_lies_inside_the_drawing_and_higher_sums_stand_higher(
    days: list[tuple[float, int | None]], infusions: list[float]
) -> None:
    chart = chart_of(series(days, infusions))

    for mark in (*chart.sums, *chart.without, *chart.infusions, *chart.days):
        assert chart.left <= mark.x <= chart.right
        assert 0 <= mark.y <= chart.height
    assert all(chart.top <= mark.y <= chart.bottom for mark in chart.sums)
    by_sum = sorted(chart.sums, key=lambda mark: int(mark.text))
    assert [mark.y for mark in by_sum] == sorted((mark.y for mark in by_sum), reverse=True)
    assert len(chart.sums) + len(chart.without) == len(days)
    assert len(chart.infusions) == len(infusions), "each is drawn, though not each has room for its number"


@given(st.lists(DAY, min_size=2, max_size=60))
def test_words_keep_their_distance(infusions: list[float]) -> None:
    chart = chart_of(series([(0, 3), *[(day, 5) for day in infusions]], infusions))

    for marks, least in (
        ([one.x for one in chart.infusions if one.text], NUMBERS_APART),
        ([one.x for one in chart.days if one.at], APART),
    ):
        assert all(after - before >= least for before, after in pairwise(marks))


def test_one_response_alone_is_drawn() -> None:
    [sum_] = chart_of(series([(0, 27)])).sums
    assert (sum_.y, sum_.text) == (chart_of(series([(0, 27)])).top, "27")


def test_the_published_ranges_are_numbers_alone() -> None:
    assert [line.text for line in chart_of(series([(0, 1)])).ranges] == ["0–4", "5–9", "10–14", "15–19", "20–27"]
