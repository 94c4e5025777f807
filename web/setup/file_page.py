"""The clinic as a file: taken away, and brought back with what it would change and whom it affects shown first."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.affected_visits import Affected, affected_visits
from scheduling.clinic_setup import ZoneInUse
from scheduling.events import Actor
from scheduling.marked_yaml import FileProblem, Lines, UnreadableFile, read
from scheduling.models import Clinic
from web.at_clinic import actor
from web.clinic_file import ClinicFileRefused, apply_data, text_of
from web.current_clinic import ClinicRequest
from web.manager.losing import AffectedLine, names_of

MOST_LINES: Final = 400


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would change: lines of the clinic's own file that would go and come, and visits that would not stand.

    `is_cut`: there are more lines than are shown.
    """

    lines: tuple[tuple[str, str], ...]
    is_cut: bool
    affected: tuple[AffectedLine, ...]


def clinic_yaml(request: ClinicRequest) -> HttpResponse:
    """The file. Neither passwords nor patients are in it."""
    answer = HttpResponse(text_of(request.clinic), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{request.clinic.slug}.yaml"'
    return answer


def file_page(request: ClinicRequest) -> HttpResponse:
    """Take it away, or bring one: `do=look` shows what it would change, `do=save` applies it."""
    if request.method != "POST":
        return TemplateResponse(request, "setup/file.html", {})
    uploaded = request.FILES.get("file")
    raw = uploaded.read() if uploaded else request.POST.get("text", "").replace("\r\n", "\n").encode()
    by, now, text = actor(request), timezone.now(), raw.decode(errors="replace")
    context: dict[str, Any] = {"text": text}
    try:
        data, lines = read_own(raw, request.clinic)
        if request.POST.get("do") == "save":
            applied = apply_data(data, lines, by=by, now=now)
            words = _("Saved. It holds from now on.") if applied.changed else _("It was so before.")
            messages.success(request, words)
            return redirect("setup")
        context["preview"] = preview(request.clinic, data, lines, by=by, now=now)
    except ClinicFileRefused as refusal:
        context["problems"] = refusal.problems
    except ZoneInUse as refusal:
        context["problems"] = [FileProblem(1, "clinic.time_zone", str(refusal))]
    status = 422 if "problems" in context else 200
    return TemplateResponse(request, "setup/file.html", context, status=status)


def read_own(raw: bytes, clinic: Clinic) -> tuple[Any, Lines]:
    """The file's data, where it is this clinic's. Refuses with ClinicFileRefused."""
    try:
        data, lines = read(raw)
    except UnreadableFile as error:
        raise ClinicFileRefused(error.problems) from error
    for key, slug in (("organisation", clinic.organisation.slug), ("clinic", clinic.slug)):
        part = data.get(key) if isinstance(data, Mapping) else None
        said = part.get("slug") if isinstance(part, Mapping) else None
        if said != slug:
            problem = FileProblem(
                lines.line(key, "slug"), f"{key}.slug", f"is {slug} here: this file is of another clinic"
            )
            raise ClinicFileRefused([problem])
    return data, lines


def preview(clinic: Clinic, data: Any, lines: Lines, *, by: Actor, now: datetime) -> Preview:
    """Applies the file, looks, and takes everything back. Refuses as the file would be refused."""
    before, stood = text_of(clinic), ids_of(affected_visits(clinic=clinic, now=now))
    with transaction.atomic():
        apply_data(data, lines, by=by, now=now)
        after = text_of(Clinic.objects.get(pk=clinic.pk))
        new = [one for one in affected_visits(clinic=clinic, now=now) if one.visit.pk not in stood]
        transaction.set_rollback(True)
    changed = [
        (line[0], line[1:])
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
        if line[0] in "+-" and not line.startswith(("+++", "---"))
    ]
    # No free times: they would be those of the clinic as it still is.
    names = names_of(new)
    shown = [AffectedLine(one, names[one.visit.pk]) for one in new]
    return Preview(tuple(changed[:MOST_LINES]), len(changed) > MOST_LINES, tuple(shown))


def ids_of(found: list[Affected]) -> set[int]:
    return {one.visit.pk for one in found}
