"""Where a patient is reached, in words: each address with what was said of it and who else has it; and former ones."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q

from notifications.consent import consenting
from notifications.contact_wishes import wishes_of
from notifications.ledger import sentence
from notifications.models import Address, ConsentRecord, PatientAddress
from scheduling.models import Patient
from web.frontdesk.contact_forms import ConfidentialForm, WishesForm
from web.spoken import address as address_said


@dataclass(frozen=True, slots=True)
class Reached:
    """One address. `said` is all that was ever said about messages there, newest first; `others` share it."""

    link: PatientAddress
    willing: bool
    why_stopped: str
    said: list[ConsentRecord]
    others: list[Patient]

    @property
    def address(self) -> Address:
        return self.link.address


def reach_of(patient: Patient) -> dict[str, object]:
    """What the patient's page says of reaching them. Six queries."""
    links = list(PatientAddress.objects.filter(patient=patient, ended_at=None).select_related("address").order_by("pk"))
    ids = [link.address_id for link in links]
    willing = consenting(ids)
    said: defaultdict[int, list[ConsentRecord]] = defaultdict(list)
    for record in ConsentRecord.objects.filter(address__in=ids).select_related("recorded_by").order_by("-pk"):
        said[record.address_id].append(record)
    others: defaultdict[int, list[Patient]] = defaultdict(list)
    sharing = PatientAddress.objects.filter(address__in=ids, ended_at=None).exclude(patient=patient)
    for link in sharing.select_related("patient").order_by("pk"):
        others[link.address_id].append(link.patient)
    wishes = wishes_of(patient)
    return {
        "reached": [
            Reached(
                link=link,
                willing=link.address_id in willing,
                why_stopped=sentence(link.address.stop_reason),
                said=said[link.address_id],
                others=others[link.address_id],
            )
            for link in links
        ],
        "former": former_of(patient),
        "wishes": wishes,
        "wishes_form": WishesForm(patient=patient, wishes=wishes),
        "confidential_form": ConfidentialForm(choices=choices_of(links)),
    }


def choices_of(links: list[PatientAddress]) -> list[tuple[str, str]]:
    """The addresses that a patient may choose among."""
    return [(str(link.address_id), address_said(link.address)) for link in links if link.address.value]


def former_of(patient: Patient) -> list[PatientAddress]:
    """Addresses that are the patient's no more but got messages about them: how many, and from when to when."""
    mine = Q(address__messages__patient=patient)
    rows = PatientAddress.objects.filter(patient=patient, ended_at__isnull=False).select_related("address")
    rows = rows.annotate(
        sent=Count("address__messages", filter=mine),
        first_sent=Min("address__messages__written_at", filter=mine),
        last_sent=Max("address__messages__written_at", filter=mine),
    )
    return list(rows.filter(sent__gt=0).order_by("-ended_at", "-pk"))
