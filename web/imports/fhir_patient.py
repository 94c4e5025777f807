"""A FHIR R4 Patient resource as a record. Social security, licence and passport numbers are not taken in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scheduling.patients_import import Identifier, ImportedPatient
from web.imports.languages import language_code
from web.imports.patient_record import PatientRecord, RowRefused, birth_date, clean_text, death_time, gender

NAME_USES = ("official", None, "usual", "temp", "nickname", "anonymous")
NOT_KEPT_TYPES = {"SS", "SB", "DL", "PPN", "TAX", "NI"}
NOT_KEPT_SYSTEMS = ("http://hl7.org/fhir/sid/us-ssn",)
ANIMAL = "http://hl7.org/fhir/StructureDefinition/patient-animal"


def patient_record(resource: Any, now: datetime) -> PatientRecord:
    """Reads a Patient. Refuses with RowRefused what is not one, not a person's, replaced, or can't be found again."""
    if not isinstance(resource, Mapping):
        raise RowRefused("", "is not a JSON object")
    kind = resource.get("resourceType")
    if kind != "Patient":
        raise RowRefused("resourceType", f"is {kind}, not Patient" if _is_name(kind) else "is not Patient")
    if resource.get("active") is False:
        raise RowRefused("active", "is false: the record is not in use")
    if any(link.get("type") == "replaced-by" for link in _objects(resource, "link")):
        raise RowRefused("link", "says another record replaced this one")
    if any(extension.get("url") == ANIMAL for extension in _objects(resource, "extension")):
        raise RowRefused("extension", "says this is an animal")
    mrn, identifiers = _identifiers(resource)
    given, family, preferred = _names(resource)
    born = birth_date(_text(resource, "birthDate", "birthDate"), "birthDate", now.date())
    died = _text(resource, "deceasedDateTime", "deceasedDateTime")
    languages = _languages(resource)
    patient = ImportedPatient(
        given_name=given,
        family_name=family,
        preferred_name=preferred,
        birth_date=born,
        mrn=mrn,
        identifiers=identifiers,
        gender=gender(_text(resource, "gender", "gender"), "gender"),
        language=languages[0],
        second_language=languages[1],
        is_deceased=bool(died) or resource.get("deceasedBoolean") is True,
        deceased_at=death_time(died, "deceasedDateTime", born, now) if died else None,
    )
    return PatientRecord(patient, phones=_telecom(resource, "phone", "sms"), emails=_telecom(resource, "email"))


def _is_name(value: object) -> bool:
    """A resource type can be said aloud; anything else might be a patient's words in the wrong place."""
    return isinstance(value, str) and value.isalpha() and value[:1].isupper() and len(value) <= 40


def _objects(holder: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = holder.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise RowRefused(key, "is not a list of objects")
    return value


def _object(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = holder.get(key, {})
    if not isinstance(value, Mapping):
        raise RowRefused(key, "is not an object")
    return value


def _text(holder: Mapping[str, Any], key: str, field: str, longest: int = 200) -> str:
    value = holder.get(key, "")
    if not isinstance(value, str):
        raise RowRefused(field, "is not a text")
    return clean_text(value, field, longest)


def _identifiers(resource: Mapping[str, Any]) -> tuple[str, tuple[Identifier, ...]]:
    mrn = ""
    kept: dict[Identifier, None] = {}
    for entry in _objects(resource, "identifier"):
        system = _text(entry, "system", "identifier.system")
        types = {_text(coding, "code", "identifier.type") for coding in _objects(_object(entry, "type"), "coding")}
        if entry.get("use") == "old" or types & NOT_KEPT_TYPES or system in NOT_KEPT_SYSTEMS:
            continue
        value = _text(entry, "value", "identifier.value")
        if value and "MR" in types and not mrn:
            mrn = clean_text(value, "identifier.value", 80)
        if value and system:
            kept[system, value] = None
    if not mrn and not kept:
        raise RowRefused("identifier", "has no MRN and no other number to find this patient by again")
    return mrn, tuple(kept)


def _names(resource: Mapping[str, Any]) -> tuple[str, str, str]:
    """Given and family name as in law, and the given name a person goes by where another is marked usual."""
    by_use: dict[str | None, Mapping[str, Any]] = {}
    for name in _objects(resource, "name"):
        use = name.get("use")
        by_use.setdefault(use if isinstance(use, str) else None, name)
    chosen = next((by_use[use] for use in NAME_USES if use in by_use), None)
    if chosen is None:
        raise RowRefused("name", "is missing")
    given, family = _given(chosen), _text(chosen, "family", "name.family", 120)
    if not given and not family:
        family = _text(chosen, "text", "name.text", 120)
    if not given and not family:
        raise RowRefused("name", "has no family name, given name or text")
    called = next((_given(by_use[use]) for use in ("nickname", "usual") if use in by_use), "")
    return given, family, called if called != given else ""


def _given(name: Mapping[str, Any]) -> str:
    parts = name.get("given", [])
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise RowRefused("name.given", "is not a list of texts")
    return clean_text(" ".join(parts), "name.given", 120)


def _languages(resource: Mapping[str, Any]) -> tuple[str, str]:
    """The preferred language and the next one."""
    entries = _objects(resource, "communication")
    found: dict[str, None] = {}
    for entry in sorted(entries, key=lambda one: one.get("preferred") is not True):
        language = _object(entry, "language")
        codings = [_text(coding, "code", "communication.language") for coding in _objects(language, "coding")]
        code = language_code(next(filter(None, codings), "") or _text(language, "text", "communication.language"))
        if code:
            found[code] = None
    first, second, *_ = [*found, "", ""]
    return first, second


def _telecom(resource: Mapping[str, Any], *systems: str) -> tuple[str, ...]:
    entries = [e for e in _objects(resource, "telecom") if e.get("system") in systems and e.get("use") != "old"]
    ranked = sorted(entries, key=lambda e: e["rank"] if isinstance(e.get("rank"), int) else 1_000)
    values = [_text(entry, "value", "telecom.value", 254) for entry in ranked]
    return tuple(filter(None, values))
