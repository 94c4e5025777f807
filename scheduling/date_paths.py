"""The K best ways to give each infusion of a series a day and a start: exact dynamic programming over days.

Knows day numbers (date ordinals), 5-minute steps and rules between infusions; nothing of clinics, chairs or nurses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scheduling.capacity import STEP_MINUTES
from scheduling.spacing import Unit

DAYS_A_WEEK = 7
# (cost: minutes off the wished time, and more for a start by repack; absolute step of the start)
Option = tuple[int, int]
# Starts that later infusions can't tell apart, the best first, with the mark by which they know them.
Group = tuple[int, Sequence[Option]]
# (minutes off in all, day numbers, steps): compares as proposals rank among those of one finish day.
Path = tuple[int, tuple[int, ...], tuple[int, ...]]
Key = tuple[tuple[int, int], ...]
NOWHERE: Path = (0, (), ())


@dataclass(frozen=True, slots=True)
class Link:
    """The infusion lies `least` to `most` units after that of the layer `before`."""

    before: int
    unit: Unit
    least: int | None
    most: int | None


@dataclass(frozen=True)
class Layer:
    """One infusion to place. `options(day)` gives its starts on a day in groups: of a group the first that the rules
    let follow is taken. The mark is the step where a rule in hours looks at it (`timed`). `not_before` tells from the
    mark of the infusion before the step from which on this one may start: a review lies between. `whole` is its length
    in steps with turnover."""

    first_day: int
    last_day: int
    options: Callable[[int], Sequence[Group]]
    links: tuple[Link, ...] = ()
    timed: bool = False
    may_share_day: bool = False
    whole: int = 0
    not_before: Callable[[int], int] | None = None


@dataclass(frozen=True)
class SeriesRules:
    """Rules over the whole series. `week_taken` counts, by week number, infusions that stand already; `open_count` has
    for each day the number of open days up to it."""

    within_days: int | None = None
    per_week: int | None = None
    week_taken: Mapping[int, int] = field(default_factory=dict)
    open_count: Mapping[int, int] = field(default_factory=dict)


class PathSearch:
    """What was found, best first, and for each layer the days that rules allowed, that had a start, that were used."""

    def __init__(self, layers: int) -> None:
        self.found: list[Path] = []
        self.allowed: list[set[int]] = [set() for _ in range(layers)]
        self.had_start: list[set[int]] = [set() for _ in range(layers)]
        self.reached: list[set[int]] = [set() for _ in range(layers)]


def week_number(day: int) -> int:
    """Calendar weeks begin on Monday; day number 1 is one."""
    return (day - 1) // DAYS_A_WEEK


def best_paths(
    layers: Sequence[Layer],
    days: Iterable[int],
    keep: int,
    rules: SeriesRules,
    out_of_time: Callable[[], bool],
    *,
    narrow: int | None = None,
) -> PathSearch:
    """The `keep` best paths with distinct day vectors, by finish day, minutes off, days, then starts.

    Days are taken in ascending order, so the finish days come out in order and the search ends at the K-th path. What
    is kept apart (the key of a state) is every earlier day that a later rule refers to, so the K best of each state
    hold the K best of all. When `out_of_time()` turns true, what was found so far is returned. `narrow` keeps only so
    many states of an infusion and a day: not exact, but through in time where the exact search is not.
    """
    search = PathSearch(len(layers))
    needed = _what_is_needed(layers, rules)
    states: list[dict[int, dict[Key, list[Path]]]] = [{} for _ in layers]
    for day in days:
        for index, layer in enumerate(layers):
            if not layer.first_day <= day <= layer.last_day:
                continue
            if out_of_time():
                return search
            before = _before(index, day, layer, states)
            if not before:
                continue
            search.allowed[index].add(day)
            groups = layer.options(day)
            if not groups:
                continue
            search.had_start[index].add(day)
            here = _extend(index, day, groups, before, layers, needed, rules, out_of_time)
            if here:
                search.reached[index].add(day)
                if narrow is not None and len(here) > narrow:
                    here = dict(sorted(here.items(), key=lambda state: min(state[1]))[:narrow])
                states[index][day] = {key: _best(paths, keep) for key, paths in here.items()}
        finished = states[-1].pop(day, None)
        if finished:
            search.found += _best([path for paths in finished.values() for path in paths], keep - len(search.found))
            if len(search.found) >= keep:
                break
    return search


def _what_is_needed(layers: Sequence[Layer], rules: SeriesRules) -> list[tuple[int, ...]]:
    """For each layer the layers whose days its states keep apart: the last one, and all that later rules refer to."""
    needed = []
    for index in range(len(layers)):
        wanted = {link.before for layer in layers[index + 1 :] for link in layer.links if link.before <= index}
        wanted |= {index} | ({0} if rules.within_days is not None else set())
        needed.append(tuple(sorted(wanted)))
    return needed


def _before(
    index: int,
    day: int,
    layer: Layer,
    states: list[dict[int, dict[Key, list[Path]]]],
) -> list[tuple[int, dict[Key, list[Path]]]]:
    """The states of the layer before from which rules in days let this day follow."""
    if index == 0:
        return [(0, {(): [NOWHERE]})]
    least, most = (0 if layer.may_share_day else 1), day
    for link in layer.links:
        if link.before == index - 1 and link.unit == "days":
            least = max(least, link.least or 0)
            most = most if link.most is None else min(most, link.most)
    earlier = states[index - 1]
    if most - least < len(earlier):
        return [(last, earlier[last]) for last in range(day - most, day - least + 1) if last in earlier]
    return [(last, found) for last, found in earlier.items() if least <= day - last <= most]


def _extend(
    index: int,
    day: int,
    groups: Sequence[Group],
    before: list[tuple[int, dict[Key, list[Path]]]],
    layers: Sequence[Layer],
    needed: list[tuple[int, ...]],
    rules: SeriesRules,
    out_of_time: Callable[[], bool],
) -> dict[Key, list[Path]]:
    week = week_number(day)
    in_week = rules.week_taken.get(week, 0)
    room_in_week = None if rules.per_week is None else rules.per_week - in_week
    here: dict[Key, list[Path]] = {}
    for last, found in before:
        for key, paths in found.items():
            if out_of_time():
                return here
            placed = dict(zip(needed[index - 1], key, strict=False)) if index else {}
            count = 0
            if room_in_week is not None:
                count = 1 + (key[-1][0] if index and week_number(last) == week else 0)
                if count > room_in_week:
                    continue
            if rules.within_days is not None and index and day - placed[0][0] >= rules.within_days:
                continue
            for mark, options in groups:
                for off, step in options:  # noqa: B007 -- the one that follows is used below
                    if not index or _follows(day, step, last, placed, index, layers, rules):
                        break
                else:
                    continue
                placed[index] = (day, mark)
                state = tuple(placed[one] for one in needed[index])
                if room_in_week is not None:
                    state += ((count, 0),)
                into = here.setdefault(state, [])
                into += [(sum_off + off, (*days, day), (*steps, step)) for sum_off, days, steps in paths]
    return here


def _follows(
    day: int,
    step: int,
    last: int,
    placed: Mapping[int, tuple[int, int]],
    index: int,
    layers: Sequence[Layer],
    rules: SeriesRules,
) -> bool:
    # On one day the earlier visit's chair is turned over first, so that the two can never want the same chair.
    if last == day and step < placed[index - 1][1] + layers[index - 1].whole:
        return False
    not_before = layers[index].not_before
    if not_before is not None and step < not_before(placed[index - 1][1]):
        return False
    for link in layers[index].links:
        anchor_day, anchor_step = placed[link.before]
        if link.unit == "days":
            distance, scale = day - anchor_day, 1
        elif link.unit == "hours":
            distance, scale = (step - anchor_step) * STEP_MINUTES, 60
        else:
            distance, scale = rules.open_count[day] - rules.open_count[anchor_day], 1
        if link.least is not None and distance < link.least * scale:
            return False
        if link.most is not None and distance > link.most * scale:
            return False
    return True


def _best(paths: list[Path], keep: int) -> list[Path]:
    """The best `keep` with distinct day vectors: of one vector only its best starts."""
    paths.sort()
    kept: list[Path] = []
    seen: set[tuple[int, ...]] = set()
    for path in paths:
        if len(kept) == keep:
            break
        if path[1] not in seen:
            seen.add(path[1])
            kept.append(path)
    return kept
