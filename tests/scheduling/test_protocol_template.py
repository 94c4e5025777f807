"""What a treatment plan may say, and what it is told when it can't."""

from __future__ import annotations

from typing import Any

import pytest

from scheduling.protocol_template import ProtocolTemplate
from scheduling.spacing import InvalidFields

INFUSE = {"name": "infuse", "minutes": 40, "nurse": "watch"}


def template(**more: Any) -> dict[str, Any]:
    return {"doses": 6, "phases": [INFUSE], **more}


def errors_of(data: Any) -> dict[str, str]:
    with pytest.raises(InvalidFields) as refused:
        ProtocolTemplate.from_dict(data)
    return refused.value.errors


def test_a_whole_template_is_read() -> None:
    plan = ProtocolTemplate.from_dict(
        template(
            doses_at_most=8,
            within_days=21,
            per_week=3,
            spacing=[{"dose": "each", "after": "previous", "min_days": 2, "max_days": 4}],
            reviews=[{"after": 3, "method": "video", "minutes": 15, "decide_within_days": 2}],
            ride_home=True,
            fasting={"solids_hours": 6, "clear_liquids_hours": 0.5},
            observe_minutes=30,
            cleared_by="nurse",
            follow_ups=[{"kind": "call", "after": "each", "day": 1}, {"kind": "review", "after": "last", "day": 14}],
        )
    )
    assert (plan.doses, plan.doses_at_most, plan.within_days, plan.per_week) == (6, 8, 21, 3)
    assert (plan.reviews[0].after, plan.reviews[0].minutes) == (3, 15)
    assert plan.fasting is not None
    assert plan.fasting.clear_liquids_hours == 0.5
    assert [list(rule.numbers(3)) for rule in plan.follow_ups] == [[1, 2, 3], [3]]


def test_what_is_not_said_is_not_demanded() -> None:
    plan = ProtocolTemplate.from_dict(template())
    assert (plan.ride_home, plan.fasting, plan.observe_minutes, plan.cleared_by) == (False, None, 0, "prescriber")


def test_a_shorter_series_keeps_the_plan_of_a_longer_one() -> None:
    spacing = [{"dose": 9, "after": "previous", "min_days": 5}]
    plan = ProtocolTemplate.from_dict(template(doses=4, spacing=spacing, reviews=[{"after": 8, "method": "at_chair"}]))
    assert plan.doses == 4


@pytest.mark.parametrize(
    ("more", "path", "said"),
    [
        ({"dosage": 3}, "template.dosage", "is not a known key"),
        ({"doses": 0}, "template.doses", "is 1 or more, not 0"),
        ({"doses": "six"}, "template.doses", "is a whole number"),
        ({"doses": True}, "template.doses", "is a whole number"),
        ({"doses_at_most": 5}, "template.doses", "is at most 5"),
        ({"phases": []}, "template.phases", "is empty"),
        ({"phases": [{"name": "infuse", "minutes": 42}]}, "template.phases[0].minutes", "is a multiple of 5"),
        ({"spacing": [{"min_days": 5, "max_days": 4}]}, "template.spacing[0].min", "is more than max"),
        ({"doses_at_most": 8, "spacing": [{"dose": 9, "min_days": 2}]}, "template.spacing[0].dose", "the plan has 8"),
        (
            {"doses_at_most": 6, "reviews": [{"after": 6, "method": "at_chair"}]},
            "template.reviews[0].after",
            "less than 6",
        ),
        ({"reviews": [{"after": 3, "method": "at_chair"}] * 2}, "template.reviews[1].after", "infusion 3 twice"),
        ({"reviews": [{"after": 3, "method": "video"}]}, "template.reviews[0].minutes", "is needed"),
        ({"reviews": [{"method": "video"}]}, "template.reviews[0]", "after is missing"),
        ({"follow_ups": [{"kind": "call", "after": "now", "day": 1}]}, "template.follow_ups[0].after", "each, last"),
        ({"follow_ups": [{"kind": "call", "after": 1, "day": 1}] * 2}, "template.follow_ups[1]", "stands twice"),
        ({"observe_minutes": 45}, "template.observe_minutes", "at most the 40 minutes"),
        ({"fasting": {"solids_hours": 2, "clear_liquids_hours": 3}}, "template.fasting.clear_liquids_hours", "at most"),
        ({"within_days": 10, "spacing": [{"min_days": 2}]}, "template.within_days", "is at least 11"),
        ({"cleared_by": "desk"}, "template.cleared_by", "is one of prescriber, nurse"),
    ],
)
def test_a_wrong_field_is_named(more: dict[str, Any], path: str, said: str) -> None:
    errors = errors_of(template(**more))
    assert path in errors
    assert said in errors[path]


def test_all_errors_come_at_once() -> None:
    errors = errors_of({"doses": 0, "phases": [{"minutes": 7}], "spacing": [{"max_days": -1}], "ride": True})
    assert set(errors) == {
        "template.doses", "template.ride", "template.spacing[0].max", "template.phases[0].name",
        "template.phases[0].minutes",
    }  # fmt: skip


@pytest.mark.parametrize("data", [None, 3, "text", []])
def test_what_is_no_mapping_is_refused(data: Any) -> None:
    assert errors_of(data) == {"template": "is a mapping of keys to values"}
