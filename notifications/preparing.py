"""How a patient prepares for a visit, as the signed order says it: hours of fasting become times on the clock. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from notifications.notice_facts import Preparation


def prepare(content: Mapping[str, Any], starts_at: datetime) -> Preparation | None:
    """What the signed `content` of an order asks of the patient for a visit at `starts_at`; None where nothing.

    Hours of fasting are hours that pass, so in the night the clocks change the clock shows one more or less.
    """
    fasting = content.get("fasting") or {}
    needs_ride = bool(content.get("ride_home", False))
    solids, liquids = fasting.get("solids_hours", 0), fasting.get("clear_liquids_hours", 0)
    if not (solids or liquids or needs_ride):
        return None
    return Preparation(
        food_until=starts_at - timedelta(hours=solids) if solids else None,
        drinks_until=starts_at - timedelta(hours=liquids) if liquids else None,
        needs_ride=needs_ride,
    )
