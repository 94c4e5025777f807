"""Days of the board as they were last drawn, kept in memory by their version: four desks that look at one day draw it
once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

from django.utils.safestring import SafeString

# About 100 kB each. A clinic looks at today in a view or two; a process serves many clinics.
MOST = 64


@dataclass(frozen=True, slots=True)
class Drawn:
    """The parts of a day that change: what stands above it, and the day itself."""

    facts: SafeString
    day: SafeString


class DrawnDays:
    """The days drawn last. A key says all that a drawing hangs on; nothing is kept that is one person's own."""

    def __init__(self, most: int = MOST) -> None:
        self._kept: OrderedDict[Hashable, Drawn] = OrderedDict()
        self._most = most
        self._lock = Lock()

    def get(self, key: Hashable, draw: Callable[[], Drawn]) -> Drawn:
        """The drawing of this key, drawn now where it is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        drawn = draw()
        with self._lock:
            self._kept[key] = drawn
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return drawn
