"""Letting people of the staff in: an account with its roles here, and a link that works once to choose a password."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from scheduling import permissions
from scheduling.clinic_schema import USERNAME
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Clinic, Membership, Role, StaffInvite, User
from scheduling.schema_errors import schema_errors
from scheduling.spacing import InvalidFields

LASTS: Final = timedelta(days=7)


class NameTaken(Exception):
    """Somebody of another organisation, or somebody here already, has this sign-in name."""


class NoManagerLeft(Exception):
    """Nobody could set the clinic up any more."""


class RolesChanged(Exception):
    """Somebody else changed them since the page was made; `roles` are those of now."""

    def __init__(self, roles: Collection[Role]) -> None:
        self.roles = roles
        super().__init__("changed meanwhile")


class WorksElsewhere(Exception):
    """A link opens the account at every clinic, so only who manages each clinic where the person works makes one, and
    for who works in another organisation too, nobody here. `clinics` are the ones in the way."""

    def __init__(self, clinics: Collection[Clinic]) -> None:
        self.clinics = clinics
        super().__init__("works elsewhere")


class InviteIsOver(Exception):
    """The link was used, a newer one took its place, or its time is up."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A person and the secret of their link, which is kept nowhere: it is shown once."""

    user: User
    token: str


def invite(
    *, clinic: Clinic, username: str, name: str, email: str = "", roles: Collection[Role], by: Actor, now: datetime
) -> Invited:
    """A new account with these roles at the clinic, and a link to choose its password within 7 days.

    Refuses with InvalidFields and NameTaken. Records `staff.invited`.
    """
    _check(by, clinic)
    errors = {} if not schema_errors(USERNAME, username) else {"username": "is letters, digits and . @ + - _"}
    errors |= {} if 0 < len(name.strip()) <= 150 else {"name": "is a name of at most 150 letters"}
    errors |= {} if roles else {"roles": "names one at least"}
    if errors:
        raise InvalidFields(errors)
    with writing():
        if User.objects.filter(username__iexact=username).exists():
            raise NameTaken
        user = User(username=username, display_name=name.strip(), email=email.strip())
        user.set_unusable_password()
        user.save(force_insert=True)
        Membership.objects.bulk_create(Membership(user=user, clinic=clinic, role=role) for role in sorted(roles))
        token = _new_link(user, clinic, by=by, now=now)
        _record("staff.invited", clinic, user, by=by, now=now, roles=sorted(roles))
    return Invited(user, token)


def make_link(*, user: User, clinic: Clinic, by: Actor, now: datetime) -> Invited:
    """Another link, for who lost the first one or forgot the password; earlier ones lead nowhere from now on. Refuses
    with NotAllowed for who does not work here, or has left, and with WorksElsewhere: else who manages a practice clinic
    would open the accounts of all who learn there, and who manages one clinic would sign orders at another one by the
    account of its prescriber. Records `staff.link_made`."""
    _check(by, clinic)
    with writing():
        if not user.is_active or not Membership.objects.filter(user=user, clinic=clinic).exists():
            raise permissions.NotAllowed("staff.change")
        if elsewhere := _in_the_way(user, clinic, by):
            raise WorksElsewhere(elsewhere)
        token = _new_link(user, clinic, by=by, now=now)
        _record("staff.link_made", clinic, user, by=by, now=now)
    return Invited(user, token)


def who_makes_links(user: User, clinic: Clinic) -> list[User]:
    """The people who manage each clinic where this person works, and so may make a link for them here. Reads only."""
    real = Membership.objects.filter(user=user, clinic__is_practice=False)
    clinics = {clinic.pk, *real.values_list("clinic", flat=True)}
    managers = Membership.objects.filter(
        role=Role.MANAGER, clinic__in=clinics, clinic__organisation=clinic.organisation_id, user__is_active=True
    )
    of_all = managers.exclude(user=user).values("user").annotate(of=Count("clinic")).filter(of=len(clinics))
    return list(User.objects.filter(pk__in=of_all.values("user")).order_by("display_name", "username"))


def invite_of(token: str, *, now: datetime) -> StaffInvite:
    """The invite behind a link that still works. Refuses with InviteIsOver."""
    found = StaffInvite.objects.filter(
        token_hash=_hash(token), used_at=None, useful_until__gt=now, user__is_active=True
    )
    row = found.select_related("user", "clinic").first()
    if row is None:
        raise InviteIsOver
    return row


