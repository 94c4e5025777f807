"""Signing: what a prescriber read becomes a version of the order, word for word, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from scheduling import permissions
from scheduling.amendment_effects import Effect, counting_infusions, effect_of
from scheduling.as_needed import reasons_not_to_sign_as_needed
from scheduling.carrying_over import carry_over
from scheduling.clinician_tasks import open_task
from scheduling.drafting import (
    CHANGED,
    DISCARDED,
    OVER,
    clinics_of,
    in_force,
    lock_draft,
    reasons_about_patient,
    what_is_signed,
)
from scheduling.events import Actor, Entry, record
from scheduling.given_elsewhere import (
    not_written_yet,
    reasons_against_history,
    take_back_what_is_not_so,
    write_given,
)
from scheduling.locking import AgainstTheOrder, BusyNow, TooNear, lock_patients, writing
from scheduling.models import UNDER_WAY, Appointment, Clinic, Order, OrderState, OrderVersion, TaskKind, User
from scheduling.order_content import DraftChanged, NotSignable, SignedAlready, content_hash, reasons_against
from scheduling.order_fit import TEXTS
from scheduling.protocol_template import ProtocolTemplate
from scheduling.signatures import IN_COLUMNS
from scheduling.signed_rows import write_follow_ups, write_signed_rows
from scheduling.waiting_visits import settle_waiting

SIGNED = "This order is signed already."
TOO_NEAR = "An infusion of another order for the same treatment is nearer than that order allows."
MEANWHILE = "Something changed meanwhile. Please look at the order again."
BUSY = "Others are writing for this patient right now. Please try again."


@dataclass(frozen=True, slots=True)
class ToSign:
    """A draft, and the hash of what was read of it."""

    order: Order
    read: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of several: its version, or `reasons` why it was not signed."""

    order: Order
    version: OrderVersion | None
    reasons: tuple[str, ...] = ()


def reasons_not_to_sign(order: Order) -> list[str]:
    """Why this draft can't be signed: state, patient, protocol, contradictions in what it says; empty when it can."""
    reasons = reasons_about_patient(order)
    if nothing := _nothing_to_sign(order):
        # Drafts of a closed record are discarded with it; that it is closed says more.
        return (reasons if nothing == DISCARDED else []) or [nothing]
    if not order.protocol_version.is_approved:
        reasons.append("A prescriber of this organisation has to approve the protocol first.")
    return reasons + reasons_not_to_sign_as_needed(order) + reasons_against(what_is_signed(order))


def sign_order(
    *, order: Order, read: str | None = None, reauthenticated_at: datetime | None = None, by: Actor, now: datetime
) -> OrderVersion:
    """A prescriber signs what the draft says. The first time it becomes version 1, its infusions exist, and the desk
    may book them; of an order under way it is an amendment, version n + 1, in force from now on.

    Infusions that exist stay the same ones. Visits that still fit go on under the new terms, at their times; those that
    don't keep their place, can't be started, and a clinician's task names them. Follow-ups that wait are replaced.

    Refuses with NotSignable; with SignedAlready when nothing waits for a signature any more, with DraftChanged when
    `read`, the hash of what was read, is not what the draft says. Records `order.signed` with the content's hash, and
    what became of each visit.
    """
    permissions.check(by, "order.sign", organisation_id=order.organisation_id)
    with _refusing_plainly(), writing():
        lock_patients(order.patient_id)
        order = lock_with_visits(order)
        if order.state != OrderState.DRAFT and _nothing_to_sign(order):
            raise SignedAlready([SIGNED])
        content = what_is_signed(order)
        if read is not None and read != content_hash(content):
            raise DraftChanged([CHANGED])
        sites = clinics_of(order, content) if not reasons_not_to_sign(order) else []
        clinic = clinic_of_signer(sites, by)
        reasons = reasons_not_to_sign(order) or reasons_to_look_again(order, content, clinic=clinic, now=now)
        if reasons or clinic is None:
            raise NotSignable(reasons)
        return sign_content(
            order, content, sites=sites, clinic=clinic, reauthenticated_at=reauthenticated_at, by=by, now=now
        )


@contextmanager
def _refusing_plainly() -> Iterator[None]:
    """What the database's last guards say, in a sentence."""
    try:
        yield
    except TooNear as error:
        raise NotSignable([TOO_NEAR]) from error
    except AgainstTheOrder as error:
        raise NotSignable([MEANWHILE]) from error


def sign_several(
    *, drafts: Sequence[ToSign], reauthenticated_at: datetime | None = None, by: Actor, now: datetime
) -> list[Outcome]:
    """Signs several drafts after one proof of who signs, each wholly or not at all and whatever becomes of the others.
    Gives for each its version or why not."""
    permissions.check(by, "order.sign", organisation_id=by.organisation_id or 0)
    outcomes = []
    for one in drafts:
        try:
            version = sign_order(
                order=one.order, read=one.read, reauthenticated_at=reauthenticated_at, by=by, now=now
            )  # fmt: skip
            outcomes.append(Outcome(one.order, version))
        except NotSignable as refusal:
            outcomes.append(Outcome(one.order, None, tuple(refusal.reasons)))
        except BusyNow:
            outcomes.append(Outcome(one.order, None, (BUSY,)))
    return outcomes


