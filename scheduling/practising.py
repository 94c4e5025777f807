"""A clinic to practise at: the same chairs, people, hours and plans, an organisation of its own, nobody real."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from scheduling import clinic_setup, permissions
from scheduling.clinic_export import export
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Clinic, Membership, Organisation, ProtocolVersion, Role, User
from scheduling.plan_approval import approve_protocol

BY: Final = Actor.system("practice clinic")
SUFFIX: Final = "-practice"
# Whose name stands under plans and orders there: nobody who could sign in.
TUTOR_ROLES: Final = (Role.PRESCRIBER, Role.NURSE, Role.FRONT_DESK)


def practice_of(clinic: Clinic) -> Clinic | None:
    """The practice clinic that was made from this one."""
    organisation, slug = clinic.organisation.slug[:50] + SUFFIX, clinic.slug[:50] + SUFFIX
    return Clinic.objects.filter(organisation__slug=organisation, slug=slug, is_practice=True).first()


def open_practice_clinic(*, like: Clinic, by: Actor, now: datetime) -> Clinic:
    """A practice clinic with the setup of `like` as it is now; made before, it is brought to that. Everybody who works
    at `like` works there in the same roles. Its patients are in an organisation of their own, so that nobody real is
    found there. Its plans are approved and its orders signed by an account that nobody can sign in with.

    Refuses with NotAllowed, at a practice clinic too. Records `clinic.practice_opened` at `like`, and `clinic.set_up`.
    """
    permissions.check(by, "clinic.set_up", organisation_id=like.organisation_id, clinic_id=like.pk)
    if like.is_practice:
        raise permissions.NotAllowed("clinic.set_up")
    with writing():
        _flagged(like, now)
        practice = clinic_setup.apply(_section(like), by=BY, now=now).clinic
        Clinic.objects.filter(pk=practice.pk).update(sends_texts=True)
        _bring_people(like, practice)
        entries = [Entry("clinic.practice_opened", clinic_id=practice.pk)]
        record(organisation_id=practice.organisation_id, entries=entries, by=BY, now=now)
        entries = [Entry("clinic.practice_opened", clinic_id=like.pk, data={"practice": practice.pk})]
        record(organisation_id=like.organisation_id, entries=entries, by=by, now=now)
    _approve_plans(practice, now)
    practice.refresh_from_db()
    return practice


def tutor_of(practice: Clinic) -> Actor:
    """Who drafts, signs and books what is there to learn with."""
    return Actor.staff(User.objects.get(username=f"tutor-{practice.pk}"), practice)


def _flagged(like: Clinic, now: datetime) -> None:
    """The row, a practice clinic from its first moment on: no other becomes one."""
    organisation, _ = Organisation.objects.get_or_create(
        slug=like.organisation.slug[:50] + SUFFIX, defaults={"name": f"{like.organisation.name} (practice)"[:200]}
    )
    practice, _ = Clinic.objects.get_or_create(
        organisation=organisation,
        slug=like.slug[:50] + SUFFIX,
        defaults={"name": like.name, "time_zone": like.time_zone, "is_practice": True},
    )
    if not practice.is_practice or organisation.clinics.filter(is_practice=False).exists():
        raise permissions.NotAllowed("clinic.set_up")
    entry = Entry("clinic.set_up", clinic_id=practice.pk)
    record(organisation_id=organisation.pk, entries=[entry], by=BY, now=now)


def _section(like: Clinic) -> dict[str, Any]:
    section = export(like)
    section["organisation"] = {
        "slug": like.organisation.slug[:50] + SUFFIX,
        "name": f"{like.organisation.name} (practice)"[:200],
    }
    section["clinic"] = section["clinic"] | {"slug": like.slug[:50] + SUFFIX, "name": f"{like.name} (practice)"[:200]}
    # Accounts come as memberships: a file gives nobody a place in another organisation.
    section["staff"] = []
    for kind in ("nurses", "prescribers"):
        for entry in section.get(kind, []):
            entry.pop("user", None)
    return section


def _bring_people(like: Clinic, practice: Clinic) -> None:
    tutor, is_new = User.objects.get_or_create(
        username=f"tutor-{practice.pk}", defaults={"display_name": "Dr Practice"}
    )
    if is_new:
        tutor.set_unusable_password()
        tutor.save(update_fields=["password"])
    wanted = {(row.user_id, row.role) for row in Membership.objects.filter(clinic=like, user__is_active=True)}
    wanted |= {(tutor.pk, role) for role in TUTOR_ROLES}
    have = {(row.user_id, row.role): row.pk for row in Membership.objects.filter(clinic=practice)}
    Membership.objects.filter(pk__in=[pk for one, pk in have.items() if one not in wanted]).delete()
    Membership.objects.bulk_create(
        Membership(user_id=user, clinic=practice, role=role) for user, role in sorted(wanted - have.keys())
    )


def _approve_plans(practice: Clinic, now: datetime) -> None:
    versions = ProtocolVersion.objects.filter(protocol__organisation=practice.organisation_id, approved_at=None)
    for version in versions.select_related("protocol"):
        approve_protocol(version=version, by=tutor_of(practice), now=now)
