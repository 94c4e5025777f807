"""Merging two records side by side, and taking a merge back: what moves and what stays is read first."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.merged_records import (
    TwoConfidentialPlaces,
    addresses_to_carry,
    merge_records,
    split_records,
)
from notifications.models import Address, PatientAddress
from scheduling.merging import NotMerged, NotThisPatient, effect_of_merge
from scheduling.models import Patient
from scheduling.typed_numbers import read_number
from scheduling.unmerging import NotMergedNow, effect_of_split
from scheduling.visit_steps import ChangedMeanwhile
from web.at_clinic import actor, patient_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.patient_history import lines
from web.spoken import address, full_date, language_name

REASONS: Mapping[NotMerged, str | Promise] = {
    NotMerged.SAME: _("These are one and the same record."),
    NotMerged.ELSEWHERE: _("The other record belongs to another organisation."),
    NotMerged.CLOSED: _("One of the records is closed already: the patient has died, or it was merged before."),
    NotMerged.ORDER_UNDER_WAY: _(
        "The record to retire has an order under way, and what a prescriber signed stays with whom it was signed for. "
        "Keep that record and retire the other, or ask the prescriber to end the order."
    ),
    NotMerged.PATIENT_IS_THERE: _("The patient is here under the record to retire. Merge after they have left."),
    NotMerged.OVERLAP: _("Both records have a visit at the same time, and one person can't have both: cancel one."),
}
TWO_PLACES = _("Each record asks to be reached at one place alone, and not the same one. Ask the patient which holds.")
SEEN_ANEW = _("Something changed meanwhile: this is how it stands now. Look, and press again.")


def merge_two(request: ClinicRequest, patient_id: int, other_id: int) -> HttpResponse:
    """What merging this record into the other one does; a POST does it."""
    duplicate, into = patient_or_404(request, patient_id), patient_or_404(request, other_id)
    by, now, status = actor(request), timezone.now(), 200
    if request.method == "POST":
        try:
            merge_records(duplicate=duplicate, into=into, seen=seen_in(request), by=by, now=now)
        except ChangedMeanwhile:
            messages.warning(request, SEEN_ANEW)
            status = 409
        except (NotThisPatient, TwoConfidentialPlaces):
            status = 409
        else:
            messages.success(request, _("The two are one record now: this one. It can be taken back below."))
            return redirect("patient", into.pk)
    effect, addresses = effect_of_merge(duplicate, into), addresses_to_carry(duplicate, into)
    reasons = [REASONS[reason] for reason in effect.reasons]
    context = {
        "duplicate": duplicate,
        "into": into,
        "effect": effect,
        "addresses": addresses,
        "reasons": [*reasons, TWO_PLACES] if addresses.has_two_places else reasons,
        "facts": side_by_side(duplicate, into),
    }
    return TemplateResponse(request, "frontdesk/merge.html", context, status=status)


def split_two(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """What taking the merge of this record back does; a POST does it."""
    duplicate = patient_or_404(request, patient_id)
    by, now, status = actor(request), timezone.now(), 200
    try:
        if request.method == "POST":
            split_records(duplicate=duplicate, seen=seen_in(request), by=by, now=now)
            messages.success(request, _("The two are apart again. Look at both: what came since stays where it is."))
            return redirect("patient", duplicate.pk)
        effect = effect_of_split(duplicate)
    except NotMergedNow:
        messages.info(request, _("This record is not merged, or one of the two is closed: there is nothing to undo."))
        return redirect("patient", duplicate.pk)
    except ChangedMeanwhile:
        messages.warning(request, SEEN_ANEW)
        effect, status = effect_of_split(duplicate), 409
    context = {"duplicate": duplicate, "effect": effect, "since": lines(effect.since)}
    return TemplateResponse(request, "frontdesk/split.html", context, status=status)


def seen_in(request: ClinicRequest) -> int:
    """Up to which event the page was read; 0, which is never so, where it was not sent."""
    return read_number(request.POST.get("seen", "")) or 0


def side_by_side(one: Patient, other: Patient) -> list[tuple[str | Promise, str, str, bool]]:
    """Each fact of both records, and whether they differ."""
    rows = zip(facts_of(one), facts_of(other), strict=True)
    return [(label, mine, theirs, mine != theirs) for (label, mine), (_label, theirs) in rows]


def facts_of(patient: Patient) -> list[tuple[str | Promise, str]]:
    """What tells a person from another, and how they are reached."""
    links = PatientAddress.objects.filter(patient=patient, ended_at=None).select_related("address").order_by("pk")
    found: list[Address] = [link.address for link in links]
    return [
        (_("Legal name"), patient.legal_name),
        (_("Called"), patient.preferred_name),
        (_("Birth date"), full_date(patient.birth_date) if patient.birth_date else ""),
        (_("Record number"), patient.mrn),
        (_("Language"), language_name(patient.language)),
        (_("Numbers and addresses"), ", ".join(address(one) for one in found)),
        (_("On file since"), full_date(patient.created_at)),
    ]
