"""A clinic file's scheduling part: what is wrong with it, by key and line. `clinic_setup` applies it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from scheduling.capacity import STEP_MINUTES, Phase
from scheduling.clinic_schema import SCHEMA
from scheduling.clinic_time import WEEKDAYS, AmbiguousTime, ClinicTime, NonexistentTime, UnknownZone, WallRange
from scheduling.intervals import Interval
from scheduling.marked_yaml import FileProblem, Lines
from scheduling.models import Appointment, Clinic, Membership
from scheduling.protocol_template import ProtocolTemplate
from scheduling.schema_errors import Path, path_steps, schema_errors
from scheduling.spacing import InvalidFields

Found = Iterator[tuple[Path, str]]
RESOURCE_KEYS = ("chairs", "bays", "equipment", "nurses", "prescribers")


def check(section: object, at: Lines) -> list[FileProblem]:
    """Everything wrong with the scheduling part of a clinic file, in the file's order; empty when it may be applied.

    Reads no rows. What only makes sense of a well-formed file is looked at once the schema has nothing to say.
    """
    found = schema_errors(SCHEMA, section)
    if isinstance(section, Mapping):
        found += _plans(section)
    if not found and isinstance(section, Mapping):
        found = [*_clinic(section["clinic"]), *_resources(section), *_staff(section), *_visit_types(section)]
        found += [*_codes(section, "protocols"), *_lacks(section)]
    return sorted({at.problem(path, said) for path, said in found})


def check_against_rows(section: Mapping[str, Any], at: Lines) -> list[FileProblem]:
    """What a sound file can't do here: move the zone under booked visits, take over another organisation's staff."""
    found: list[tuple[Path, str]] = []
    organisation, wanted = section["organisation"]["slug"], section["clinic"]
    clinic = Clinic.objects.filter(organisation__slug=organisation, slug=wanted["slug"]).first()
    if clinic and clinic.time_zone != wanted["time_zone"] and Appointment.objects.filter(clinic=clinic).exists():
        found.append((("clinic", "time_zone"), f"stays {clinic.time_zone}: visits are booked in it"))
    names = {person["username"]: index for index, person in enumerate(section.get("staff", []))}
    elsewhere = Membership.objects.filter(user__username__in=names).exclude(clinic__organisation__slug=organisation)
    # At a practice clinic people of all organisations may learn.
    elsewhere = elsewhere.exclude(clinic__is_practice=True)
    found += [
        (("staff", names[username], "username"), "belongs to a person of another organisation")
        for username in elsewhere.values_list("user__username", flat=True).distinct()
    ]
    return sorted(at.problem(path, said) for path, said in found)


def weekdays(key: str) -> tuple[str, ...]:
    """The days a key such as "mon-fri" or "sat" means; "fri-mon" goes over the week's end."""
    first, _, last = key.partition("-")
    start, count = WEEKDAYS.index(first), len(WEEKDAYS)
    length = (WEEKDAYS.index(last or first) - start) % count + 1
    return tuple(WEEKDAYS[(start + step) % count] for step in range(length))


def wall_times(text: str) -> tuple[time, time]:
    """The two wall times of "08:00-18:00". Refuses with ValueError what the clinic's tables can't keep."""
    found = WallRange.from_text(text)
    if found.start % STEP_MINUTES or found.end % STEP_MINUTES:
        raise ValueError(f'"{text}" is not in steps of {STEP_MINUTES} minutes')
    if found.end == 24 * 60:
        raise ValueError(f'"{text}" ends at midnight: write 23:55')
    return time(*divmod(found.start, 60)), time(*divmod(found.end, 60))


def closure_period(entry: Mapping[str, str], clock: ClinicTime) -> Interval:
    """When a closure is: a whole `date`, a `date` with `hours`, or `starts` to `ends`. Refuses with ValueError."""
    match sorted(entry.keys() - {"reason"}):
        case ["date"]:
            return clock.day_bounds(date.fromisoformat(entry["date"]))
        case ["date", "hours"]:
            day, (starts, ends) = date.fromisoformat(entry["date"]), wall_times(entry["hours"])
            return Interval(clock.at_wall(day, starts), clock.at_wall(day, ends))
        case ["ends", "starts"]:
            first, last = (datetime.fromisoformat(entry[key]) for key in ("starts", "ends"))
            return Interval(clock.at_wall(first.date(), first.time()), clock.at_wall(last.date(), last.time()))
        case _:
            raise ValueError("has a date, or a date and hours, or starts and ends")


def _clinic(clinic: Mapping[str, Any]) -> Found:
    yield from _week(clinic["hours"], ("clinic", "hours"))
    if not clinic["hours"]:
        yield ("clinic", "hours"), "is empty"
    try:
        clock = ClinicTime(clinic["time_zone"])
    except UnknownZone as error:
        yield ("clinic", "time_zone"), str(error)
        return
    closed: list[Interval] = []
    for index, entry in enumerate(clinic.get("closures", [])):
        path = ("clinic", "closures", index)
        try:
            period = closure_period(entry, clock)
        except (ValueError, NonexistentTime, AmbiguousTime) as error:
            yield path, str(error)
            continue
        if any(period.overlaps(other) for other in closed):
            yield path, "overlaps a closure above"
        closed.append(period)


