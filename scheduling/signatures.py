"""Whether signatures stand: what is kept and booked by is, word for word, what a prescriber signed. Reads only."""

from __future__ import annotations

from scheduling.models import OrderVersion
from scheduling.order_content import content_hash

# What of the content stands in columns too, where the database's triggers compare it with what is booked.
IN_COLUMNS = ("doses", "within_days", "per_week", "not_before", "not_after")


def signature_stands(version: OrderVersion) -> bool:
    """Whether the signed content is what the signature was made for, and what is booked by says the same."""
    days = (version.not_before, version.not_after)
    said = (version.doses, version.within_days, version.per_week, *(day and day.isoformat() for day in days))
    return version.content_hash == content_hash(version.content) and said == tuple(
        version.content.get(name) for name in IN_COLUMNS
    )


def count_broken_signatures() -> int:
    """Versions of orders that say something else than what was signed. Reads them all, a part at a time."""
    versions = OrderVersion.objects.only("content", "content_hash", *IN_COLUMNS)
    return sum(not signature_stands(version) for version in versions.iterator())
