"""The scheduling cases shared between projects, each run as a scenario."""

from __future__ import annotations

import pytest

from tests.fakes.shared_inputs import shared_file
from tests.scheduling.cases_adapter import cases, outcome


@pytest.mark.parametrize(("area", "count"), [("series", 6), ("conflict", 6), ("dst", 3), ("availability", 2)])
def test_every_case_comes_out_as_it_says(area: str, count: int) -> None:
    found = cases(area)
    assert len(found) >= count
    assert {case["id"]: outcome(case) for case in found} == {case["id"]: case["then"] for case in found}


def test_a_missing_folder_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFUSION_SHARED", "/nowhere")
    with pytest.raises(AssertionError, match=r"/nowhere/cases is missing: put the folder `shared` beside the checkout"):
        shared_file("cases")
