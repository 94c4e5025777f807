"""What becomes of a patient's drafts when their record is closed: nobody will sign them, and none vanishes unsaid."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from scheduling.clinician_tasks import open_task
from scheduling.events import Actor, Entry
from scheduling.models import UNDER_WAY, Order, OrderState, Patient, TaskKind
from scheduling.order_content import content_hash

NOT_CARRIED = "A draft of infusions after a series was not carried over when two records were merged: order anew."


def drafts_of(patient: Patient) -> list[Order]:
    """Drafts that wait for a signature, and amendments of orders under way; the oldest first."""
    orders = Order.objects.filter(patient=patient, discarded_at=None)
    waiting = orders.filter(state=OrderState.DRAFT) | orders.filter(state__in=UNDER_WAY).exclude(draft={})
    return list(waiting.order_by("pk"))


def discard_drafts(patient: Patient, *, by: Actor, now: datetime) -> list[Entry]:
    """In the transaction of a verb that closes a record, with its patient's lock: nobody will sign them. Their history
    keeps the words. Gives the events to record, `order.draft_discarded` for each."""
    locked = Order.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in drafts_of(patient)])
    entries = []
    for order in locked.order_by("pk"):
        if order.state == OrderState.DRAFT:
            Order.objects.filter(pk=order.pk).update(discarded_at=now, row_version=F("row_version") + 1)
        else:
            Order.objects.filter(pk=order.pk).update(draft={}, row_version=F("row_version") + 1)
        data = {"content_hash": content_hash(order.draft)}
        entries.append(Entry("order.draft_discarded", order_id=order.pk, patient_id=order.patient_id, data=data))
    return entries


def carry_drafts(duplicate: Patient, into: Patient, *, by: Actor, now: datetime) -> list[Entry]:
    """As `discard_drafts`, and each draft waits for a signature under the record that is kept; times pencilled for it
    are gone. One that follows a series of the other record can't be carried: a clinician is asked to order it anew.

    Gives also `order.drafted` for each that was carried over, and `task.opened`.
    """
    entries: list[Entry] = []
    for order in drafts_of(duplicate):
        clinic = order.sites.order_by("pk").first()
        if order.state != OrderState.DRAFT or clinic is None:
            continue
        if order.follows_id is not None:
            key = f"{TaskKind.OUTSIDE_ORDER}/o{order.pk}/merged"
            entries += open_task(
                TaskKind.OUTSIDE_ORDER, key, clinic=clinic, patient=into, words=NOT_CARRIED, by=by, now=now
            )
            continue
        carried = Order.objects.create(
            organisation_id=order.organisation_id,
            patient=into,
            therapy=order.therapy,
            title=order.title,
            protocol_version_id=order.protocol_version_id,
            draft=order.draft,
            created_at=order.created_at,
            created_by_id=order.created_by_id,
        )
        carried.sites.set(order.sites.all())
        data = {"carried_from": order.pk}
        entries.append(Entry("order.drafted", order_id=carried.pk, patient_id=into.pk, data=data))
    return [*entries, *discard_drafts(duplicate, by=by, now=now)]
