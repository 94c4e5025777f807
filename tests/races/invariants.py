"""What holds whatever two people did at once: said in SQL over all rows, each query finding what breaks it."""

from __future__ import annotations

from typing import Any, Final

import psycopg

# Without words for a patient's name: ids only.
BROKEN: Final[dict[str, str]] = {
    "a place used twice": """
        SELECT a.id, b.id FROM scheduling_claim a JOIN scheduling_claim b ON a.id < b.id AND a.live AND b.live
          AND (a.resource_id, a.role, a.place) = (b.resource_id, b.role, b.place) AND a.period && b.period""",
    "a patient in two places": """
        SELECT a.id, b.id FROM scheduling_appointment a JOIN scheduling_appointment b ON a.id < b.id AND a.live
          AND b.live AND 'kept' NOT IN (a.kind, b.kind) AND a.patient_id = b.patient_id AND a.period && b.period""",
    "an infusion booked or given twice": """
        SELECT a.id, b.id FROM scheduling_appointment a JOIN scheduling_appointment b ON a.id < b.id AND a.spaced
          AND b.spaced AND a.dose_id = b.dose_id AND NOT a.is_repeated AND NOT b.is_repeated""",
    "infusions nearer than signed": """
        SELECT a.id, b.id FROM scheduling_appointment a JOIN scheduling_appointment b ON a.id < b.id AND a.spaced
          AND b.spaced AND (a.patient_id, a.therapy) = (b.patient_id, b.therapy) AND a.guard && b.guard""",
    "infusions out of number order": """
        SELECT a.id, b.id FROM scheduling_appointment a JOIN scheduling_appointment b ON a.order_id = b.order_id
          AND a.spaced AND b.spaced AND a.dose_number < b.dose_number AND lower(a.period) >= lower(b.period)""",
    "a nurse with more patients than she may watch": """
        SELECT c.id FROM scheduling_claim c JOIN scheduling_resource r ON r.id = c.resource_id
        WHERE c.live AND c.role IN ('watch', 'attention') AND (
          SELECT count(*) FILTER (WHERE o.role = 'watch') > CASE WHEN bool_or(o.role = 'attention')
            THEN r.watch_while_attending ELSE r.watch_places END
          FROM scheduling_claim o WHERE o.live AND o.resource_id = c.resource_id AND o.period @> lower(c.period))""",
    "a visit without its phases": """
        SELECT a.id FROM scheduling_appointment a
        WHERE NOT EXISTS (SELECT 1 FROM scheduling_appointmentphase p WHERE p.appointment_id = a.id)""",
    "a place held by what is over": """
        SELECT c.id FROM scheduling_claim c JOIN scheduling_appointment a ON a.id = c.appointment_id
        WHERE c.live <> a.live""",
    "a visit that changed more often than its version says": """
        SELECT a.id, a.row_version FROM scheduling_appointment a
        WHERE a.row_version < (SELECT count(*) FROM scheduling_event e
          WHERE e.appointment_id = a.id AND e.verb LIKE 'appointment.%'
            AND e.verb NOT IN ('appointment.rule_allowed', 'appointment.counter_signed'))""",
    "an event nobody seals": """
        SELECT e.id FROM scheduling_event e
        WHERE NOT EXISTS (SELECT 1 FROM scheduling_eventtoseal s WHERE s.event_id = e.id)
          AND NOT EXISTS (SELECT 1 FROM scheduling_eventseal s WHERE s.event_id = e.id)""",
}
# Asks of every visit what the database asks at commit; it refuses (ID008) where claims don't cover the phases.
COVERED: Final = "SELECT scheduling_check_claims(id) FROM scheduling_appointment WHERE live AND is_placed"


def broken(connection: psycopg.Connection[Any]) -> list[str]:
    """What does not hold now, each with the ids that show it; empty when all holds."""
    found = []
    for what, query in BROKEN.items():
        if rows := connection.execute(query).fetchall():
            found.append(f"{what}: {rows}")
    connection.execute(COVERED)
    return found
