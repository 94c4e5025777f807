"""Two verbs on one visit at once, each of at most seven statements: every order that the locks let happen."""

from __future__ import annotations

from typing import Final
from unittest.mock import patch

import pytest

from scheduling import cancelling
from scheduling.models import Appointment
from tests.counts import say
from tests.races.acts import AT_EIGHT, cancels, confirms, lets_go, takes_over
from tests.races.pairs import BOTH, FIRST, SECOND, Two, run_all
from tests.races.stage import Stage
from tests.races.stepping import every_order_of

FEW: Final = 7


ONE: Final = frozenset({FIRST, SECOND})
CANCEL: Final = cancels("gil", now=AT_EIGHT)
CONFIRM: Final = confirms("gil", now=AT_EIGHT)
PAIRS: Final = (
    Two("cancel / cancel", CANCEL, CANCEL, ONE),
    Two("cancel / confirm", CANCEL, CONFIRM, frozenset({BOTH, FIRST})),
    Two("cancel what was seen / confirm", cancels("gil", now=AT_EIGHT, seen=True), CONFIRM, ONE),
    Two("confirm / confirm", CONFIRM, CONFIRM, frozenset({BOTH})),
    Two("let go / let go", lets_go("dan"), lets_go("dan"), frozenset({BOTH})),
    Two("let go / take over", lets_go("dan"), takes_over("dan"), frozenset({BOTH, FIRST})),
)


@pytest.mark.parametrize("two", PAIRS, ids=[two.name for two in PAIRS])
def test_every_order_of_two_short_verbs(stage: Stage, two: Two) -> None:
    say(str(run_all(stage, two, every_order_of(FEW))))


def test_control_without_the_rows_lock_some_order_cancels_twice(stage: Stage) -> None:
    def look_only(appointment_id: int) -> Appointment:
        return Appointment.objects.select_related("clinic", "patient").get(pk=appointment_id)

    with patch.object(cancelling, "lock_visit", look_only), pytest.raises(AssertionError, match="cancel / cancel"):
        run_all(stage, PAIRS[0], every_order_of(FEW))
