"""The time of day at which pages are tested."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.factories import NOW


@pytest.fixture
def before_opening() -> Iterator[None]:
    """It is seven in the morning of a Monday in New York, an hour before the clinic opens, and stays so."""
    with time_machine.travel(NOW, tick=False):
        yield
