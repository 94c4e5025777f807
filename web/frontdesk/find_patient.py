"""Finding a patient as somebody types, and where it leads: a box that any page may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.template.response import TemplateResponse
from django.urls import reverse, reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.models import Patient
from web.current_clinic import ClinicRequest
from web.frontdesk.patient_forms import SearchForm
from web.look_alikes import marks
from web.patient_search import Found, look_for, numbers_of

# Fewer letters find everybody.
LETTERS_AT_LEAST: Final = 2


@dataclass(frozen=True, slots=True)
class Leads:
    """The `page` that holds the box, and the routes, each of a `patient_id`, that a patient on file and a newcomer are
    led on to. `presses`: picking one on file begins something, so it is a POST of `patient` to that route, which then
    has no argument."""

    page: str
    on_file: str
    newcomer: str
    presses: bool = False


# Whose box it is: a page that holds one adds a line here, and never takes a way on from the browser.
LEADS: Final[Mapping[str, Leads]] = {
    "patient": Leads("patients", "patient", "visit_openings"),
    "booking": Leads("book", "book", "book_for", presses=True),
}


class FindForm(SearchForm):
    """Whom to look for, among whom, and for which page."""

    gone = forms.BooleanField(label=_("Also who has died or was merged into another record"), required=False)
    leads_to = forms.ChoiceField(choices=[(name, name) for name in LEADS], widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asks = {"hx-post": reverse_lazy("patients"), "hx-target": "#found", "hx-sync": "closest form:replace"}
        # A little longer than between two letters: one question a pause.
        self.fields["text"].widget.attrs |= asks | {"hx-trigger": "input changed delay:180ms, find-now"}
        self.fields["gone"].widget.attrs |= asks | {"hx-trigger": "change"}


@dataclass(frozen=True, slots=True)
class Row:
    """One patient found, led to `url` by a link or, `pressed`, by a POST. `mark`: by what they are easily taken for
    another. `gone`: why nothing is booked any more."""

    patient: Patient
    url: str
    pressed: bool
    numbers: list[str]
    mark: str | Promise
    gone: str | Promise


@dataclass(frozen=True, slots=True)
class Finder:
    """The box with what was found, None before anything was looked for. `nearly` are written only nearly so."""

    form: FindForm
    found: Found | None = None
    rows: tuple[Row, ...] = ()
    nearly: tuple[Row, ...] = ()

    @property
    def page(self) -> str:
        """Where the box goes without scripts."""
        return reverse(LEADS.get(self.form["leads_to"].value() or "patient", LEADS["patient"]).page)


def finder(*, leads_to: str = "patient") -> Finder:
    """An empty box, for a page to hold as `finder` with `frontdesk/find_patient.html`."""
    return Finder(FindForm(initial={"leads_to": leads_to}))


def patients(request: ClinicRequest) -> TemplateResponse:
    """Search, by POST, so that no name is ever part of an address; as one types, the list alone."""
    if request.method != "POST":
        return TemplateResponse(request, "frontdesk/patients.html", {"finder": finder()})
    template = "frontdesk/find_patient_found.html" if request.htmx else "frontdesk/patients.html"
    return TemplateResponse(request, template, {"finder": searched(request)})


def searched(request: ClinicRequest, *, leads_to: str = "patient") -> Finder:
    """The box with what was found of what was typed into it."""
    typed_in = request.POST.copy()
    typed_in.setdefault("leads_to", leads_to)
    form = FindForm(typed_in)
    typed = request.POST.get("text", "").strip()
    if not form.is_valid() or (request.htmx and len(typed) < LETTERS_AT_LEAST):
        return Finder(form)
    found = look_for(
        organisation=request.clinic.organisation,
        text=form.cleaned_data["text"],
        include_gone=form.cleaned_data["gone"],
    )
    said = marks(found.everybody)
    leads = LEADS[form.cleaned_data["leads_to"] or "patient"]
    rows, nearly = (
        tuple(_row(patient, leads, said.get(patient.pk, "")) for patient in some)
        for some in (found.patients, found.nearly)
    )
    return Finder(form, found, rows, nearly)


def _row(patient: Patient, leads: Leads, mark: str | Promise) -> Row:
    # Nothing is booked for who is gone: whatever the box is for, they lead to their own page.
    pressed = leads.presses and not patient.is_gone
    route = "patient" if patient.is_gone else leads.on_file
    url = reverse(route, args=[] if pressed else [patient.pk])
    return Row(patient, url, pressed, numbers_of(patient), mark, _gone(patient))


def _gone(patient: Patient) -> str | Promise:
    if patient.merged_into_id is not None:
        return _("merged into another record")
    return _("has died") if patient.deceased_at is not None else ""
