"""How a patient prepares for a visit, from what was signed for it: the last food and drink as instants. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Preparing:
    """No solid food after `solids_until`, no clear drinks after `liquids_until`; None: as usual."""

    solids_until: datetime | None = None
    liquids_until: datetime | None = None
    needs_ride: bool = False

    @property
    def has_fasting(self) -> bool:
        return self.solids_until is not None or self.liquids_until is not None


def preparing_for(starts_at: datetime, signed: Mapping[str, Any]) -> Preparing:
    """From the start of the visit and the signed content of its order (see `scheduling.protocol_template`).

    Hours of fasting have really to pass, so on a day when the clocks change the wall clock shows one more or less.
    """
    fasting = signed.get("fasting") or {}
    solids, liquids = fasting.get("solids_hours", 0), fasting.get("clear_liquids_hours", 0)
    return Preparing(
        solids_until=starts_at - timedelta(hours=solids) if solids else None,
        liquids_until=starts_at - timedelta(hours=liquids) if liquids else None,
        needs_ride=bool(signed.get("ride_home", False)),
    )
