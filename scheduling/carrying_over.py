"""Carrying what stands over to a new version of an order: terms, least distances, waiting for reviews; no times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from scheduling.amendment_effects import Effect, counting_infusions
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry
from scheduling.gap_exceptions import Guarded, smaller_gap
from scheduling.models import Appointment, DoseGap, Order, OrderVersion
from scheduling.protocol_parts import GivenBefore, PlanParts
from scheduling.signed_rows import SignedRows
from scheduling.spacing import Gap, minimum_gap_after

# One statement: the guards of a series change together or not at all.
CARRY: Final = """
UPDATE scheduling_appointment a SET terms_id = m.terms_id, gap_id = m.gap_id, gap_days = m.days,
  gap_minutes = m.minutes, is_tentative = m.waits, row_version = a.row_version + 1,
  told_version = a.told_version + (a.is_tentative <> m.waits)::int
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::int[], %s::boolean[])
  AS m(id, terms_id, gap_id, days, minutes, waits)
WHERE a.id = m.id
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A visit with the terms it is to have and the least distance after it that is signed for those."""

    visit: Appointment
    terms_id: int
    gap_id: int | None
    signed: Gap


def carry_over(
    order: Order,
    version: OrderVersion,
    plan: PlanParts,
    rows: SignedRows,
    effect: Effect,
    history: Sequence[GivenBefore],
    *,
    zone: str,
    by: Actor,
    now: datetime,
) -> tuple[Mapping[int, DoseGap], list[Entry]]:
    """Gives the visits that fit their new terms and the last infusion that was given its new distance to the next; the
    others keep what they have. Where the next infusion stands nearer than is signed, the distance is lowered to that
    for this once, by the signer's exception.

    Gives the gaps of the infusions in `history`, which are yet to be written, and the events to record:
    `appointment.carried_over` for each visit whose terms changed, `appointment.gap_lowered`, `appointment.made_firm`
    and `appointment.waits_for_review`. Call it in the transaction that signs, with the visits locked.
    """
    starts = _starts(order, history, zone)
    entries: list[Entry] = []
    written: list[tuple[Appointment, int, DoseGap, bool]] = []
    for row in _rows_to_settle(order, plan, rows, effect, history, zone):
        visit = row.visit
        gap = _gap(order, row, starts, version, by=by, now=now)
        waits = (visit.is_tentative or visit.pk in effect.will_wait) and visit.pk not in effect.become_firm
        written.append((visit, row.terms_id, gap, waits))
        entries += _entries(row, gap, effect)
    _write(written)
    gaps = {one.number: _gap_of_history(order, one, rows, starts, version, zone, by=by, now=now) for one in history}
    return gaps, entries


def _rows_to_settle(
    order: Order, plan: PlanParts, rows: SignedRows, effect: Effect, history: Sequence[GivenBefore], zone: str
) -> list[Row]:
    """Visits that fit; the last infusion given, whose new distance guards what is booked next; and any other whose
    distance would reach into an infusion that is about to be written."""
    found = [
        Row(visit, rows.terms[number].pk, rows.gaps[number].pk, _signed(rows.gaps[number]))
        for visit in effect.fitting
        if (number := visit.dose_number or 0)
    ]
    fitting = {visit.pk for visit in effect.fitting}
    counting = counting_infusions(order)
    last = max((visit.dose_number or 0 for visit in counting if visit.given_at), default=0)
    new = [one.given_at(ClinicTime(zone)) for one in history]
    for visit in counting:
        if visit.pk in fitting:
            continue
        here = Guarded(0, visit.period.lower, visit.time_zone, visit.gap_days or 0, visit.gap_minutes or 0)
        reaches = any(here.start < start < here.until for start in new)
        # After the last of a shorter series nothing is ordered: what guards it stays.
        if visit.dose_number == last and visit.given_at and last < plan.doses:
            gap = minimum_gap_after(last, plan.spacing)
        elif reaches:
            gap = Gap(here.days, here.minutes)
        else:
            continue
        found.append(Row(visit, visit.terms_id or 0, None, gap))
    return found


def _starts(order: Order, history: Iterable[GivenBefore], zone: str) -> list[datetime]:
    """When infusions of this treatment stand, of this order and others, with those about to be written."""
    visits = Appointment.objects.spaced().filter(patient=order.patient_id, therapy=order.therapy)
    standing = [period.lower for period in visits.values_list("period", flat=True)]
    return sorted([*standing, *(one.given_at(ClinicTime(zone)) for one in history)])


def _gap(
    order: Order, row: Row, starts: Sequence[datetime], version: OrderVersion, *, by: Actor, now: datetime
) -> DoseGap:
    visit = row.visit
    wanted = _lowered(row.signed, visit.period.lower, visit.time_zone, starts)
    if row.gap_id is not None and wanted == row.signed:
        return DoseGap(pk=row.gap_id, days=wanted.days, minutes=wanted.minutes)
    if row.gap_id is None and wanted == Gap(visit.gap_days or 0, visit.gap_minutes or 0):
        return DoseGap(pk=visit.gap_id, days=wanted.days, minutes=wanted.minutes)
    return _exception(order, row.terms_id, wanted, version, by=by, now=now)


def _gap_of_history(
    order: Order,
    one: GivenBefore,
    rows: SignedRows,
    starts: Sequence[datetime],
    version: OrderVersion,
    zone: str,
    *,
    by: Actor,
    now: datetime,
) -> DoseGap:
    signed = rows.gaps[one.number]
    wanted = _lowered(_signed(signed), one.given_at(ClinicTime(zone)), zone, starts)
    if wanted == _signed(signed):
        return signed
    return _exception(order, rows.terms[one.number].pk, wanted, version, by=by, now=now)


def _lowered(signed: Gap, start: datetime, zone: str, starts: Sequence[datetime]) -> Gap:
    """The signed distance, or the largest that lets the next infusion stand where it stands."""
    here = Guarded(0, start, zone, signed.days, signed.minutes)
    after = next((other for other in starts if other > start), None)
    return signed if after is None or after >= here.until else smaller_gap(here, after)


def _exception(order: Order, terms_id: int, gap: Gap, version: OrderVersion, *, by: Actor, now: datetime) -> DoseGap:
    return DoseGap.objects.create(
        terms_id=terms_id,
        patient_id=order.patient_id,
        therapy=order.therapy,
        days=gap.days,
        minutes=gap.minutes,
        signed_exception_by_id=by.staff_id,
        signed_exception_at=now,
        reason=f"As the next infusion stood when version {version.number} was signed.",
    )


def _entries(row: Row, gap: DoseGap, effect: Effect) -> list[Entry]:
    visit, entries = row.visit, []
    if row.terms_id != visit.terms_id:
        entries.append(Entry.of_visit("appointment.carried_over", visit, data={"number": visit.dose_number}))
    if gap.pk not in (row.gap_id, visit.gap_id):
        data = {"gap": gap.pk, "days": gap.days, "minutes": gap.minutes}
        entries.append(Entry.of_visit("appointment.gap_lowered", visit, data=data))
    verbs = {"appointment.made_firm": effect.become_firm, "appointment.waits_for_review": effect.will_wait}
    for verb, ids in verbs.items():
        if visit.pk in ids:
            data = {"told_version": visit.told_version + 1}
            entries.append(Entry.of_visit(verb, visit, data=data, tell=True))
    return entries


def _write(written: Sequence[tuple[Appointment, int, DoseGap, bool]]) -> None:
    changed = [
        (visit.pk, terms_id, gap.pk, gap.days, gap.minutes, waits)
        for visit, terms_id, gap, waits in written
        if (visit.terms_id, visit.gap_id, visit.is_tentative) != (terms_id, gap.pk, waits)
    ]
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(CARRY, [list(column) for column in zip(*changed, strict=True)])


def _signed(gap: DoseGap) -> Gap:
    return Gap(gap.days, gap.minutes)
