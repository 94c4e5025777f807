"""A clinic's free starts over all days of a snapshot, counted at once.

A *direct* start has one whole chair (or a chair and then a bay) and one nurse throughout. A start *by repack* has all
but the chair, of which one is free at each moment: whether others can make room is found by `chair_dealing`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache

from scheduling.bit_planes import Span, any_of, at_least, bits, room_for, room_for_needs
from scheduling.capacity import STEP_MINUTES, STEP_SECONDS, Chair, ClinicSnapshot, Equipment, Nurse, Phase
from scheduling.clinic_planes import Axis, ClinicPlanes
from scheduling.clinic_time import MINUTES_A_DAY, AmbiguousTime, ClinicTime, NonexistentTime
from scheduling.visit_shape import Stay, VisitShape, shape_of

# What can refuse a start, in the order in which it is asked for.
REASONS = ("hours", "last_end", "grid", "staff", "prescriber", "nurses", "chairs", "equipment")


class ClinicStarts:
    """Over all days of a snapshot: who may take part, and the starts that follow."""

    def __init__(self, snapshot: ClinicSnapshot) -> None:
        self.snapshot = snapshot
        self.clock: ClinicTime = snapshot.clock
        self.axis = Axis(snapshot)
        self.days = self.axis.days
        self._allowed: dict[tuple[str, VisitShape], int] = {}
        self._counted: dict[tuple[str, str, Hashable], int] = {}
        self._starts: dict[tuple[Phase, ...], int] = {}

    def instant(self, step: int) -> datetime:
        """The instant at which a step of the axis begins."""
        return datetime.fromtimestamp((self.axis.first_step + step) * STEP_SECONDS, UTC)

    @cached_property
    def planes(self) -> ClinicPlanes:
        return ClinicPlanes(self.snapshot, self.axis)

    @cached_property
    def _open(self) -> int:
        opening = self.snapshot.open
        return self.axis.inner([period for day in self.days for period in opening.get(day, ())])

    @cached_property
    def _before_last_end(self) -> int:
        last_end = self.snapshot.last_end
        if last_end is None:
            return -1
        minute, plane = last_end.hour * 60 + last_end.minute, 0
        for first, after, _ in self._spans_of_days():
            plane |= bits(first, first + self._wall_step(first, after, minute))
        return plane

    def _wall_step(self, first: int, after: int, minute: int) -> int:
        """The step of a day at which the clock shows the minute; in an hour that is skipped or doubled, the earliest at
        which it shows that or later."""
        if (after - first) * STEP_MINUTES == MINUTES_A_DAY:
            return minute // STEP_MINUTES
        shown = (self.clock.minute_of_day(self.instant(step)) for step in range(first, after))
        return next((index for index, shows in enumerate(shown) if shows >= minute), after - first)

    @cached_property
    def _grid(self) -> int:
        """Starts whose wall time lies on the grid; a time that the clock shows twice is not offered, since a patient
        could come at either."""
        plane = 0
        for first, after, day in self._spans_of_days():
            if (after - first) * STEP_MINUTES == MINUTES_A_DAY:
                plane |= _plain_grid(self.snapshot.grid_minutes) << first
                continue
            for minute in range(0, MINUTES_A_DAY, self.snapshot.grid_minutes):
                try:
                    plane |= 1 << self.axis.step(self.clock.at_minute(day, minute))
                except (NonexistentTime, AmbiguousTime):
                    continue
        return plane

    def _spans_of_days(self) -> Iterable[tuple[int, int, date]]:
        return zip(self.axis.edges, self.axis.edges[1:], self.days, strict=False)

    @cached_property
    def _staffed(self) -> int:
        planes = self.planes
        return at_least((*planes.on_duty.values(), *planes.on_site.values()), self.snapshot.min_staff)

    @cached_property
    def _whole(self) -> int:
        # A turnover may run past the last day known; nothing is known to stand against it there.
        return bits(0, self.axis.steps + MINUTES_A_DAY // STEP_MINUTES)

    def seat_starts(self, seat: Chair, stay: Stay) -> int:
        """The starts at which one chair or bay is free for a stay."""
        return self._once("seat", seat.id, stay, lambda: self._seat_starts(seat, stay))

    def _seat_starts(self, seat: Chair, stay: Stay) -> int:
        if not stay.features <= seat.features:
            return 0
        free = self._whole & ~(self.planes.seats[seat.id] | self.planes.out[seat.id])
        return room_for_needs(((free, (stay.span,)),))

    def nurse_starts(self, nurse: Nurse, shape: VisitShape) -> int:
        """The starts at which one nurse has watch places and attention, with so many others watched meanwhile."""
        return self._once("nurse", nurse.id, shape, lambda: self._nurse_starts(nurse, shape))

    def _nurse_starts(self, nurse: Nurse, shape: VisitShape) -> int:
        planes, others = self.planes, nurse.watch_while_attending
        on_duty, attending, watches = planes.on_duty[nurse.id], planes.attending[nurse.id], planes.watching[nurse.id]
        may_watch = on_duty & ~watches[nurse.watch] & ~(attending & watches[others])
        may_attend = on_duty & ~attending & ~watches[others + 1]
        return room_for_needs(((may_watch, shape.watch), (may_attend, shape.attention)))

    def with_patient_starts(self, prescriber_id: str, shape: VisitShape) -> int:
        """The starts at which one prescriber is free for the phases that want them with the patient."""
        free = self.planes.on_site[prescriber_id] & ~self.planes.with_patient[prescriber_id]
        return self._once("with-patient", prescriber_id, shape, lambda: room_for_needs(((free, shape.with_patient),)))

    def equipment_starts(self, piece: Equipment, word: str, spans: tuple[Span, ...]) -> int:
        """The starts at which one piece of equipment is free where it is wanted."""
        if word not in piece.features:
            return 0
        free = self._whole & ~(self.planes.used[piece.id] | self.planes.out[piece.id])
        return self._once("use", piece.id, spans, lambda: room_for_needs(((free, spans),)))

    def _once(self, kind: str, resource_id: str, wanted: Hashable, count: Callable[[], int]) -> int:
        key = (kind, resource_id, wanted)
        if key not in self._counted:
            self._counted[key] = count()
        return self._counted[key]

    def presence(self, prescriber_id: str) -> int:
        """The steps in which a prescriber counts as present."""
        if self.snapshot.prescriber_presence_rule == "on-site":
            return self.planes.on_site[prescriber_id]
        return self.planes.on_site[prescriber_id] & ~self.planes.with_patient[prescriber_id]

    def allowed(self, reason: str, shape: VisitShape) -> int:
        """The plane of starts that one of REASONS allows, taken alone, over all days."""
        if (reason, shape) not in self._allowed:
            self._allowed[reason, shape] = getattr(self, f"_allowed_by_{reason}")(shape)
        return self._allowed[reason, shape]

    def _allowed_by_hours(self, shape: VisitShape) -> int:
        plane = room_for(self._open, shape.presence)
        for edge in self.axis.edges[1:-1]:
            # A clinic open through the night: a visit belongs to one day all the same.
            if self._open >> (edge - 1) & 3 == 3:
                plane &= ~bits(edge - shape.presence + 1, edge)
        return plane

    def _allowed_by_last_end(self, shape: VisitShape) -> int:
        return room_for(self._before_last_end, shape.presence)

    def _allowed_by_grid(self, shape: VisitShape) -> int:
        return self._grid

    def _allowed_by_staff(self, shape: VisitShape) -> int:
        return room_for_needs(((self._staffed, shape.staffed),)) if self.snapshot.min_staff else -1

    def _allowed_by_chairs(self, shape: VisitShape) -> int:
        if shape.seat is None:
            return -1
        chairs, before, bay = self.snapshot.chairs, shape.before_bay, shape.bay
        whole = any_of(self.seat_starts(chair, shape.seat) for chair in chairs)
        if bay is None or not self.snapshot.bays:
            return whole
        begun = -1 if before is None else any_of(self.seat_starts(chair, before) for chair in chairs)
        return whole | (begun & any_of(self.seat_starts(one, bay) for one in self.snapshot.bays))

    def _allowed_by_nurses(self, shape: VisitShape) -> int:
        if not shape.needs_nurse:
            return -1
        return any_of(self.nurse_starts(nurse, shape) for nurse in self.snapshot.nurses)

    def _allowed_by_prescriber(self, shape: VisitShape) -> int:
        on_site = self.planes.on_site
        present = room_for_needs(((any_of(map(self.presence, on_site)), shape.present),))
        if not shape.with_patient:
            return present
        return present & any_of(self.with_patient_starts(one, shape) for one in on_site)

    def _allowed_by_equipment(self, shape: VisitShape) -> int:
        plane = -1
        for word, spans in shape.equipment:
            plane &= any_of(self.equipment_starts(one, word, spans) for one in self.snapshot.equipment)
        return plane

    def start_bits(self, phases: tuple[Phase, ...]) -> int:
        """The plane of direct starts over all days."""
        if phases not in self._starts:
            plane, shape = bits(0, self.axis.steps), shape_of(phases)
            for reason in REASONS:
                if plane:
                    plane &= self.allowed(reason, shape)
            self._starts[phases] = plane
        return self._starts[phases]

    def repack_bits(self, phases: tuple[Phase, ...]) -> int:
        """Starts that lack only the chair, while some chair is free at each moment: more than can be had by repack."""
        plane, shape = bits(0, self.axis.steps), shape_of(phases)
        if shape.seat is None or self.snapshot.seated is None:
            return 0
        for reason in REASONS:
            if plane and reason != "chairs":
                plane &= self.allowed(reason, shape)
        planes = self.planes
        some_free = any_of(self._whole & ~(planes.seats[one.id] | planes.out[one.id]) for one in self.snapshot.chairs)
        return plane & room_for_needs(((some_free, (shape.seat.span,)),)) & ~self.start_bits(phases)


@lru_cache(maxsize=64)
def _plain_grid(grid_minutes: int) -> int:
    return sum(1 << minute // STEP_MINUTES for minute in range(0, MINUTES_A_DAY, grid_minutes))