def _week(week: Mapping[str, list[str]], path: Path) -> Found:
    taken: dict[str, list[WallRange]] = {}
    for key, ranges in week.items():
        for index, text in enumerate(ranges):
            try:
                wall_times(text)
            except ValueError as error:
                yield (*path, key, index), str(error)
                continue
            new = WallRange.from_text(text)
            for day in weekdays(key):
                if any(new.start < old.end and old.start < new.end for old in taken.setdefault(day, [])):
                    yield (*path, key, index), f"overlaps other times on {day}"
                    break
                taken[day].append(new)


def _codes(section: Mapping[str, Any], *lists: str) -> Found:
    """A code names one thing; resources share one space of codes."""
    seen: Counter[str] = Counter()
    for name in lists:
        for index, entry in enumerate(section.get(name, [])):
            seen[entry["code"]] += 1
            if seen[entry["code"]] > 1:
                yield (name, index, "code"), f"{entry['code']} is used above"


def _resources(section: Mapping[str, Any]) -> Found:
    yield from _codes(section, *RESOURCE_KEYS)
    roles = {person["username"]: person["roles"] for person in section.get("staff", [])}
    for name, role in (("nurses", "nurse"), ("prescribers", "prescriber")):
        users: set[str] = set()
        for index, entry in enumerate(section.get(name, [])):
            path: Path = (name, index)
            user = entry.get("user")
            if user is not None and role not in roles.get(user, []):
                yield (*path, "user"), f"{user} is not under staff with the role {role}"
            if user in users:
                yield (*path, "user"), f"{user} stands above too"
            users.update(filter(None, [user]))
            if entry.get("watch_while_attending", 0) > entry.get("watch", 0):
                yield (*path, "watch_while_attending"), f"is at most watch ({entry['watch']})"
            yield from _week(entry.get("shifts", {}), (*path, "shifts"))
            for number, shift in enumerate(entry.get("dated_shifts", [])):
                yield from _dated_shift(shift, (*path, "dated_shifts", number))


def _dated_shift(shift: Mapping[str, str], path: Path) -> Found:
    try:
        wall_times(shift["hours"])
        first, last = (date.fromisoformat(shift[key]) if key in shift else None for key in ("from", "until"))
    except ValueError as error:
        yield path, str(error)
        return
    if first and last and last < first:
        yield (*path, "until"), "is before from"


def _staff(section: Mapping[str, Any]) -> Found:
    seen: set[str] = set()
    for index, person in enumerate(section.get("staff", [])):
        if person["username"].casefold() in seen:
            yield ("staff", index, "username"), f"{person['username']} is used above"
        seen.add(person["username"].casefold())


def _visit_types(section: Mapping[str, Any]) -> Found:
    yield from _codes(section, "visit_types")
    for index, entry in enumerate(section.get("visit_types", [])):
        for number, phase in enumerate(entry["phases"]):
            if entry.get("mode", "in_person") != "in_person" and phase.get("chair", True):
                yield (
                    ("visit_types", index, "phases", number),
                    f"a {entry['mode']} visit takes no chair: say chair: false",
                )


def _plans(section: Mapping[str, Any]) -> Found:
    """Phases and templates have readers of their own, which may find fault while the schema does too."""
    for name, _, prefix, entry in _with_phases(section):
        try:
            if name == "visit_types":
                Phase.list_from(entry, prefix)
            else:
                ProtocolTemplate.from_dict(entry, prefix)
        except InvalidFields as error:
            yield from ((path_steps(path), said) for path, said in error.errors.items())


def _with_phases(section: Mapping[str, Any]) -> Iterator[tuple[str, int, str, Any]]:
    for name, key in (("visit_types", "phases"), ("protocols", "template")):
        entries = section.get(name)
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            if isinstance(entry, Mapping) and key in entry:
                yield name, index, f"{name}[{index}].{key}", entry[key]


def _lacks(section: Mapping[str, Any]) -> Found:
    """What phases need and this clinic has not got."""
    chairs = [set(chair.get("features", [])) for chair in section.get("chairs", [])]
    for name, index, _, entry in _with_phases(section):
        phases = Phase.list_from(entry if name == "visit_types" else entry["phases"])
        above: Path = (name, index, "phases") if name == "visit_types" else (name, index, "template", "phases")
        for number, phase in enumerate(phases):
            path = (*above, number)
            if phase.chair and not any(phase.features <= chair for chair in chairs):
                yield path, f"needs a chair with {', '.join(phase.features)}" if phase.features else "needs a chair"
            if phase.nurse != "none" and not section.get("nurses"):
                yield path, "needs a nurse, and there is none"
            if phase.prescriber != "none" and not section.get("prescribers"):
                yield path, "needs a prescriber, and there is none"
