"""`import_patients` with the 615 patients nobody here wrote, and the official FHIR examples."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from notifications.models import Address, PatientAddress
from scheduling.events import Actor, Entry, record
from scheduling.models import Event, EventToPlan, Organisation, Patient, PatientIdentifier
from tests.fakes.shared_inputs import shared_file
from web.patient_search import look_for

NDJSON = "real/synthea/patients_r4.ndjson"
CSV = "real/synthea/patients_r4.csv"
CREATED = "created 615, changed 0, unchanged 0, refused 0"
UNCHANGED = "created 0, changed 0, unchanged 615, refused 0"


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def organisation(db: None) -> Organisation:
    return new_organisation("harbor")


def new_organisation(slug: str) -> Organisation:
    organisation = Organisation.objects.create(slug=slug, name=slug.title())
    entry = Entry("organisation.set_up")
    record(organisation_id=organisation.pk, entries=[entry], by=Actor.system("test"), now=datetime.now(UTC))
    return organisation


def run(path: Path, *options: str) -> list[str]:
    out = StringIO()
    call_command("import_patients", str(path), *options, stdout=out, stderr=StringIO())
    return out.getvalue().splitlines()


def refusals(path: Path) -> list[str]:
    errors = StringIO()
    call_command("import_patients", str(path), stdout=StringIO(), stderr=errors)
    return [line for line in errors.getvalue().splitlines() if not line.endswith("rows read")]


def stopped(path: Path, *options: str) -> str:
    errors = StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command("import_patients", str(path), *options, stdout=StringIO(), stderr=errors)
    assert stop.value.code == 2
    return errors.getvalue().strip()


def written(folder: Path, text: str | bytes, name: str = "patients") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def patient(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": "urn:here", "value": "M1"}],
        "name": [{"family": "Olsen", "given": ["Mara"]}],
        "birthDate": "1980-02-03",
        **more,
    }


@pytest.mark.parametrize("name", [NDJSON, CSV])
def test_615_patients_come_in_and_a_second_time_nothing_changes(name: str) -> None:
    first = run(shared_file(name))
    assert first[-1] == CREATED
    assert "615 imported phone numbers can't be used; kept as text" in first
    events = Event.objects.count()
    assert run(shared_file(name))[-1] == UNCHANGED
    assert Event.objects.count() == events


def test_the_table_says_of_the_same_patients_the_same() -> None:
    run(shared_file(NDJSON))
    assert run(shared_file(CSV))[-1] == UNCHANGED


def test_what_is_kept_of_them() -> None:
    run(shared_file(NDJSON))
    assert Patient.objects.filter(deceased_at__isnull=False).count() == 124
    assert Patient.objects.current().count() == 491
    languages = Counter(Patient.objects.values_list("language", flat=True))
    assert [languages[code] for code in ("en", "es", "pt", "zh", "fr", "ru")] == [494, 59, 22, 17, 9, 4]
    assert Patient.objects.get(family_name="Mejía").given_name == "Gustavo"
    # The record number and the source's own number; not social security, licence and passport numbers.
    assert PatientIdentifier.objects.count() == 2 * 615
    assert not PatientIdentifier.objects.filter(system__contains="ssn").exists()
    assert PatientAddress.objects.filter(address__value__isnull=True, address__kind="phone").count() == 615
    assert not Address.objects.filter(value__isnull=False).exists()


def test_every_patient_has_an_event_and_nobody_is_told() -> None:
    run(shared_file(CSV))
    assert Event.objects.filter(verb="patient.imported", actor_name="import_patients").count() == 615
    assert not EventToPlan.objects.exists()


def test_the_deceased_are_not_found_by_default(organisation: Organisation) -> None:
    run(shared_file(CSV))
    gone = Patient.objects.filter(deceased_at__isnull=False).order_by("pk")[0]
    assert look_for(organisation=organisation, text=gone.mrn).patients == []
    assert look_for(organisation=organisation, text=gone.mrn, include_gone=True).patients == [gone]


def test_a_dry_run_says_the_same_and_writes_nothing() -> None:
    said = run(shared_file(NDJSON), "--dry-run")
    assert said[-2:] == ["dry run: nothing was written", CREATED]
    assert not Patient.objects.exists()
    assert not Event.objects.filter(verb="patient.imported").exists()


def test_bad_rows_are_listed_and_good_ones_kept(tmp_path: Path) -> None:
    rows = shared_file(NDJSON).read_text().splitlines()[:8]
    rows[1] = rows[1].replace('"birthDate": "', '"birthDate": "x')
    rows[3] = "{broken"
    rows[5] = '{"resourceType": "Practitioner", "id": "1"}'
    rows[6] = rows[0].replace('"given": ["Clemente"]', '"given": ["Clem"]')
    path = written(tmp_path, "\n".join(rows))
    assert refusals(path) == [
        "line 2: birthDate is not a whole date written YYYY-MM-DD",
        "line 4: is not JSON",
        "line 6: resourceType is Practitioner, not Patient",
        "line 7: has the MRN or identifier of line 1 and says something else",
    ]
    assert run(path)[-1] == "created 0, changed 0, unchanged 4, refused 4"


def test_a_refusal_never_repeats_what_stood_there(tmp_path: Path) -> None:
    row = patient(birthDate="Secretname", gender="Secretname", resourceType="Mrs Secretname 1")
    path = written(tmp_path, json.dumps(row) + "\n" + json.dumps(patient(birthDate="Secretname")))
    assert refusals(path) == [
        "line 1: resourceType is not Patient",
        "line 2: birthDate is not a whole date written YYYY-MM-DD",
    ]


def test_every_official_example_is_taken_in_or_refused_with_a_reason() -> None:
    results: dict[str, str] = {}
    for path in sorted(shared_file("real/fhir_r4_examples").glob("Patient-*.json")):
        errors = refusals(path)
        results[path.stem] = errors[0].removeprefix("the file: ") if errors else "taken in"
    assert results == {
        "Patient-animal": "extension says this is an animal",
        "Patient-ch-example": "taken in",
        "Patient-dicom": "birthDate is missing",
        "Patient-example": "taken in",
        "Patient-f001": "taken in",
        "Patient-f201": "taken in",
        "Patient-genetics-example1": "identifier has no MRN and no other number to find this patient by again",
        "Patient-glossy": "taken in",
        "Patient-ihe-pcd": "identifier has no MRN and no other number to find this patient by again",
        "Patient-infant-fetal": "name is missing",
        "Patient-infant-mom": "identifier has no MRN and no other number to find this patient by again",
        "Patient-infant-twin-1": "taken in",
        "Patient-infant-twin-2": "taken in",
        "Patient-mom": "identifier has no MRN and no other number to find this patient by again",
        "Patient-newborn": "identifier has no MRN and no other number to find this patient by again",
        "Patient-pat1": "birthDate is missing",
        "Patient-pat2": "birthDate is missing",
        "Patient-pat3": "taken in",
        "Patient-pat4": "taken in",
        "Patient-proband": "name is missing",
        # The same MRN 12345 and 123456 in other hospitals' systems are other people.
        "Patient-xcda": "identifier its MRN or identifier belongs to a patient of another name and birth date",
        "Patient-xds": "taken in",
    }


def test_bundles_give_their_patients_and_leave_the_rest() -> None:
    examples = shared_file("real/fhir_r4_examples")
    said = run(examples / "Bundle-father.json")
    assert said[-2:] == [
        "7 entries that are not patients were left out",
        "created 0, changed 0, unchanged 0, refused 1",
    ]
    for path in examples.glob("Bundle-*.json"):
        run(path)


def test_synthea_s_own_table_is_read_by_its_column_names() -> None:
    assert (
        run(shared_file("real/synthea/csv_ohdsi/patients.csv"))[-1] == "created 27, changed 0, unchanged 0, refused 0"
    )


def test_a_change_is_written_and_counted(tmp_path: Path) -> None:
    run(written(tmp_path, json.dumps(patient())))
    changed = patient(
        name=[{"family": "Olsen-Vega", "given": ["Mara"]}], communication=[{"language": {"text": "Español"}}]
    )
    assert run(written(tmp_path, json.dumps(changed)))[-1] == "created 0, changed 1, unchanged 0, refused 0"
    found = Patient.objects.get()
    assert (found.family_name, found.language, found.row_version) == ("Olsen-Vega", "es", 2)
    assert Event.objects.get(verb="patient.changed").data == {"fields": ["family_name", "language"]}


def test_a_death_is_recorded_once(tmp_path: Path) -> None:
    run(written(tmp_path, json.dumps(patient())))
    path = written(tmp_path, json.dumps(patient(deceasedBoolean=True)))
    assert run(path)[-1] == "created 0, changed 1, unchanged 0, refused 0"
    assert run(path)[-1] == "created 0, changed 0, unchanged 1, refused 0"
    assert Event.objects.filter(verb="patient.deceased").count() == 1


def test_a_number_of_another_person_is_refused(tmp_path: Path) -> None:
    run(written(tmp_path, json.dumps(patient())))
    other = patient(name=[{"family": "Brandt", "given": ["Otto"]}], birthDate="1951-01-01")
    [reason] = refusals(written(tmp_path, json.dumps(other)))
    assert reason == "line 1: identifier its MRN or identifier belongs to a patient of another name and birth date"
    assert Patient.objects.get().family_name == "Olsen"


def test_a_number_the_desk_put_right_is_not_replaced(tmp_path: Path) -> None:
    path = written(tmp_path, "mrn,given,family,birth_date,phone\nM1,Mara,Olsen,1980-02-03,555-0100\n")
    run(path)
    right = written(tmp_path, "mrn,given,family,birth_date,phone\nM1,Mara,Olsen,1980-02-03,(212) 555-0142\n", "right")
    assert run(right)[-1] == "created 0, changed 1, unchanged 0, refused 0"
    assert run(path)[-1] == "created 0, changed 0, unchanged 1, refused 0"
    current = PatientAddress.objects.get(ended_at__isnull=True)
    assert current.address.value == "+12125550142"


def test_two_patients_may_share_a_number(tmp_path: Path) -> None:
    rows = "mrn;given;family;birth_date;phone\nM1;Mara;Olsen;1980-02-03;2125550142\n"
    rows += "M2;Otto;Olsen;1979-01-01;+1 212 555 0142\n"
    assert run(written(tmp_path, rows))[-1] == "created 2, changed 0, unchanged 0, refused 0"
    assert Address.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \n", "the file is empty"),
        (b"hello\n", "as a table it lacks these columns: mrn, given, family, birth_date"),
        (b"mrn,given,family\nM1,A,B\n", "as a table it lacks these columns: birth_date"),
        (b'{"resourceType": "Patient",', "the file is not JSON: it begins like JSON and goes on otherwise"),
        (b"[" * 100_000, "the file is not JSON: it begins like JSON and goes on otherwise"),
        ("mrn,given".encode("utf-16"), "the text is UTF-16: save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "as a table it lacks these columns: mrn, given, family, birth_date"),
    ],
    ids=["empty", "blank", "words", "column", "cut", "deep", "utf-16", "picture"],
)
def test_a_file_of_no_use_is_one_sentence(tmp_path: Path, text: bytes, reason: str) -> None:
    path = written(tmp_path, text)
    assert stopped(path) == f"{path}: {reason}."


def test_a_folder_and_a_missing_file_are_one_sentence(tmp_path: Path) -> None:
    assert stopped(tmp_path) == f"{tmp_path}: it is a folder, not a file."
    assert stopped(tmp_path / "absent").endswith("the file can't be read: No such file or directory.")


def test_odd_rows_of_a_table_are_refused_one_by_one(tmp_path: Path) -> None:
    rows = [
        b"\xef\xbb\xbfMRN,Given,Family,Birth Date,Sex,Deceased",
        b'M1,Mara,"Olsen\r\nVega",1980-02-03,F,',
        b"M2,J\xffrg,Olsen,1980-02-03,,",
        b"M3,Ma\x00ra,Olsen,1980-02-03,,",
        b"M4,Mara,Olsen,1980-02-03",
        b",Mara,Olsen,1980-02-03,,",
        b"",
        b"M5,Mara,Olsen,02/03/1980,,",
        b"M6,Mara,Olsen,2999-01-01,,",
        b"M7,Mara,Olsen,1980-02-03,X,",
        b"M8,Mara,Olsen,1980-02-03,,2999-01-01",
        b"M9," + b"a" * 200_000 + b",Olsen,1980-02-03,,",
        b"M10,Mara,Olsen,1980-02-03,,true",
        b"M11," + b"a" * 121 + b",Olsen,1980-02-03,,",
    ]
    path = written(tmp_path, b"\r\n".join(rows))
    assert refusals(path) == [
        "line 4: given is not valid UTF-8",
        "line 5: given has a NUL character",
        "line 6: has 4 values for 6 columns",
        "line 7: mrn is missing",
        "line 9: birth_date is not a whole date written YYYY-MM-DD",
        "line 10: birth_date is not between 1880 and today",
        "line 11: gender is not male, female, other or unknown",
        "line 12: deceased is not between the birth and now",
        "line 13: is not a row of a table (a quote that is never closed?)",
        "line 15: given is longer than 120 characters",
    ]
    assert list(Patient.objects.order_by("mrn").values_list("mrn", "family_name")) == [
        ("M1", "Olsen Vega"),
        ("M10", "Olsen"),
    ]


def test_a_line_of_ten_megabytes_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    long = json.dumps(patient(text={"div": "x" * 10_000_000}))
    path = written(tmp_path, f"{long}\n{json.dumps(patient())}\n")
    assert refusals(path) == ["line 1: is longer than 5 MB"]
    assert Patient.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"name": "Olsen"}, "name is not a list of objects"),
        ({"name": [{"family": ["Olsen"]}]}, "name.family is not a text"),
        ({"name": [{"given": "Mara"}]}, "name.given is not a list of texts"),
        ({"name": [{"family": "\ud800"}]}, "name.family is not valid UTF-8"),
        ({"name": [{"family": "O\x00"}]}, "name.family has a NUL character"),
        ({"birthDate": 1980}, "birthDate is not a text"),
        ({"birthDate": "1980"}, "birthDate is not a whole date written YYYY-MM-DD"),
        ({"identifier": [{"type": {"coding": {}}}]}, "coding is not a list of objects"),
        ({"identifier": [None]}, "identifier is not a list of objects"),
        ({"active": False}, "active is false: the record is not in use"),
        ({"link": [{"type": "replaced-by"}]}, "link says another record replaced this one"),
        ({"deceasedDateTime": "soon"}, "deceasedDateTime is not a date or time"),
        ({"communication": [{"language": []}]}, "language is not an object"),
    ],
)
def test_a_malformed_resource_is_refused_with_its_field(tmp_path: Path, more: dict[str, Any], reason: str) -> None:
    assert refusals(written(tmp_path, json.dumps(patient(**more)))) == [f"line 1: {reason}"]


def test_the_result_can_be_json(tmp_path: Path) -> None:
    path = written(tmp_path, f"{json.dumps(patient())}\n{{}}\n")
    [text] = run(path, "--json")
    assert json.loads(text) == {
        "created": 1, "changed": 0, "unchanged": 0, "refused": 1, "dry_run": False, "notes": [],
        "refusals": [{"place": "line 2", "field": "resourceType", "reason": "is not Patient"}],
    }  # fmt: skip


def test_whose_patients_they_are_must_be_said_where_there_are_two(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(patient()))
    north = new_organisation("north")
    assert stopped(path) == "Which organisation? --organisation takes one of: harbor, north."
    assert run(path, "--organisation", "north")[-1] == "created 1, changed 0, unchanged 0, refused 0"
    assert Patient.objects.get().organisation == north


def test_a_time_of_death_is_kept_in_utc(tmp_path: Path) -> None:
    run(written(tmp_path, json.dumps(patient(deceasedDateTime="2015-02-14T13:42:00+10:00"))))
    assert Patient.objects.get().deceased_at == datetime(2015, 2, 14, 3, 42, tzinfo=UTC)
