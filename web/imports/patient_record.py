"""One patient as a file has them, before anything is written; and the checks every format shares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from scheduling.patients_import import ImportedPatient

EARLIEST_YEAR = 1880
GENDERS = {"male": "male", "m": "male", "female": "female", "f": "female", "other": "other", "o": "other",
           "unknown": "unknown", "u": "unknown", "": ""}  # fmt: skip
_WHOLE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class RowRefused(Exception):
    """A record can't be taken in: at which `field`, and why, without saying what stood there."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field} {reason}".strip())


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """A patient and the contacts the file gives, in its order of preference."""

    patient: ImportedPatient
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()

    @property
    def keys(self) -> list[tuple[str, str]]:
        """What finds the patient again."""
        own = [("", self.patient.mrn)] if self.patient.mrn else []
        return own + list(self.patient.identifiers)


def clean_text(value: str, field: str, longest: int) -> str:
    """The text with single spaces. Refuses what the database can't keep: NUL, broken Unicode, more than `longest`."""
    if "\x00" in value:
        raise RowRefused(field, "has a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise RowRefused(field, "is not valid UTF-8") from error
    text = " ".join(value.split())
    if len(text) > longest:
        raise RowRefused(field, f"is longer than {longest} characters")
    return text


def birth_date(text: str, field: str, today: date) -> date:
    """A whole date that a living memory reaches. A year or month alone can't tell patients apart."""
    if not text:
        raise RowRefused(field, "is missing")
    try:
        found = date.fromisoformat(text) if _WHOLE_DATE.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise RowRefused(field, "is not a whole date written YYYY-MM-DD")
    if not found.year >= EARLIEST_YEAR or found > today:
        raise RowRefused(field, f"is not between {EARLIEST_YEAR} and today")
    return found


def death_time(text: str, field: str, born: date, now: datetime) -> datetime:
    """An instant, or the start of the day, month or year that is said (UTC where no offset is)."""
    partial = _PARTIAL_DATE.fullmatch(text)
    try:
        if partial:
            year, month, day = (int(part or 1) for part in partial.groups())
            found = datetime(year, month, day, tzinfo=UTC)
            # A year alone may begin before the birth it contains.
            found = max(found, datetime(born.year, born.month, born.day, tzinfo=UTC)) if partial[3] is None else found
        else:
            found = datetime.fromisoformat(text)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
        found = found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RowRefused(field, "is not a date or time") from error
    if found > now or found.year < born.year:
        raise RowRefused(field, "is not between the birth and now")
    return found


def gender(text: str, field: str) -> str:
    """FHIR's administrative gender, also from M, F, O, U."""
    try:
        return GENDERS[text.lower()]
    except KeyError as error:
        raise RowRefused(field, "is not male, female, other or unknown") from error