def reasons_to_look_again(order: Order, content: dict[str, Any], *, clinic: Clinic | None, now: datetime) -> list[str]:
    """Why what is sound in itself does not go with what happened: infusions given, here or elsewhere."""
    plan = ProtocolTemplate.from_dict(content, "order")
    given = [visit.dose_number or 0 for visit in counting_infusions(order) if visit.given_at]
    reasons = []
    if max(given, default=0) > plan.doses:
        reasons.append(f"Infusion {max(given)} was given already, so there are at least {max(given)}.")
    if clinic is not None:
        reasons += reasons_against_history(order, plan, clinic=clinic, now=now)
    return reasons


def _nothing_to_sign(order: Order) -> str:
    if order.discarded_at is not None:
        return DISCARDED
    if order.state not in (OrderState.DRAFT, *UNDER_WAY):
        return OVER if order.draft else SIGNED
    if order.state != OrderState.DRAFT and (not order.draft or what_is_signed(order) == in_force(order)):
        return SIGNED
    return ""


def lock_with_visits(order: Order) -> Order:
    """The order and then its visits, as decisions and bookings take them too; refuses as `lock_draft` does."""
    locked = lock_draft(order)
    list(Appointment.objects.select_for_update().filter(order=locked).order_by("pk").values_list("pk", flat=True))
    return locked


def clinic_of_signer(sites: Sequence[Clinic], by: Actor) -> Clinic | None:
    """Whose clock counts for what was given elsewhere: the signer's clinic, where the order is for it."""
    return next((clinic for clinic in sites if clinic.pk == by.clinic_id), sites[0] if sites else None)


def sign_content(
    order: Order,
    content: dict[str, Any],
    *,
    sites: Sequence[Clinic],
    clinic: Clinic,
    draft_after: dict[str, Any] | None = None,
    reauthenticated_at: datetime | None,
    by: Actor,
    now: datetime,
) -> OrderVersion:
    """Writes the version and all that follows from it, with the events. For verbs that have locked the order and its
    visits and found nothing against it. `draft_after`: the amendment that waits on."""
    plan, effect = ProtocolTemplate.from_dict(content, "order"), effect_of(order, content, now=now)
    version = _write_version(order, content, reauthenticated_at=reauthenticated_at, by=by, now=now)
    entries = take_back_what_is_not_so(order, plan)
    rows = write_signed_rows(order, version, plan)
    state = OrderState.ACTIVE if order.state == OrderState.DRAFT else order.state
    Order.objects.filter(pk=order.pk).update(
        state=state, current_version=version, draft=draft_after or {}, row_version=F("row_version") + 1
    )
    order.sites.set(sites)
    history = not_written_yet(order, plan)
    gaps, carried = carry_over(
        order, version, plan, rows, effect, history, zone=clinic.time_zone, by=by, now=now
    )  # fmt: skip
    entries += carried + write_given(order, plan, history, rows, gaps, clinic=clinic, by=by, now=now)
    given = {
        visit.dose_number or 0: (visit.given_at, visit.time_zone)
        for visit in counting_infusions(order)
        if visit.given_at is not None
    }
    entries += write_follow_ups(order, plan, given, now=now)
    entries += _name_what_no_longer_fits(order, version, effect, by=by, now=now)
    entries.append(_signed_entry(order, version, effect, by))
    if order.current_version is not None:
        # What was given elsewhere is taken back or written by now, and with it what was decided of it.
        order.current_version = version
        entries += settle_waiting(order)
    record(organisation_id=order.organisation_id, entries=entries, by=by, now=now)
    return version


def _write_version(
    order: Order, content: dict[str, Any], *, reauthenticated_at: datetime | None, by: Actor, now: datetime
) -> OrderVersion:
    """The row that is the signature: the content with its hash, and what of it the database compares, in columns."""
    return OrderVersion.objects.create(
        order=order,
        number=order.current_version.number + 1 if order.current_version else 1,
        **{name: content.get(name) for name in IN_COLUMNS},
        content=content,
        content_hash=content_hash(content),
        signed_by_id=by.staff_id,
        signed_name=User.objects.get(pk=by.staff_id).shown_name,
        signed_at=now,
        reauthenticated_at=reauthenticated_at,
    )


def _signed_entry(order: Order, version: OrderVersion, effect: Effect, by: Actor) -> Entry:
    data: dict[str, Any] = {"version": version.number, "content_hash": version.content_hash}
    if effect.unfitting:
        data["no_longer_fit"] = [visit.pk for visit, _ in effect.unfitting]
    return Entry(
        "order.signed", clinic_id=by.clinic_id, order_id=order.pk, patient_id=order.patient_id, data=data
    )  # fmt: skip


def _name_what_no_longer_fits(
    order: Order, version: OrderVersion, effect: Effect, *, by: Actor, now: datetime
) -> list[Entry]:
    if not effect.unfitting:
        return []
    said = [f"Infusion {visit.dose_number}: {', '.join(TEXTS[one] for one in why)}." for visit, why in effect.unfitting]
    visit = effect.unfitting[0][0]
    entries = [Entry.of_visit("appointment.no_longer_fits", visit) for visit, _ in effect.unfitting]
    return entries + open_task(
        TaskKind.NO_LONGER_FITS,
        f"no-longer-fits:{version.pk}",
        clinic=visit.clinic,
        patient=order.patient,
        order=order,
        appointment=visit,
        words=" ".join(said),
        by=by,
        now=now,
    )
