"""Where a patient can be reached, where an answer may go, and why nothing reaches them. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from zoneinfo import ZoneInfo

from notifications import reasons
from notifications.channels.outcomes import LANDLINE, OPTED_OUT
from notifications.consent import CHANNEL_OF, consenting
from notifications.contact_wishes import wishes_of
from notifications.models import Address, AddressKind, ContactWishes, PatientAddress
from notifications.models.wishes import CALL
from notifications.notice_facts import ChannelName, Reachable
from scheduling.models import Patient

# Why a number takes no texts and yet may be called: it is a telephone at home, or texts are not wanted there.
CAN_BE_CALLED = frozenset({LANDLINE.code, OPTED_OUT.code})


def read_reachable(patient: Patient, zone: ZoneInfo, *, by_text: bool = True) -> list[Reachable]:
    """Where the patient may be reached; `zone` is the clinic's, for a patient who gave none of their own. Not `by_text`
    where a clinic that they have a visit at has not gone live: then by e-mail, or nothing reaches them.

    Who wants calls is called where there is a number. With a request for confidential communication nothing but its one
    address counts. A preferred way leaves the others out while it works.
    """
    return reachable_of({patient: zone}, not_by_text=() if by_text else (patient.pk,))[patient.pk]


def reachable_of(
    patients: Mapping[Patient, ZoneInfo], *, not_by_text: Collection[int] = ()
) -> dict[int, list[Reachable]]:
    """The same for several patients, each with a clinic's zone, by patient id."""
    alive = [one for one in patients if not one.is_gone]
    wishes = {one.patient_id: one for one in ContactWishes.objects.filter(patient__in=alive)}
    links = defaultdict(list)
    mine = PatientAddress.objects.filter(patient__in=alive, ended_at=None).select_related("address").order_by("pk")
    for link in mine:
        wish = wishes.get(link.patient_id)
        if wish is None or wish.only_address_id in (None, link.address_id):
            links[link.patient_id].append(link)
    agreed = consenting(link.address_id for some in links.values() for link in some)
    found: dict[int, list[Reachable]] = {patient.pk: [] for patient in patients}
    for patient in alive:
        where = ZoneInfo(patient.time_zone) if patient.time_zone else patients[patient]
        ways = _reachable(links[patient.pk], wishes.get(patient.pk), agreed, where)
        texts = patient.pk not in not_by_text
        found[patient.pk] = [one for one in ways if texts or one.channel is not ChannelName.SMS]
    return found


def _reachable(
    links: list[PatientAddress], wishes: ContactWishes | None, agreed: set[int], zone: ZoneInfo
) -> list[Reachable]:
    if wishes is not None and wishes.way == CALL:
        numbers = [link for link in links if _can_be_called(link.address)]
        if numbers:
            return [Reachable(link.address_id, ChannelName.CALL, link.preferred, zone) for link in numbers]
    working = [link for link in links if link.address.works]
    found = [
        Reachable(link.address_id, CHANNEL_OF[AddressKind(link.address.kind)], link.preferred, zone)
        for link in working
        if link.address_id in agreed
    ]
    chosen = [one for one in found if wishes is not None and one.channel == wishes.way]
    return chosen or found


def may_answer(patient: Patient, address: Address) -> bool:
    """Whether what the patient wrote from this address may be answered there: unless they took their consent back or
    want to be reached elsewhere alone. Nobody has to agree to an answer first."""
    if not address.works or all(link.address_id != address.pk for link in _links(patient, wishes_of(patient))):
        return False
    latest = address.consents.order_by("-pk").first()
    return latest is None or latest.granted


def why_unreachable(patient: Patient) -> str:
    """The reason, a word of `reasons`, why nothing can be sent to a patient whom nothing reaches."""
    return _why(_links(patient, wishes_of(patient)))


def why_nothing_goes(patient: Patient) -> str:
    """The same where it is not known whether anything reaches the patient; empty if something does. Three queries."""
    wishes = wishes_of(patient)
    links = _links(patient, wishes)
    agreed = consenting(link.address_id for link in links)
    return "" if _reachable(links, wishes, agreed, ZoneInfo("UTC")) else _why(links)


def _why(links: list[PatientAddress]) -> str:
    if not links:
        return reasons.NO_ADDRESS
    valid = [link for link in links if link.address.value is not None]
    if not valid:
        return reasons.NOT_VALID
    return reasons.NO_CONSENT if any(one.address.stopped_at is None for one in valid) else reasons.ADDRESS_STOPPED


def is_address_of(patient: Patient, address: Address) -> bool:
    """Whether the address works and is still the patient's, consent aside."""
    return address.works and PatientAddress.objects.filter(patient=patient, address=address, ended_at=None).exists()


def _links(patient: Patient, wishes: ContactWishes) -> list[PatientAddress]:
    only = wishes.only_address_id
    mine = PatientAddress.objects.filter(patient=patient, ended_at=None).select_related("address").order_by("pk")
    return list(mine.filter(address=only) if only else mine)


def _can_be_called(address: Address) -> bool:
    return (
        address.kind == AddressKind.PHONE
        and address.value is not None
        and (address.stopped_at is None or address.stop_reason in CAN_BE_CALLED)
    )
