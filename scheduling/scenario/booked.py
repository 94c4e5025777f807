"""The visits a scenario has booked already, one entry each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from scheduling.capacity import STEP_MINUTES
from scheduling.scenario import values
from scheduling.scenario.fields import NOT_A_LIST, Fields, Reading
from scheduling.scenario.phases import PhaseReader
from scheduling.scenario.resources import Kind
from scheduling.visit_shape import VisitShape

KNOWN: Final = frozenset(
    (
        "id", "patient", "dose", "chair", "bay", "nurse", "prescriber", "prescribers", "equipment", "start", "end",
        "phases", "pinned", "movable",
    )
)  # fmt: skip
MOST_DOSES: Final = 366
STEP: Final = timedelta(minutes=STEP_MINUTES)
A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BookedVisit:
    """`end` is when the patient leaves. Without a `shape` the chair and the nurse's watch are taken until `end`."""

    path: str
    id: str
    patient: str | None
    dose: int | None
    start: datetime
    end: datetime
    shape: VisitShape | None
    chair: str | None
    bay: str | None
    nurse: str | None
    prescriber: str | None
    equipment: tuple[str, ...]
    pinned: bool
    movable: bool


@dataclass(frozen=True, slots=True)
class _Rows:
    """What each entry is read with: what there is, and which names are taken."""

    reading: Reading
    phases: PhaseReader
    ids: Mapping[Kind, frozenset[str]] | None
    taken: set[str]


def read_booked(
    value: Any, reading: Reading, phases: PhaseReader, ids: Mapping[Kind, frozenset[str]] | None
) -> list[BookedVisit]:
    """The sound entries. `ids` are the resources there are, by kind, and another one is noted; None says nothing."""
    if value is None:
        return []
    if not isinstance(value, list):
        reading.wrong("booked", NOT_A_LIST)
        return []
    rows = _Rows(reading, phases, ids, set())
    found = (_visit(Fields(entry, f"booked[{index}]", reading, KNOWN), rows) for index, entry in enumerate(value))
    return [visit for visit in found if visit is not None]


def _visit(entry: Fields, rows: _Rows) -> BookedVisit | None:
    name = entry.name("id", "booked") or entry.path
    if name in rows.taken:
        entry.wrong("id", f"{values.said(name)} is used above")
    rows.taken.add(name)
    patient, dose = entry.name("patient", "patient"), entry.read("dose", values.whole(1, MOST_DOSES))
    chair, bay = _known(entry, "chair", "chairs", rows), _known(entry, "bay", "bays", rows)
    nurse, prescriber = _known(entry, "nurse", "nurses", rows), _prescriber(entry, rows)
    equipment = tuple(entry.each("equipment", lambda value: _there(values.name(value), "equipment", rows)))
    pinned, movable = entry.read("pinned", values.flag), entry.read("movable", values.flag)
    start = entry.needed("start", entry.reading.instant)
    shape, end = _length(entry, start, rows)
    if start is None or end is None:
        return None
    return BookedVisit(
        entry.path, name, patient, dose, start, end, shape, chair, bay, nurse, prescriber, equipment,
        bool(pinned), bool(movable),
    )  # fmt: skip


def _length(entry: Fields, start: datetime | None, rows: _Rows) -> tuple[VisitShape | None, datetime | None]:
    """What its phases need, if it has any, and the end of the patient's presence."""
    end, said = entry.instant("end"), entry.data.get("phases")
    if start is not None and end is not None and not timedelta() < end - start < A_DAY:
        entry.wrong("end", "is not after start" if end <= start else "is 24 hours after start, or more")
        end = None
    if said is None:
        if entry.data.get("end") is None:
            entry.wrong("end", "is needed, or phases")
        return None, end
    shape = rows.phases.shape(said, entry.at("phases"))
    if shape is None or start is None:
        return None, None
    if end is not None and end - start not in (shape.presence * STEP, shape.whole * STEP):
        entry.wrong("end", "is not where its phases end; one of the two is enough")
    return shape, start + shape.presence * STEP


def _known(entry: Fields, key: str, kind: Kind, rows: _Rows) -> str | None:
    return entry.read(key, lambda value: _there(values.name(value), kind, rows))


def _there(name: str, kind: Kind, rows: _Rows) -> str:
    if rows.ids is not None and name not in rows.ids[kind]:
        raise values.WrongValue(f"{values.said(name)} is not under clinic.{kind}")
    return name


def _prescriber(entry: Fields, rows: _Rows) -> str | None:
    """The one who is with the patient: the first where several are named."""
    one = _known(entry, "prescriber", "prescribers", rows)
    several = entry.each("prescribers", lambda value: _there(values.name(value), "prescribers", rows))
    return one or next(iter(several), None)
