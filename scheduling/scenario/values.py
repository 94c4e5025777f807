"""Single values of a scenario: each reader answers the value in our terms or raises WrongValue with what it is to be.

The sentences follow the field's path: "order.doses is a whole number from 1 to 366, not 0".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time
from typing import Any, Final

from scheduling.clinic_time import AmbiguousTime, ClinicTime, NonexistentTime, WallRange

YEARS: Final = range(1971, 2200)
INSTANT: Final = "is a time with its UTC offset, such as 2026-01-05T09:00-05:00"
WALL: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
LONGEST_WORD: Final = 200
SHOWN: Final = 40


class WrongValue(ValueError):
    """The value can't be used; `str()` says what it is to be."""


def said(value: Any) -> str:
    """A wrong value as a sentence shows it: short, whatever it is."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}..."


def whole(low: int, high: int) -> Callable[[Any], int]:
    """A whole number in [low, high]; 30.0 is one too."""

    def read(value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is not int or not low <= value <= high:
            raise WrongValue(f"is a whole number from {low} to {high}, not {said(value)}")
        return value

    return read


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongValue(f"is true or false, not {said(value)}")
    return value


def word(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongValue(f"is a text, not {said(value)}")
    if not value.strip():
        raise WrongValue("is empty")
    if len(value) > LONGEST_WORD:
        raise WrongValue(f"has at most {LONGEST_WORD} characters")
    return value


def name(value: Any) -> str:
    """What something is called: a text, or a whole number, which stands for its digits."""
    return str(value) if type(value) is int else word(value)


def one_of(allowed: Collection[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise WrongValue(f"is one of {', '.join(allowed)}, not {said(value)}")
        return value

    return read


def day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise WrongValue(f"is a date such as 2026-12-25, not {said(value)}") from error


def wall_time(value: Any) -> time:
    found = WALL.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise WrongValue(f"is a time of day such as 17:30, not {said(value)}")
    return time(int(found[1]), int(found[2]))


def wall_range(value: Any) -> WallRange:
    if not isinstance(value, str):
        raise WrongValue(f"is a time range such as 08:00-18:00, not {said(value)}")
    try:
        return WallRange.from_text(value)
    except ValueError as error:
        raise WrongValue(f"is a time range of one day such as 08:00-18:00, not {said(value)}") from error


def instant(value: Any, clock: ClinicTime | None) -> datetime:
    """An instant, in UTC. A wall time of the clinic that its clock skips is refused even with an offset beside it;
    without an offset none is read, since the clock shows some times twice."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise WrongValue(f"{INSTANT}, not {said(value)}") from error
    if found.year not in YEARS:
        raise WrongValue(f"lies between the years {YEARS.start} and {YEARS.stop - 1}, not in {found.year}")
    offset = found.utcoffset()
    if offset is None:
        raise WrongValue(_without_offset(found, value, clock))
    if offset and clock is not None:
        there = found.replace(tzinfo=clock.zone, fold=0)
        before, after = there.utcoffset(), there.replace(fold=1).utcoffset()
        # Summer and winter read the wall time differently and the clock goes forward: nobody's clock ever shows it.
        if (
            before != after
            and offset in (before, after)
            and before is not None
            and after is not None
            and before < after
        ):
            raise WrongValue(f"{found:%Y-%m-%d %H:%M} does not exist in {clock.zone_name}: the clocks go forward")
    return found.astimezone(UTC)


def _without_offset(found: datetime, value: Any, clock: ClinicTime | None) -> str:
    if clock is not None:
        try:
            clock.at_wall(found.date(), found.time())
        except (NonexistentTime, AmbiguousTime) as error:
            return f"has no UTC offset, and {error}"
    return f"{INSTANT}; {said(value)} has no offset"
