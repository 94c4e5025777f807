"""Downtime sheets as files in the folder the clinic chose: whole pages that open without a network or a server."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from scheduling.models import Clinic
from web.frontdesk.downtime_rows import sheet_of

log = logging.getLogger(__name__)
HOURLY: Final = timedelta(hours=1)
# Names, birth dates and numbers: for the owner and the folder's group, and for nobody else on the machine.
FILE_MODE: Final = 0o640
FOLDER_MODE: Final = 0o750


def file_of(clinic: Clinic) -> Path:
    """Where a clinic's sheet is written."""
    # A slug has single hyphens: joined by one, two clinics of two organisations could share a file.
    return Path(settings.DOWNTIME_FOLDER) / f"{clinic.organisation.slug}--{clinic.slug}.html"


def write_due_sheets(*, now: datetime, until: Callable[[], bool] = lambda: False) -> int:
    """Writes the sheet of every clinic whose file is an hour old or missing, the oldest first, and gives how many.

    Stops before the next one once `until` says so. A file that can't be written is logged and does not hold up the
    others.
    """
    if not settings.DOWNTIME_FOLDER:
        return 0
    clinics = Clinic.objects.select_related("organisation")
    ages = sorted(((_written_at(file_of(clinic)), clinic) for clinic in clinics), key=lambda one: one[0])
    written = 0
    for at, clinic in ages:
        if at > (now - HOURLY).timestamp():
            break
        if until():
            break
        try:
            write_sheet(clinic, now=now)
        except OSError:
            # Its words name the folder, and nobody's data.
            log.exception("downtime sheet of clinic %s not written", clinic.pk)
        else:
            written += 1
    return written


def write_sheet(clinic: Clinic, *, now: datetime) -> Path:
    """Writes a clinic's sheet whole or not at all: a machine that fails meanwhile leaves the last one."""
    path = file_of(clinic)
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), FILE_MODE)
        file.write(page_of(clinic, now=now))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return path


def page_of(clinic: Clinic, *, now: datetime) -> str:
    """The sheet as a page that needs nothing beside it."""
    sheet_css = finders.find("css/pages/sheet.css")
    styles = SafeString(f"<style>{Path(sheet_css).read_text()}</style>" if sheet_css else "")
    with timezone.override(clinic.time_zone), translation.override(settings.LANGUAGE_CODE):
        return render_to_string("frontdesk/sheet_file.html", {"sheet": sheet_of(clinic, now=now), "styles": styles})


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
