"""One start that a clinic refuses: where it lies on its day, and how long what stands against it lasts, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from scheduling.bit_planes import Span, bits
from scheduling.capacity import Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.clinic_time import ClinicTime
from scheduling.visit_shape import shape_of
from scheduling.why_not import WhyNot, Words

# What began by the start of the visit only needs an end.
SPELLS = {
    "until": "until %(until)s",
    "rest": "for the rest of the day",
    "from_to": "from %(from)s to %(until)s",
    "from_on": "from %(from)s on",
    "before": "before %(until)s",
    "after": "after %(from)s",
    "all_day": "on %(day)s",
}


class RefusedStart:
    """Steps are those of the clinic's axis. Refuses with KeyError a day that the clinic does not know."""

    def __init__(
        self, capacity: ClinicCapacity, start: datetime, phases: tuple[Phase, ...], names: Mapping[str, str]
    ) -> None:
        self.capacity, self.phases, self.shape, self.names = capacity, phases, shape_of(phases), names
        self.clock: ClinicTime = capacity.clock
        self.start, self.day = start.astimezone(UTC), self.clock.local_day(start)
        index = capacity.axis.index[self.day]
        self.opens, self.closes = capacity.axis.edges[index], capacity.axis.edges[index + 1]
        self.at = capacity.axis.step(start)
        self.opening = capacity.axis.inner(capacity.snapshot.open.get(self.day, ())) or bits(self.opens, self.closes)

    @property
    def is_on_a_step(self) -> bool:
        return self.capacity.instant(self.at) == self.start

    def refuses(self, reason: str) -> bool:
        return not self.capacity.allowed(reason, self.shape) >> self.at & 1

    def of_day(self, plane: int) -> int:
        """The part of a plane that lies on the day."""
        return plane & bits(self.opens, self.closes)

    def first_in(self, plane: int, spans: Iterable[Span]) -> int | None:
        """The first step of the visit's spans that is set in a plane."""
        wanted = sum(bits(self.at + first, self.at + after) for first, after in spans) & plane
        return (wanted & -wanted).bit_length() - 1 if wanted else None

    def next_of(self, plane: int) -> int:
        """The first step of the day from the start on that is set; the end of the day when none is."""
        left = self.of_day(plane) >> self.at
        return self.at + (left & -left).bit_length() - 1 if left else self.closes

    def run(self, plane: int, step: int) -> Span:
        """The steps around one that are set in a plane without a gap, up to the edges of the day."""
        below = ~plane & bits(self.opens, step)
        above = ~plane & bits(step, self.closes)
        first = below.bit_length() if below else self.opens
        return first, (above & -above).bit_length() - 1 if above else self.closes

    def spell(self, plane: int, step: int) -> Words:
        """How long it lasts that a plane is set, as seen from the start of the visit."""
        return self.span(*self.run(plane, step))

    def span(self, first: int, after: int) -> Words:
        """As spell, for steps that are known."""
        if first <= self.at:
            return self._words("rest" if after >= self.closes else "until", first, after)
        return self._words("from_on" if after >= self.closes else "from_to", first, after)

    def absence(self, plane: int, step: int) -> Words:
        """How long it lasts that nobody is there, as seen from the opening hours."""
        first, after = self.run(plane, step)
        early, late = not self.opening & bits(0, first), not self.opening >> after
        name = "all_day" if early and late else "before" if early else "after" if late else "from_to"
        return self._words(name, first, after)

    def _words(self, name: str, first: int, after: int) -> Words:
        return Words(SPELLS[name], {"from": self.local(first), "until": self.local(after), "day": self.day})

    def local(self, step: int) -> datetime:
        return self.clock.local(self.capacity.instant(step))

    def because(self, rule: str, text: str, *, resource_id: str | None = None, **values: object) -> WhyNot:
        """A reason; with a resource's id its name is told, too."""
        name = {} if resource_id is None else {"name": self.names.get(resource_id, resource_id)}
        resource = rule if rule in ("nurses", "prescriber", "staff", "chairs", "equipment", "patient") else None
        return WhyNot(rule, None, resource, text, {**name, **values}, resource_id)
