"""The infusions to place as layers for the search over days: which starts each has on a day, and in which groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from scheduling.date_paths import Group, Layer, Option
from scheduling.dose_windows import DoseWindows
from scheduling.free_starts import FreeStarts, Start
from scheduling.repacking import COST_OF_REPACK, RoomByRepack
from scheduling.reviews_between import NEVER, ReviewsBetween, step_of, worth_keeping
from scheduling.series_terms import DoseRequest
from scheduling.visit_shape import shape_of


class SeriesLayers:
    """Minutes off are counted from the `wished` minute of the day, and are 0 without one. `room` adds starts by repack,
    but not for infusions that may share a day."""

    def __init__(
        self,
        windows: DoseWindows,
        starts: FreeStarts,
        reviews: ReviewsBetween | None,
        room: RoomByRepack | None,
        wished: int | None,
    ) -> None:
        self.windows, self.starts, self.room, self.wished = windows, starts, room, wished
        self.reviews = reviews if reviews and reviews.reviews else None

    def all(self, doses: Sequence[DoseRequest]) -> list[Layer]:
        """One layer an infusion, in number order."""
        windows, layers = self.windows, []
        for index, dose in enumerate(doses):
            first, last = windows.day_bounds(dose.number)
            shares = index > 0 and windows.may_share_day(doses[index - 1].number, dose.number)
            layers.append(
                Layer(
                    first,
                    last,
                    self._groups(dose),
                    windows.links(dose.number),
                    windows.is_timed(dose.number),
                    shares,
                    shape_of(dose.phases).whole,
                    self._not_before(doses[index - 1]) if index else None,
                )
            )
        return layers

    def _not_before(self, before: DoseRequest) -> Callable[[int], int] | None:
        if not self._has_review(before.number):
            return None
        reviews, presence = self.reviews, shape_of(before.phases).presence
        assert reviews is not None  # noqa: S101 -- _has_review says so
        if self.windows.is_timed(before.number):
            return lambda mark: reviews.over(before.number, mark + presence)
        return lambda mark: mark

    def _has_review(self, number: int) -> bool:
        return self.reviews is not None and number in self.reviews.reviews

    def _groups(self, dose: DoseRequest) -> Callable[[int], Sequence[Group]]:
        """What is on a day depends on who asks: rules in hours tell all starts apart, a review those that differ in
        when it is over, and all others only want the best."""
        if self.windows.is_timed(dose.number):
            return lambda day: [(step, ((off, step),)) for off, step in self.openings(dose, day)]
        before = self._has_review(self.windows.number_before(dose.number))
        after = self._has_review(dose.number)
        if before or after:
            return lambda day: self._groups_by_review(dose, day)
        plane, allows_day = self.starts.plane(dose.phases), self.windows.allows_day
        repacks = self.room is not None and not self.windows.shares_a_day(dose.number)

        def best(day: int) -> Sequence[Group]:
            if not allows_day(dose.number, day):
                return ()
            found = self.starts.nearest(plane, day, self.wished)
            if found is None and repacks:
                found = next(self._by_repack(dose, day), None)
            return () if found is None else ((0, (found,)),)

        return best

    def _groups_by_review(self, dose: DoseRequest, day: int) -> Sequence[Group]:
        options = self.openings(dose, day)
        if not options or self.reviews is None:
            return ()
        if not self._has_review(dose.number):
            return ((0, worth_keeping(options)),)
        axis, presence = self.starts.axis, shape_of(dose.phases).presence
        ends = axis.first_step + axis.edges[axis.index[date.fromordinal(day)] + 1]
        groups = self.reviews.by_review(dose.number, options, presence, ends)
        return [(mark, worth_keeping(found)) for mark, found in groups]

    def openings(self, dose: DoseRequest, day: int) -> list[Option]:
        """All starts of the infusion on a day, by minutes off and time, those by repack last."""
        windows, number = self.windows, dose.number
        if not windows.allows_day(number, day):
            return []
        found = self._options(self.starts.on_day(self.starts.plane(dose.phases), day))
        if not windows.shares_a_day(number):
            found += self._by_repack(dose, day)
        if windows.is_timed(number):
            whole = shape_of(dose.phases).whole
            found = [option for option in found if windows.allows_start(number, option[1], whole)]
        return [option for option in found if self._reviews_fit(dose, option[1])]

    def _reviews_fit(self, dose: DoseRequest, step: int) -> bool:
        """Whether the reviews towards infusions that stand have their time."""
        windows, reviews = self.windows, self.reviews
        if reviews is None:
            return True
        before, after = windows.number_before(dose.number), windows.number_after(dose.number)
        stands = windows.known.get(before)
        if stands is not None and self._has_review(before) and reviews.over(before, step_of(stands)) > step:
            return False
        if not self._has_review(dose.number):
            return True
        over, then = reviews.over(dose.number, step + shape_of(dose.phases).presence), windows.known.get(after)
        return over < NEVER if then is None else over <= step_of(then)

    def _by_repack(self, dose: DoseRequest, day: int) -> Iterator[Option]:
        """In the order of their minutes off; each is dealt only when asked for."""
        if self.room is not None:
            for off, step in self._options(self.room.on_day(dose.phases, day)):
                if self.room.dealt(dose.phases, step) is not None:
                    yield off + COST_OF_REPACK, step

    def _options(self, starts: Sequence[Start]) -> list[Option]:
        return sorted((0 if self.wished is None else abs(minute - self.wished), step) for minute, step in starts)

    def minutes(self, doses: Sequence[DoseRequest], days: Sequence[set[int]]) -> list[set[int]]:
        """For each infusion the minutes of the day at which it could start on its days."""
        found = []
        for dose, allowed in zip(doses, days, strict=True):
            plane = self.starts.plane(dose.phases) | (self.room.plane(dose.phases) if self.room else 0)
            found.append({minute for day in allowed for minute, _ in self.starts.on_day(plane, day)})
        return found
