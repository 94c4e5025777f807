"""SQL that lawful and unlawful writes share. `%(name)s` is an id of a World; a keyword replaces a column's text."""

from __future__ import annotations

# An event for everything there is: with it, a refusal is never for want of an event.
EVENTS = """
INSERT INTO scheduling_event (organisation_id, clinic_id, appointment_id, order_id, patient_id, verb, actor_kind,
  actor_name, happened_at, recorded_at, reason, data)
SELECT organisation_id, clinic_id, appointment_id, order_id, patient_id, 'test.changed', 'system', 'test', now(), now(),
  '', '{}'
FROM (
  SELECT organisation_id, NULL::bigint, id, NULL::bigint, NULL::bigint FROM scheduling_appointment
  UNION ALL SELECT organisation_id, NULL, NULL, id, NULL FROM scheduling_order
  UNION ALL SELECT organisation_id, NULL, NULL, NULL, id FROM scheduling_patient
  UNION ALL SELECT organisation_id, id, NULL, NULL, NULL FROM scheduling_clinic
) AS subject (organisation_id, clinic_id, appointment_id, order_id, patient_id);
"""


def events_of(who: str) -> str:
    """Events for everything of one patient, which touch nobody else's rows."""
    return f"""
INSERT INTO scheduling_event (organisation_id, appointment_id, order_id, patient_id, verb, actor_kind, actor_name,
  happened_at, recorded_at, reason, data)
SELECT organisation_id, appointment_id, order_id, patient_id, 'test.changed', 'system', 'test', now(), now(), '', '{{}}'
FROM (
  SELECT organisation_id, id, NULL::bigint, NULL::bigint FROM scheduling_appointment WHERE patient_id = %({who})s
  UNION ALL SELECT organisation_id, NULL, id, NULL FROM scheduling_order WHERE patient_id = %({who})s
  UNION ALL SELECT organisation_id, NULL, NULL, id FROM scheduling_patient WHERE id = %({who})s
) AS subject (organisation_id, appointment_id, order_id, patient_id);
"""


def event(column: str, subject: str, /, **columns: str) -> str:
    """One event about one subject, of the first organisation."""
    values = {
        "organisation_id": "%(org)s",
        column: subject,
        "verb": "'test.changed'",
        "actor_kind": "'system'",
        "actor_name": "'test'",
        "happened_at": "now()",
        "recorded_at": "now()",
        "reason": "''",
        "data": "'{}'",
    }
    return insert("event", **(values | columns))


def insert(table: str, /, **columns: str) -> str:
    return f"INSERT INTO scheduling_{table} ({', '.join(columns)}) VALUES ({', '.join(columns.values())});"


