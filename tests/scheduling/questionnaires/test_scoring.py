"""The published sums over every way to answer: complete ones have one, half-answered ones none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.questionnaires.instruments import INSTRUMENTS, Instrument
from scheduling.questionnaires.scoring import NotItsAnswers, check_answers, missing, needs_clinician, score

POINT = st.integers(0, 3)
PHQ, GAD = INSTRUMENTS["phq-9"], INSTRUMENTS["gad-7"]


@st.composite
def answered(draw: st.DrawFn) -> tuple[Instrument, list[int | None]]:
    instrument = draw(st.sampled_from([PHQ, GAD]))
    answer = st.none() | POINT
    return instrument, draw(st.lists(answer, min_size=instrument.questions, max_size=instrument.questions))


@given(answered())
def test_the_sum_is_there_exactly_when_every_question_is_answered(case: tuple[Instrument, list[int | None]]) -> None:
    instrument, answers = case
    left_out = missing(answers)

    if left_out:
        assert score(instrument, answers) is None
        assert all(answers[number - 1] is None for number in left_out)
    else:
        assert score(instrument, answers) == sum(one for one in answers if one is not None)


@given(answered())
def test_a_clinician_is_asked_for_exactly_where_the_ninth_question_of_the_phq_9_is_not_0(
    case: tuple[Instrument, list[int | None]],
) -> None:
    instrument, answers = case

    assert needs_clinician(instrument, answers) == (instrument is PHQ and answers[8] in (1, 2, 3))


@pytest.mark.parametrize("instrument", [PHQ, GAD])
def test_every_sum_lies_in_exactly_one_published_range(instrument: Instrument) -> None:
    for points in range(instrument.most + 1):
        assert sum(low <= points <= high for low, high in instrument.ranges) == 1
    assert instrument.ranges[-1][1] == instrument.most


def test_the_published_sums_run_to_27_and_21() -> None:
    assert (PHQ.most, GAD.most) == (27, 21)
    assert score(PHQ, [3] * 9) == 27
    assert score(GAD, [0] * 7) == 0


@pytest.mark.parametrize("answers", [[], [0] * 8, [0] * 10, [*[0] * 8, 4], [*[0] * 8, -1]])
def test_what_no_patient_can_have_answered_is_refused(answers: list[int | None]) -> None:
    with pytest.raises(NotItsAnswers):
        check_answers(PHQ, answers)
