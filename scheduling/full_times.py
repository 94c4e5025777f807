"""The quick look of those who waited: where every chair is taken by now, nothing else needs to be read to say no.

When many want one time, all but one wait for its lock and then look in vain: their queue moves as fast as that look.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import connection

from scheduling.models import Clinic, Order

# Only infusions that begin in a chair; what is kept past its end is free. Few tables: planning is most of its time.
FULL: Final = """
SELECT wanted.number
FROM unnest(%s::int[], %s::timestamptz[]) AS wanted(number, starts)
JOIN scheduling_planneddose d ON d.order_id = %s AND d.number = wanted.number
JOIN scheduling_doseterms t ON t.dose_id = d.id
  AND t.version_id = (SELECT current_version_id FROM scheduling_order WHERE id = %s)
WHERE coalesce(t.phases -> 0 ->> 'chair', 'true') = 'true' AND coalesce(t.phases -> 0 ->> 'place', 'chair') = 'chair'
  AND NOT EXISTS (
    SELECT FROM scheduling_resource r
    WHERE r.clinic_id = %s AND r.kind = 'chair' AND r.is_active AND NOT EXISTS (
      SELECT FROM scheduling_claim c
      WHERE c.live AND c.resource_id = r.id AND c.role = 'seat' AND c.period @> wanted.starts
        AND NOT c.appointment_id = ANY(ARRAY(
          SELECT id FROM scheduling_appointment WHERE status = 'held' AND held_until <= %s))))
ORDER BY wanted.number
"""


def full_times(*, order: Order, clinic: Clinic, starts: Mapping[int, datetime], now: datetime) -> list[int]:
    """The infusions of `order` at whose start (number -> instant) every chair of the clinic is taken, in order.

    None of them can be booked, whatever else holds; for the others much more has to be asked.
    """
    if not starts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(FULL, [list(starts), list(starts.values()), order.pk, order.pk, clinic.pk, now])
        return [number for (number,) in cursor.fetchall()]