def booking(
    who: str,
    number: int,
    start: str,
    *,
    clinic: str = "harbor",
    chair: str = "chair_1",
    nurse: str = "nurse_1",
    watch: str = "1",
    **columns: str,
) -> str:
    """An infusion with its phases and claims, in one statement.

    75 minutes of presence: arrive 10, set up 15 with the prescriber, infuse 40, discharge 10; then turn over 15.
    """
    gap = f"%({who}_gap_{number})s"
    values = {
        "organisation_id": "%(org)s",
        "clinic_id": f"%({clinic})s",
        "time_zone": f"(SELECT time_zone FROM scheduling_clinic WHERE id = %({clinic})s)",
        "patient_id": f"%({who})s",
        "kind": "'infusion'",
        "mode": "'in_person'",
        "order_id": f"%({who}_order)s",
        "dose_id": f"%({who}_dose_{number})s",
        "dose_number": str(number),
        "terms_id": f"%({who}_terms_{number})s",
        "therapy": "'ketamine'",
        "gap_id": gap,
        "gap_days": f"(SELECT days FROM scheduling_dosegap WHERE id = {gap})",
        "gap_minutes": f"(SELECT minutes FROM scheduling_dosegap WHERE id = {gap})",
        "period": minutes(start, 0, 75),
        **PLAIN_VISIT,
    } | columns
    return f"""
WITH visit AS (
  INSERT INTO scheduling_appointment ({", ".join(values)}) VALUES ({", ".join(values.values())}) RETURNING id, live
), phases AS (
  INSERT INTO scheduling_appointmentphase (appointment_id, position, name, period, needs_chair, nurse, prescriber)
  SELECT visit.id, phase.* FROM visit, (VALUES
    (0, 'arrive', {minutes(start, 0, 10)}, true, 'watch', 'none'),
    (1, 'set up', {minutes(start, 10, 25)}, true, 'attention', 'with-patient'),
    (2, 'infuse', {minutes(start, 25, 65)}, true, 'watch', 'present'),
    (3, 'discharge', {minutes(start, 65, 75)}, false, 'attention', 'none'),
    (4, 'turn over', {minutes(start, 75, 90)}, true, 'none', 'none')) AS phase
)
INSERT INTO scheduling_claim (appointment_id, live, resource_id, role, place, period)
SELECT visit.id, visit.live, claim.* FROM visit, (VALUES
  (%({chair})s, 'seat', 1, {minutes(start, 0, 90)}),
  (%({nurse})s, 'watch', {watch}, {minutes(start, 0, 10)}),
  (%({nurse})s, 'attention', 1, {minutes(start, 10, 25)}),
  (%(doctor)s, 'with-patient', 1, {minutes(start, 10, 25)}),
  (%({nurse})s, 'watch', {watch}, {minutes(start, 25, 65)}),
  (%({nurse})s, 'attention', 1, {minutes(start, 65, 75)})) AS claim;
"""


PLAIN_VISIT = {
    "status": "'booked'",
    "is_placed": "true",
    "is_tentative": "false",
    "is_pinned": "false",
    "held_with": "''",
    "confirmed_by": "''",
    "cancelled_by": "''",
    "cancel_reason": "''",
    "row_version": "1",
    "told_version": "1",
    "booked_at": "now()",
}


def consultation(who: str, start: str, *, clinic: str = "harbor", **columns: str) -> str:
    """A visit that needs neither chair nor nurse."""
    values = {
        "organisation_id": "%(org)s",
        "clinic_id": f"%({clinic})s",
        "time_zone": f"(SELECT time_zone FROM scheduling_clinic WHERE id = %({clinic})s)",
        "patient_id": f"%({who})s",
        "kind": "'consultation'",
        "mode": "'in_person'",
        "period": minutes(start, 0, 30),
        **PLAIN_VISIT,
    } | columns
    return f"""
WITH visit AS (
  INSERT INTO scheduling_appointment ({", ".join(values)}) VALUES ({", ".join(values.values())}) RETURNING id, period
)
INSERT INTO scheduling_appointmentphase (appointment_id, position, name, period, needs_chair, nurse, prescriber)
SELECT id, 0, 'talk', period, false, 'none', 'none' FROM visit;
"""


def minutes(start: str, first: int, last: int) -> str:
    """The range from `first` to `last` minutes after `start` (UTC)."""
    at = f"timestamptz '{start}Z'"
    return f"tstzrange({at} + interval '{first} minutes', {at} + interval '{last} minutes')"


def shift(visit: str, by: str) -> str:
    """Moves a visit, its phases and its claims by an interval."""
    moved = f"tstzrange(lower(period) + interval '{by}', upper(period) + interval '{by}')"
    return f"""
UPDATE scheduling_appointment SET period = {moved} WHERE id IN ({visit});
UPDATE scheduling_appointmentphase SET period = {moved} WHERE appointment_id IN ({visit});
UPDATE scheduling_claim SET period = {moved} WHERE appointment_id IN ({visit});
"""


def started(visit: str, at: str = "now()") -> str:
    return (
        f"UPDATE scheduling_appointment SET status = 'infusing', arrived_at = {at}, seated_at = {at}, given_at = {at}"
        f" WHERE id = %({visit})s;"
    )


