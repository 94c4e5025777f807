"""What somebody types is shown as they typed it, whatever it is; what can't be kept is refused with a sentence."""

from __future__ import annotations

import pytest

from tests.web.matrix.hard_strings import NEVER, PLACES, Place, hard_strings, wrong_with
from tests.web.matrix.sending import World

EACH_PLACE = pytest.mark.parametrize("place", PLACES, ids=[f"{one.route}-{one.field}" for one in PLACES])


@EACH_PLACE
def test_a_hard_string_is_shown_as_typed(world: World, place: Place) -> None:
    """A sample; all of them in the long lane."""
    wrong = [said for text in (*hard_strings()[::60], *NEVER) if (said := wrong_with(world, place, text))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.faults
@EACH_PLACE
def test_every_hard_string_is_shown_as_typed(world: World, place: Place) -> None:
    wrong = [said for text in (*hard_strings(), *NEVER) if (said := wrong_with(world, place, text))]
    assert not wrong, "\n".join(wrong)
