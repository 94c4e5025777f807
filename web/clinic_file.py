"""A clinic file: one YAML text whose sections belong to several packages, read, checked, applied and written as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml
from django.db import transaction

from notifications import clinic_section as messages_section
from scheduling import clinic_export, clinic_section, clinic_setup
from scheduling.clinic_setup import Applied
from scheduling.events import Actor
from scheduling.marked_yaml import FileProblem, Lines, UnreadableFile, read
from scheduling.models import Clinic

MESSAGES: Final = "messages"


class ClinicFileRefused(Exception):
    """The file can't be applied; `problems` are all that is wrong, in the file's order. Nothing was written."""

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        self.problems = sorted(problems)
        super().__init__("; ".join(map(str, self.problems)))


def load(path: Path, *, by: Actor, now: datetime, dry_run: bool = False) -> Applied:
    """Applies a clinic file in one transaction; with `dry_run` takes everything back and only says what would change.

    Refuses with ClinicFileRefused. Records what the sections' own verbs record.
    """
    return apply_data(*read_file(path), by=by, now=now, dry_run=dry_run)


def read_file(path: Path) -> tuple[Any, Lines]:
    """The file's data and lines. Refuses with ClinicFileRefused a file that can't be read."""
    try:
        return read(path.read_bytes())
    except UnreadableFile as error:
        raise ClinicFileRefused(error.problems) from error
    except OSError as error:
        raise ClinicFileRefused([FileProblem(1, "", f"the file can't be read: {error.strerror}")]) from error


def apply_data(data: Any, lines: Lines, *, by: Actor, now: datetime, dry_run: bool = False) -> Applied:
    """As `load`, for a file already read."""
    scheduling = {key: value for key, value in data.items() if key != MESSAGES} if isinstance(data, Mapping) else data
    problems = clinic_section.check(scheduling, lines)
    if isinstance(data, Mapping) and MESSAGES in data:
        problems += messages_section.check(data[MESSAGES], lines.below(MESSAGES))
    if problems:
        raise ClinicFileRefused(problems)
    with transaction.atomic():
        problems = clinic_section.check_against_rows(scheduling, lines)
        if problems:
            raise ClinicFileRefused(problems)
        applied = clinic_setup.apply(scheduling, by=by, now=now)
        if MESSAGES in data:
            applied.changes[MESSAGES] += messages_section.apply(data[MESSAGES], clinic=applied.clinic, by=by, now=now)
        transaction.set_rollback(dry_run)
    return applied


def data_of(clinic: Clinic) -> dict[str, Any]:
    """All sections of a clinic's file as plain data."""
    return clinic_export.export(clinic) | {MESSAGES: messages_section.export(clinic)}


def text_of(clinic: Clinic) -> str:
    """The clinic as a file that `load` takes and finds nothing to change in."""
    return yaml.dump(data_of(clinic), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class _Dumper(yaml.SafeDumper):
    """Writes values out where they stand, since the reader takes no aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True
