"""A file of patients, read one record at a time. What it is (NDJSON, a JSON document, a table) its content says."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from web.imports import fhir_patient, patient_table
from web.imports.patient_record import PatientRecord, RowRefused

LONGEST_LINE: Final = 5_000_000
LARGEST_DOCUMENT: Final = 200_000_000
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DELIMITERS = ",;\t|"


class FileUnusable(Exception):
    """Nothing can be taken from this file; `str()` is the one sentence why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record and where it stands ("line 7", "entry[3]"): read, refused, or of a kind that is left out (neither)."""

    place: str
    record: PatientRecord | None = None
    refused: RowRefused | None = None


def read_patients(path: Path, now: datetime) -> Iterator[Row]:
    """The file's rows in order. Refuses with FileUnusable, mostly before the first row."""
    try:
        with path.open("rb") as file:
            start = file.read(65_536)
            if start.startswith(UTF16):
                raise FileUnusable("the text is UTF-16: save it as UTF-8")
            content = start.removeprefix(codecs.BOM_UTF8).lstrip()
            if not content:
                raise FileUnusable("the file is empty")
            if content[:1] not in b"{[":
                yield from _table(path, now)
            elif _is_lines(file):
                yield from _lines(file, now)
            else:
                yield from _document(file, now)
    except IsADirectoryError as error:
        raise FileUnusable("it is a folder, not a file") from error
    except OSError as error:
        raise FileUnusable(f"the file can't be read: {error.strerror}") from error


def _is_lines(file: BinaryIO) -> bool:
    """Whether each line is a resource of its own: the first one is, or is broken and the next one is."""
    file.seek(0)
    first = _next_line(file)
    if first is None or len(first) > LONGEST_LINE:
        return bool(_next_line(file))
    if _is_object(first):
        return True
    second = _next_line(file)
    return second is not None and _is_object(second)


def _next_line(file: BinaryIO) -> bytes | None:
    """The next line that is not blank, cut one byte past LONGEST_LINE; None at the end."""
    while line := file.readline(LONGEST_LINE + 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE + 1)
        if line.strip():
            return line
    return None


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(_parse(line), dict)
    except RowRefused:
        return False


def _parse(text: bytes) -> Any:
    try:
        return json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise RowRefused("", "is not valid UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise RowRefused("", "is not JSON") from error


def _lines(file: BinaryIO, now: datetime) -> Iterator[Row]:
    file.seek(0)
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        place = f"line {number}"
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE + 1)
            yield Row(place, refused=RowRefused("", f"is longer than {LONGEST_LINE // 1_000_000} MB"))
        elif line.strip():
            try:
                resource = _parse(line)
            except RowRefused as error:
                yield Row(place, refused=error)
            else:
                yield from _resources(resource, place, now)


def _document(file: BinaryIO, now: datetime) -> Iterator[Row]:
    file.seek(0)
    text = file.read(LARGEST_DOCUMENT + 1)
    if len(text) > LARGEST_DOCUMENT:
        raise FileUnusable(f"one JSON document may have {LARGEST_DOCUMENT // 1_000_000} MB: write NDJSON instead")
    try:
        resource = _parse(text)
    except RowRefused as error:
        raise FileUnusable(f"the file {error.reason}: it begins like JSON and goes on otherwise") from error
    if isinstance(resource, list):
        for index, item in enumerate(resource):
            yield from _resources(item, f"[{index}]", now)
    else:
        yield from _resources(resource, "", now)


def _resources(resource: Any, place: str, now: datetime) -> Iterator[Row]:
    """The patient, or a Bundle's patients; its other resources are left out."""
    if not isinstance(resource, dict) or resource.get("resourceType") != "Bundle":
        yield _row(resource, place or "the file", now)
        return
    entries = resource.get("entry", [])
    if not isinstance(entries, list):
        yield Row(place or "the file", refused=RowRefused("entry", "is not a list"))
        return
    for index, entry in enumerate(entries):
        at = f"{place}{', ' if place else ''}entry[{index}]"
        inner = entry.get("resource") if isinstance(entry, dict) else None
        is_patient = isinstance(inner, dict) and inner.get("resourceType") == "Patient"
        yield _row(inner, at, now) if is_patient else Row(at)


def _row(resource: Any, place: str, now: datetime) -> Row:
    try:
        return Row(place, record=fhir_patient.patient_record(resource, now))
    except RowRefused as error:
        return Row(place, refused=error)


def _table(path: Path, now: datetime) -> Iterator[Row]:
    # A byte that is not UTF-8 spoils its own row only: it comes through as a surrogate, which the row's check refuses.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        head = file.readline(LONGEST_LINE)
        file.seek(0)
        reader = csv.reader(file, delimiter=max(DELIMITERS, key=head.count))
        try:
            header = next(row for row in reader if any(cell.strip() for cell in row))
            columns = patient_table.columns_of(header)
        except (StopIteration, csv.Error) as error:
            raise FileUnusable("the file is neither JSON nor a table") from error
        except patient_table.MissingColumns as error:
            raise FileUnusable(f"as a table it lacks these columns: {', '.join(error.names)}") from error
        while True:
            place = f"line {reader.line_num + 1}"
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Row(place, refused=RowRefused("", "is not a row of a table (a quote that is never closed?)"))
                continue
            if any(cell.strip() for cell in row):
                try:
                    yield Row(place, record=patient_table.patient_record(row, columns, len(header), now))
                except RowRefused as error:
                    yield Row(place, refused=error)
