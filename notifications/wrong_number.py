"""Somebody else answers there: the address is stopped, it and its links are nobody's any more, a call is to make."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from notifications import reasons
from notifications.addresses import stop_address
from notifications.calls import CallEnd, ask_to_call, settle_call
from notifications.models import Address, CallKind, CallTask, InboundMessage, PatientAddress
from scheduling import events, permissions
from scheduling.desk_rows import RowOf, record_row_try
from scheduling.events import Actor, Entry
from scheduling.models import CallOutcome, Clinic, Patient


def record_wrong_number(
    *,
    address: Address,
    clinic: Clinic | None,
    by: Actor,
    now: datetime,
    reply: InboundMessage | None = None,
    call: CallTask | None = None,
    row: RowOf | None = None,
) -> list[Patient]:
    """Nothing goes to this address any more and every link that went there is dead; gives the patients who had it.

    All of them: on a shared number, too, the wrong person reads what was meant for any of them. Each is on the call
    list of `clinic` at once, where one can be told. `ledger.sent_to` says what went there. `call` is the one in which
    somebody else answered: it is settled so; `row` is what of the desk's lists they were called about. `reply` is what
    they wrote: one call a patient, whatever it stops. Records `address.stopped` and `address.wrong_number` for each,
    and the planner looks at them.

    Refuses with CallIsMade where the call was settled before.
    """
    permissions.check(by, "address.change", organisation_id=address.organisation_id)
    with transaction.atomic():
        if call is not None:
            settle_call(task=call, ended=CallEnd.WRONG_NUMBER, by=by, now=now)
        if row is not None:
            record_row_try(row=row, outcome=CallOutcome.WRONG_NUMBER, by=by, now=now)
        links = PatientAddress.objects.filter(address=address, ended_at=None)
        # Patients before addresses, as everyone takes them.
        had = list(Patient.objects.select_for_update(no_key=True).filter(pk__in=links.values("patient")).order_by("pk"))
        stop_address(address=address, reason=reasons.WRONG_NUMBER, by=by, now=now)
        links.update(ended_at=now, preferred=False)
        entries = [
            Entry("address.wrong_number", patient_id=patient.pk, data={"address": address.pk}, tell=True)
            for patient in had
        ]
        events.record(organisation_id=address.organisation_id, entries=entries, by=by, now=now)
        if clinic is None:
            return had
        found_by = f"r{reply.pk}" if reply else f"a{address.pk}/{now.isoformat()}"
        for patient in [one for one in had if not one.is_gone]:
            ask_to_call(
                key=f"{CallKind.WRONG_NUMBER}/{found_by}/p{patient.pk}",
                kind=CallKind.WRONG_NUMBER,
                clinic=clinic,
                patient=patient,
                reply=reply,
                reason=reasons.WRONG_NUMBER,
                by=by,
                now=now,
            )
    return had
