"""Who stands against a start: nurses, prescribers, and too few staff."""

from __future__ import annotations

from scheduling.bit_planes import any_of, at_least
from scheduling.capacity import Nurse, OneToOne
from scheduling.refused_start import RefusedStart
from scheduling.why_not import WhyNot

TEXTS = {
    "staff": "Fewer than %(least)s staff are on duty %(when)s.",
    "nurses_off": "No nurse is on duty %(when)s.",
    "nurse_off": "%(name)s is not on duty %(when)s.",
    "one_to_one": "%(name)s is one-to-one %(when)s.",
    "one_to_one_chair": "%(name)s is one-to-one with %(chair)s %(when)s.",
    "watches_all": "%(name)s watches %(count)s patients %(when)s, the most allowed.",
    "watches_too_many": "%(name)s has patients to watch %(when)s, more than the %(count)s allowed while one-to-one.",
    "prescribers_off": "No prescriber is on site %(when)s.",
    "prescriber_off": "%(name)s is not on site %(when)s.",
    "with_patient": "%(name)s is with a patient %(when)s.",
}


def staff_against(start: RefusedStart) -> WhyNot | None:
    snapshot, planes = start.capacity.snapshot, start.capacity.planes
    few = ~at_least((*planes.on_duty.values(), *planes.on_site.values()), snapshot.min_staff)
    step = start.first_in(few, start.shape.staffed)
    if step is None:
        return None
    return start.because("staff", TEXTS["staff"], least=snapshot.min_staff, when=start.absence(few, step))


def nurses_against(start: RefusedStart) -> WhyNot:
    """Of several nurses the one who could take the visit soonest that day, and what she does first."""
    shape, planes, nurses = start.shape, start.capacity.planes, start.capacity.snapshot.nurses
    nobody = ~any_of(planes.on_duty.values())
    step = start.first_in(nobody, (*shape.watch, *shape.attention))
    if step is not None:
        return start.because("nurses", TEXTS["nurses_off"], when=start.absence(nobody, step))
    soonest = min(
        nurses,
        key=lambda one: (
            start.next_of(start.capacity.nurse_starts(one, shape)),
            not planes.on_duty[one.id] >> start.at & 1,
            one.id,
        ),
    )
    return _nurse_against(start, soonest)


def _nurse_against(start: RefusedStart, nurse: Nurse) -> WhyNot:
    planes, others = start.capacity.planes, nurse.watch_while_attending
    off, attending, watching = ~planes.on_duty[nurse.id], planes.attending[nurse.id], planes.watching[nurse.id]
    watch, attention = start.shape.watch, start.shape.attention
    found = [
        (start.first_in(off, (*watch, *attention)), "nurse_off", off, 0),
        (start.first_in(attending, attention), "one_to_one", attending, 0),
        (start.first_in(attending & watching[others], watch), "one_to_one", attending & watching[others], 0),
        (start.first_in(watching[nurse.watch], watch), "watches_all", watching[nurse.watch], nurse.watch),
        (start.first_in(watching[others + 1], attention), "watches_too_many", watching[others + 1], others),
    ]
    step, text, plane, count = min(
        ((step, text, plane, count) for step, text, plane, count in found if step is not None), key=lambda one: one[0]
    )
    when = start.absence(plane, step) if text == "nurse_off" else start.spell(plane, step)
    meant = _with_whom(start, nurse.id, step) if text == "one_to_one" else None
    if meant is not None:
        begins = start.capacity.axis.first_step
        when, chair = start.span(meant.first - begins, meant.after - begins), start.names.get(meant.seat, meant.seat)
        return start.because("nurses", TEXTS["one_to_one_chair"], resource_id=nurse.id, chair=chair, when=when)
    return start.because("nurses", TEXTS[text], resource_id=nurse.id, count=count, when=when)


def _with_whom(start: RefusedStart, nurse_id: str, step: int) -> OneToOne | None:
    """Whose patient has a nurse's attention at a step; None where it is not told, or more than one can be meant."""
    snapshot, at = start.capacity.snapshot, step + start.capacity.axis.first_step
    told = snapshot.one_to_one() if snapshot.one_to_one else ()
    found = [one for one in told if one.nurse == nurse_id and one.first <= at < one.after]
    return found[0] if len(found) == 1 else None


def prescribers_against(start: RefusedStart) -> WhyNot:
    shape, capacity = start.shape, start.capacity
    planes, on_site = capacity.planes, capacity.planes.on_site
    nobody = ~any_of(on_site.values())
    step = start.first_in(nobody, (*shape.present, *shape.with_patient))
    if step is not None:
        return start.because("prescriber", TEXTS["prescribers_off"], when=start.absence(nobody, step))
    nobody_present = ~any_of(map(capacity.presence, on_site))
    step = start.first_in(nobody_present, shape.present)
    if step is not None:
        # All who are on site are with a patient: the one who is the first to be free.
        ends = {one: start.run(planes.with_patient[one], step) for one, there in on_site.items() if there >> step & 1}
        first = min(ends, key=lambda one: (ends[one][1], one))
        return start.because("prescriber", TEXTS["with_patient"], resource_id=first, when=start.span(*ends[first]))
    soonest = min(on_site, key=lambda one: (start.next_of(capacity.with_patient_starts(one, shape)), one))
    busy, off = planes.with_patient[soonest], ~on_site[soonest]
    step = start.first_in(busy | off, shape.with_patient)
    assert step is not None  # noqa: S101 -- no prescriber is free for the whole visit
    if off >> step & 1:
        return start.because("prescriber", TEXTS["prescriber_off"], resource_id=soonest, when=start.absence(off, step))
    return start.because("prescriber", TEXTS["with_patient"], resource_id=soonest, when=start.spell(busy, step))