def finished(visit: str, at: str = "now()") -> str:
    return started(visit, at) + (
        f"UPDATE scheduling_appointment SET status = 'completed', finished_at = {at}, left_at = {at}"
        f" WHERE id = %({visit})s;"
    )


# Ana's review is after the third infusion: it is given before it is decided, and before the fourth starts.
GIVEN_3 = finished("ana_visit_2") + finished("ana_visit_3")


def cancelled(visit: str) -> str:
    return (
        "UPDATE scheduling_appointment SET status = 'cancelled', cancelled_at = now(), cancelled_by = 'patient',"
        f" notice_minutes = 60 WHERE id = %({visit})s;"
    )


def uncancelled(visit: str) -> str:
    return (
        "UPDATE scheduling_appointment SET status = 'booked', cancelled_at = NULL, cancelled_by = '',"
        f" notice_minutes = NULL WHERE id = %({visit})s;"
    )


def decision(who: str, answer: str, *, by: str = "prescriber", after: int = 3, **columns: str) -> str:
    """A prescriber's word on the review after an infusion."""
    values = {
        "order_id": f"%({who}_order)s",
        "after_number": str(after),
        "decision": f"'{answer}'",
        "decided_by_id": f"%({by})s",
        "decided_at": "now()",
        "note": "''",
        "was_read_back": "false",
        "recorded_at": "now()",
    }
    return insert("gatedecision", **(values | columns))


def deviation(visit: str, *, by: str = "prescriber") -> str:
    return insert(
        "deviation", appointment_id=f"%({visit})s", signed_by_id=f"%({by})s", signed_at="now()", reason="'was started'"
    )


def version(who: str, number: int, doses: int, *, by: str = "prescriber", **columns: str) -> str:
    """A signature, and nothing that follows from it."""
    values = {
        "order_id": f"%({who}_order)s",
        "number": str(number),
        "doses": str(doses),
        "content": "'{}'",
        "content_hash": "''",
        "signed_by_id": f"%({by})s",
        "signed_at": "now()",
    }
    return insert("orderversion", **(values | columns))


CHANGES = {"paused": "pause", "stopped": "stop", "completed": "complete", "expired": "expire"}


def changed(who: str, state: str, *, before: str = "active", **columns: str) -> str:
    """A prescriber's word that an order is in another state now, without the state."""
    kind = CHANGES.get(state, "resume")
    values = {
        "order_id": f"%({who}_order)s",
        "kind": f"'{kind}'",
        "from_state": f"'{before}'",
        "to_state": f"'{state}'",
        "decided_by_id": "NULL" if kind == "expire" else "%(prescriber)s",
        "decided_at": "now()",
        "recorded_at": "now()",
        "reason": "''",
        "was_read_back": "false",
    }
    return insert("orderchange", **(values | columns))


def turned_into(who: str, number: int, *, visit: str = "(SELECT max(id) FROM scheduling_appointment)") -> str:
    """Makes a visit one of `who`'s infusions, without booking it as one."""
    gap = f"%({who}_gap_{number})s"
    return f"""
UPDATE scheduling_appointment SET kind = 'infusion', order_id = %({who}_order)s, dose_id = %({who}_dose_{number})s,
  dose_number = {number}, terms_id = %({who}_terms_{number})s, therapy = 'ketamine', gap_id = {gap},
  gap_days = (SELECT days FROM scheduling_dosegap WHERE id = {gap}),
  gap_minutes = (SELECT minutes FROM scheduling_dosegap WHERE id = {gap})
WHERE id = {visit};
"""


def exception(who: str, number: int, minutes: int, *, by: str = "prescriber", **columns: str) -> str:
    """A signed shorter gap after one infusion."""
    values = {
        "terms_id": f"%({who}_terms_{number})s",
        "patient_id": f"%({who})s",
        "therapy": "'ketamine'",
        "days": "0",
        "minutes": str(minutes),
        "signed_exception_by_id": f"%({by})s",
        "signed_exception_at": "now()",
        "reason": "'travels'",
    }
    return insert("dosegap", **(values | columns))
