"""Where an order may be given: one more clinic is a prescriber's amendment that changes nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scheduling import permissions
from scheduling.decisions_made import latest_decisions
from scheduling.drafting import clinics_of, in_force, reasons_about_patient
from scheduling.events import Actor
from scheduling.locking import lock_patients, writing
from scheduling.models import UNDER_WAY, Clinic, Decision, Order, OrderState, OrderVersion
from scheduling.order_content import NotSignable, SignedAlready
from scheduling.signing import clinic_of_signer, lock_with_visits, sign_content


def continue_at(
    *, order: Order, clinic: Clinic, reauthenticated_at: datetime | None = None, by: Actor, now: datetime
) -> OrderVersion:
    """From now on the order may be given at `clinic` as well: version n + 1, all else as in force. An amendment that
    waits for its signature waits on, and names the clinic too.

    Refuses with NotSignable a draft (whose clinics are the draft's to say), a closed record, a clinic of another
    organisation, and while a review waits for the change it was decided with; with SignedAlready when the order is for
    that clinic. Records `order.signed`.
    """
    permissions.check(by, "order.sign", organisation_id=order.organisation_id)
    with writing():
        lock_patients(order.patient_id)
        order = lock_with_visits(order)
        if order.state == OrderState.DRAFT:
            raise NotSignable(["This order is a draft: change its clinics there."])
        was = set(order.sites.values_list("slug", flat=True))
        if clinic.slug in was:
            raise SignedAlready([f"The order is for {clinic.name} already."])
        content = in_force(order) | {"sites": sorted(was | {clinic.slug})}
        sites = clinics_of(order, content)
        # Another version would open a review to the terms that the decision there wants changed.
        made = [one for one in latest_decisions([order.pk]).values() if one.decision == Decision.CONTINUE_CHANGED]
        if any(one.under_version_id == order.current_version_id for one in made):
            raise NotSignable(["A review was decided as “continue with changed order”: sign that change first."])
        if reasons := reasons_about_patient(order):
            raise NotSignable(reasons)
        return sign_content(
            order,
            content,
            sites=sites,
            clinic=clinic_of_signer(sites, by) or clinic,
            draft_after=_with(order.draft, clinic),
            reauthenticated_at=reauthenticated_at,
            by=by,
            now=now,
        )


def other_clinics(order: Order) -> list[Clinic]:
    """The organisation's clinics that the order is not for."""
    if order.state not in UNDER_WAY:
        return []
    there = order.sites.values("pk")
    return list(Clinic.objects.filter(organisation=order.organisation_id).exclude(pk__in=there).order_by("name"))


def _with(draft: dict[str, Any], clinic: Clinic) -> dict[str, Any]:
    return {**draft, "sites": sorted({*draft["sites"], clinic.slug})} if "sites" in draft else draft
