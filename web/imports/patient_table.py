"""A row of a patient table (CSV) as a record: which columns it needs, and what other programs call them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from scheduling.patients_import import ImportedPatient
from web.imports.languages import language_code
from web.imports.patient_record import PatientRecord, RowRefused, birth_date, clean_text, death_time, gender

COLUMNS: Final = {
    "mrn": ("mrn", "medical_record_number", "patient_id", "chart_number", "id"),
    "given": ("given", "given_name", "first", "first_name", "firstname"),
    "family": ("family", "family_name", "last", "last_name", "lastname", "surname"),
    "birth_date": ("birth_date", "birthdate", "date_of_birth", "dob"),
    "preferred": ("preferred", "preferred_name", "nickname"),
    "deceased": ("deceased", "death_date", "deathdate", "deceased_at", "date_of_death"),
    "gender": ("gender", "sex"),
    "language": ("language", "preferred_language"),
    "phone": ("phone", "mobile", "cell", "phone_number", "telephone"),
    "email": ("email", "e-mail", "email_address"),
}
NEEDED: Final = ("mrn", "given", "family", "birth_date")
YES: Final = {"true", "yes", "y", "1"}
NO: Final = {"false", "no", "n", "0", ""}


class MissingColumns(Exception):
    """The table's first line does not name what is needed; `names` are those missing."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        super().__init__(", ".join(names))


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Which column holds what. Refuses with MissingColumns."""
    names = [name.strip().lower().replace(" ", "_") for name in header]
    found = {
        ours: names.index(theirs)
        for ours, choices in COLUMNS.items()
        if (theirs := next((choice for choice in choices if choice in names), None)) is not None
    }
    missing = [name for name in NEEDED if name not in found]
    if missing:
        raise MissingColumns(missing)
    return found


def patient_record(row: Sequence[str], columns: Mapping[str, int], width: int, now: datetime) -> PatientRecord:
    """Reads a row. Refuses with RowRefused; a row of another width has its values in the wrong columns."""
    if len(row) != width:
        raise RowRefused("", f"has {len(row)} values for {width} columns")
    longest = {"mrn": 80, "given": 120, "family": 120, "preferred": 120}
    said = {name: clean_text(row[index], name, longest.get(name, 254)) for name, index in columns.items()}
    if not said["mrn"]:
        raise RowRefused("mrn", "is missing")
    if not said["given"] and not said["family"]:
        raise RowRefused("family", "is missing, and given too")
    born = birth_date(said["birth_date"], "birth_date", now.date())
    died = said.get("deceased", "")
    is_time = died.lower() not in YES | NO
    patient = ImportedPatient(
        given_name=said["given"],
        family_name=said["family"],
        preferred_name=said.get("preferred", ""),
        birth_date=born,
        mrn=said["mrn"],
        gender=gender(said.get("gender", ""), "gender"),
        language=language_code(said.get("language", "")),
        is_deceased=died.lower() not in NO,
        deceased_at=death_time(died, "deceased", born, now) if is_time else None,
    )
    phones, emails = (tuple(filter(None, [said.get(name, "")])) for name in ("phone", "email"))
    return PatientRecord(patient, phones=phones, emails=emails)
