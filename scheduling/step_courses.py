"""What a step makes of a visit's course, and what taking the step back makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from scheduling.intervals import Interval
from scheduling.models import PATIENT_IS_THERE, Appointment, Status, VisitKind
from scheduling.visit_course import Course
from scheduling.visit_parts import (
    Parts,
    begun,
    begun_early,
    ending,
    infuse_part,
    over,
    present,
    reached,
    recover_part,
    starting,
    whole_steps,
)
from scheduling.visit_steps import next_steps


def course_after(visit: Appointment, course: Course, to: Status, at: datetime) -> Course:
    """What this step, taken then, makes of the visit's course. A step that its status does not allow changes nothing.

    Seated late, started or over at another time than planned, the rest of the infusion moves; seated early, the chair
    is taken from then on. An arrival moves nothing.
    """
    if to not in next_steps(visit) or to == Status.NO_SHOW:
        return course
    if to not in PATIENT_IS_THERE:
        ended = course.cut(at)
        return replace(ended, parts=over(ended.parts, at))
    return course.with_parts(_parts_after(course.parts, to, at))


def started_course(course: Course, at: datetime) -> Course:
    """Of an infusion of which only now is said that it was started then, whatever was recorded before."""
    return course.with_parts(_parts_after(course.parts, Status.INFUSING, at))


def _parts_after(parts: Parts, to: Status, at: datetime) -> Parts:
    infuse, recover = infuse_part(parts), recover_part(parts)
    if to == Status.ARRIVED:
        return reached(parts, 0, at)
    if to == Status.INFUSING:
        return reached(begun(parts, infuse, at), infuse, at)
    if to == Status.SEATED:
        index = min(1, infuse)
        early = at < parts[index].period.start
        return reached(begun_early(parts, at) if early else begun(parts, index, at), index, at)
    if recover is not None:
        return reached(begun(parts, recover, at), recover, at)
    # Without recovery in the order a late end makes the infusion longer, and an early one leaves the plan as it is.
    late = whole_steps(at - parts[infuse].period.end)
    if late > timedelta(0):
        parts = ending(parts, infuse, present(parts)[-1].period.end + late)
    return over(parts, at)


def course_before(visit: Appointment, course: Course, back_to: Status) -> Course:
    """The course with the last step taken back: nothing has begun that the step began, and whoever had the visit last
    has it for what is left. Times that the step moved stay, but a visit that is booked again starts when it was to."""
    parts = _not_begun(visit, course.parts, back_to)
    if visit.live:
        if back_to == Status.BOOKED:
            first, start = parts[0], visit.period.lower
            if first.period.end > start:
                parts = (replace(first, period=Interval(start, first.period.end)), *parts[1:])
            else:
                # Steps in quick succession had moved the first part to before the visit.
                parts = starting(parts, start)
        return course.with_parts(parts)
    return replace(course, parts=parts).going_on()


def _not_begun(visit: Appointment, parts: Parts, back_to: Status) -> Parts:
    if back_to == Status.BOOKED:
        return tuple(replace(part, began=None, ended=None) for part in parts)
    infuse = infuse_part(parts)
    index = {
        Status.ARRIVED: 0,
        Status.SEATED: min(1, infuse),
        Status.INFUSING: infuse,
        Status.RECOVERING: recover_part(parts) or infuse,
    }[back_to]
    if visit.kind != VisitKind.INFUSION:
        index = max((position for position, part in enumerate(parts) if part.began), default=0)
    later = tuple(replace(part, began=None, ended=None) for part in parts[index + 1 :])
    return (*parts[:index], replace(parts[index], ended=None), *later)
