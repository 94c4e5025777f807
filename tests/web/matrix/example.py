"""What one clinic's addresses are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from scheduling.models import Clinic


@dataclass
class Example:
    """One clinic with one of everything; `values` is what addresses are made of, by argument."""

    clinic: Clinic
    values: dict[str, str | int] = field(default_factory=dict)
    # Where one argument names different things, or a page wants it in another state: by route, then argument.
    of_route: dict[str, dict[str, str | int]] = field(default_factory=dict)

    def arguments(self, route: str, names: tuple[str, ...]) -> dict[str, str | int]:
        """What the address of this route is made of; KeyError for an argument nobody thought of."""
        own = self.of_route.get(route, {})
        return {name: own[name] if name in own else self.values[name] for name in names}