def accept_invite(*, token: str, password: str, now: datetime) -> User:
    """The person chooses their password, which the page has found good enough; wherever they were signed in they no
    longer are. The link is used up. Refuses with InviteIsOver. Records `staff.let_in`, by the person."""
    with writing():
        row = invite_of(token, now=now)
        # Two presses at once: the second finds it used.
        if not StaffInvite.objects.filter(pk=row.pk, used_at=None).update(used_at=now):
            raise InviteIsOver
        user = row.user
        user.set_password(password)
        user.save(update_fields=["password"])
        _record("staff.let_in", row.clinic, user, by=Actor.staff(user, row.clinic), now=now)
    return user


def change_roles(
    *,
    user: User,
    clinic: Clinic,
    roles: Collection[Role],
    read: Collection[Role] | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """All roles of a person here. Refuses with InvalidFields where there is none (somebody who leaves: `leave`), with
    NoManagerLeft, and with RolesChanged where they are no longer those that were `read`, and not yet these. Records
    `staff.roles_changed`."""
    _check(by, clinic)
    if not roles:
        raise InvalidFields({"roles": "names one at least"})
    with writing():
        # With the managers' in one order: two who take each other's roles come one after the other.
        theirs = Membership.objects.select_for_update().filter(Q(user=user) | Q(role=Role.MANAGER), clinic=clinic)
        held = {row.role: row.pk for row in theirs.order_by("pk") if row.user_id == user.pk}
        if not held:
            raise permissions.NotAllowed("staff.change")
        if read is not None and held.keys() not in (set(read), set(roles)):
            raise RolesChanged([Role(role) for role in sorted(held)])
        if Role.MANAGER in held and Role.MANAGER not in roles:
            somebody_stays_manager(clinic, without=user)
        Membership.objects.filter(pk__in=[pk for role, pk in held.items() if role not in roles]).delete()
        new = [Membership(user=user, clinic=clinic, role=role) for role in sorted(roles) if role not in held]
        Membership.objects.bulk_create(new)
        _record("staff.roles_changed", clinic, user, by=by, now=now, roles=sorted(roles))


def somebody_stays_manager(clinic: Clinic, *, without: User) -> None:
    """In the transaction of a change: refuses with NoManagerLeft where this person is the last one."""
    # All of them, and the people only then: of two managers who let each other go at once, the second finds the first
    # gone.
    managers = Membership.objects.select_for_update().filter(clinic=clinic, role=Role.MANAGER).order_by("pk")
    others = [row.user_id for row in managers if row.user_id != without.pk]
    if not User.objects.filter(pk__in=others, is_active=True).exists():
        raise NoManagerLeft


def _in_the_way(user: User, clinic: Clinic, by: Actor) -> list[Clinic]:
    """The clinics at which a link made here would open the account of this person, and which `by` does not manage."""
    managed = Membership.objects.filter(user=by.user_id, role=Role.MANAGER, clinic__organisation=clinic.organisation_id)
    others = Clinic.objects.filter(memberships__user=user, is_practice=False).exclude(pk=clinic.pk)
    return list(others.exclude(pk__in=managed.values("clinic")).distinct().order_by("name"))


def _new_link(user: User, clinic: Clinic, *, by: Actor, now: datetime) -> str:
    for earlier in StaffInvite.objects.filter(user=user, used_at=None).select_related("clinic"):
        earlier.delete()
        if earlier.clinic_id != clinic.pk:
            _record("staff.link_ended", earlier.clinic, user, by=by, now=now)
    token = secrets.token_urlsafe(24)
    StaffInvite.objects.create(
        user=user, clinic=clinic, token_hash=_hash(token), made_by_id=by.user_id, made_at=now, useful_until=now + LASTS
    )
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _check(by: Actor, clinic: Clinic) -> None:
    permissions.check(by, "staff.change", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)


def _record(verb: str, clinic: Clinic, user: User, *, by: Actor, now: datetime, **more: object) -> None:
    entry = Entry(verb, clinic_id=clinic.pk, data={"user": user.pk, **more})
    record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
