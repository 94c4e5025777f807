"""The spacing rules of a scenario's order."""

from __future__ import annotations

from typing import Any, Final

from scheduling.scenario.fields import NOT_A_LIST, Fields
from scheduling.spacing import SIDES, InvalidFields, Spacing

IN_DAYS: Final = {side: f"{side}_days" for side in SIDES}
KNOWN: Final = ("dose", "after", "unit", "soft", *SIDES, *IN_DAYS.values())


def read_spacings(order: Fields, doses: int) -> tuple[Spacing, ...]:
    """The sound rules under `spacing`; one for or after an infusion that the order does not have is noted."""
    value = order.data.get("spacing")
    if value is not None and not isinstance(value, list):
        order.wrong("spacing", NOT_A_LIST)
    entries = value if isinstance(value, list) else []
    found = [
        _spacing(Fields(entry, f"order.spacing[{index}]", order.reading, KNOWN), doses)
        for index, entry in enumerate(entries)
    ]
    return tuple(spacing for spacing in found if spacing is not None)


def _spacing(entry: Fields, doses: int) -> Spacing | None:
    said = {key: entry.data[key] for key in KNOWN if entry.data.get(key) is not None}

    def read(value: Any) -> Spacing:
        try:
            return Spacing.from_dict(value, entry.path)
        except InvalidFields as error:
            raise InvalidFields({_as_written(path, said): reason for path, reason in error.errors.items()}) from error

    if not said:
        entry.wrong("min", "one of min, target and max is needed")
        return None
    spacing = entry.reading.read(said, entry.path, read)
    if spacing is not None:
        for key, number in (("dose", spacing.dose), ("after", spacing.after)):
            if isinstance(number, int) and number > doses:
                entry.wrong(key, f"is infusion {number}, but the order has {doses}")
    return spacing


def _as_written(path: str, said: dict[str, Any]) -> str:
    """The path of a side as the entry says it: min, or min_days."""
    head, _, side = path.rpartition(".")
    in_days = IN_DAYS.get(side)
    return f"{head}.{in_days}" if in_days in said and side not in said else path
