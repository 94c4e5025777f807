"""People are let in by a link that works once, get several roles, and a clinic keeps a manager."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.events import Actor
from scheduling.inviting import (
    Invited,
    InviteIsOver,
    NameTaken,
    NoManagerLeft,
    RolesChanged,
    WorksElsewhere,
    accept_invite,
    change_roles,
    invite,
    invite_of,
    make_link,
    who_makes_links,
)
from scheduling.models import Clinic, Event, Role, StaffInvite, User
from scheduling.permissions import NotAllowed
from scheduling.practising import open_practice_clinic
from scheduling.spacing import InvalidFields
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
BOTH = [Role.NURSE, Role.FRONT_DESK]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def priya(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.MANAGER)


def ana(clinic: Clinic, by: Actor) -> Invited:
    return invite(clinic=clinic, username="ana.d", name="Ana Delgado", email="", roles=BOTH, by=by, now=NOW)


def test_who_is_invited_chooses_a_password_once(clinic: Clinic, priya: Actor) -> None:
    invited = ana(clinic, priya)
    assert not invited.user.has_usable_password()
    assert sorted(invited.user.memberships.values_list("role", flat=True)) == ["front_desk", "nurse"]
    assert invited.token not in str(StaffInvite.objects.values())
    user = accept_invite(token=invited.token, password="a-long-password", now=NOW + timedelta(hours=1))
    assert user.check_password("a-long-password")
    assert Event.objects.get(verb="staff.let_in").user == user
    with pytest.raises(InviteIsOver):
        accept_invite(token=invited.token, password="another-password", now=NOW)
    assert User.objects.get(pk=user.pk).check_password("a-long-password")


def test_link_ends_after_a_week(clinic: Clinic, priya: Actor) -> None:
    token = ana(clinic, priya).token
    assert invite_of(token, now=NOW + timedelta(days=6, hours=23)).user.username == "ana.d"
    for late in (NOW + timedelta(days=7), NOW + timedelta(days=30)):
        with pytest.raises(InviteIsOver):
            invite_of(token, now=late)


def test_newer_link_ends_the_earlier_one(clinic: Clinic, priya: Actor) -> None:
    first = ana(clinic, priya)
    second = make_link(user=first.user, clinic=clinic, by=priya, now=NOW)
    with pytest.raises(InviteIsOver):
        invite_of(first.token, now=NOW)
    assert invite_of(second.token, now=NOW).user == first.user


def test_link_leads_nowhere_for_who_has_left(clinic: Clinic, priya: Actor) -> None:
    invited = ana(clinic, priya)
    User.objects.filter(pk=invited.user.pk).update(is_active=False)
    with pytest.raises(InviteIsOver):
        invite_of(invited.token, now=NOW)
    invited.user.refresh_from_db()
    with pytest.raises(NotAllowed):
        make_link(user=invited.user, clinic=clinic, by=priya, now=NOW)


def test_name_that_somebody_has_is_taken_in_any_case(clinic: Clinic, priya: Actor) -> None:
    ana(clinic, priya)
    with pytest.raises(NameTaken):
        invite(clinic=clinic, username="ANA.D", name="Ana", roles=BOTH, by=priya, now=NOW)


@pytest.mark.parametrize("wrong", [{"username": "ana d"}, {"name": " "}, {"roles": []}, {"username": ""}])
def test_nonsense_is_refused(clinic: Clinic, priya: Actor, wrong: dict[str, object]) -> None:
    said: dict[str, object] = {"username": "ana", "name": "Ana", "roles": BOTH} | wrong
    with pytest.raises(InvalidFields):
        invite(clinic=clinic, by=priya, now=NOW, **said)  # type: ignore[arg-type]


def test_roles_are_changed_and_a_manager_stays(clinic: Clinic, priya: Actor) -> None:
    user = ana(clinic, priya).user
    change_roles(user=user, clinic=clinic, roles=[Role.MANAGER], by=priya, now=NOW)
    assert list(user.memberships.values_list("role", flat=True)) == ["manager"]
    assert priya.user_id
    change_roles(user=User.objects.get(pk=priya.user_id), clinic=clinic, roles=[Role.AUDITOR], by=priya, now=NOW)
    with pytest.raises(NoManagerLeft):
        change_roles(user=user, clinic=clinic, roles=[Role.NURSE], by=factories.system(), now=NOW)
    with pytest.raises(InvalidFields):
        change_roles(user=user, clinic=clinic, roles=[], by=factories.system(), now=NOW)


def test_who_changes_roles_that_a_colleague_changed_meanwhile_is_told(clinic: Clinic, priya: Actor) -> None:
    user = ana(clinic, priya).user
    change_roles(user=user, clinic=clinic, roles=[Role.PRESCRIBER], read=BOTH, by=priya, now=NOW)
    with pytest.raises(RolesChanged) as refusal:
        change_roles(user=user, clinic=clinic, roles=[Role.NURSE], read=BOTH, by=priya, now=NOW)
    assert refusal.value.roles == [Role.PRESCRIBER]
    change_roles(user=user, clinic=clinic, roles=[Role.PRESCRIBER], read=BOTH, by=priya, now=NOW)
    change_roles(user=user, clinic=clinic, roles=[Role.NURSE], read=refusal.value.roles, by=priya, now=NOW)
    assert list(user.memberships.values_list("role", flat=True)) == ["nurse"]


def test_somebody_of_another_clinic_is_not_changed(clinic: Clinic, priya: Actor) -> None:
    stranger = factories.create_user(factories.create_clinic(), Role.NURSE)
    for verb in (make_link, change_roles):
        more = {"roles": BOTH} if verb is change_roles else {}
        with pytest.raises(NotAllowed):
            verb(user=stranger, clinic=clinic, by=priya, now=NOW, **more)


def test_practice_clinic_opens_nobodys_account(clinic: Clinic, priya: Actor) -> None:
    cole = factories.create_user(clinic, Role.PRESCRIBER)
    practice = open_practice_clinic(like=clinic, by=priya, now=NOW)
    learner = factories.create_actor(practice, Role.MANAGER)
    with pytest.raises(WorksElsewhere):
        make_link(user=cole, clinic=practice, by=learner, now=NOW)
    assert make_link(user=cole, clinic=clinic, by=priya, now=NOW).user == cole


def test_who_manages_one_clinic_opens_no_account_that_signs_at_another(clinic: Clinic, priya: Actor) -> None:
    other = factories.create_clinic(clinic.organisation)
    cole, boss = factories.create_user(other, Role.PRESCRIBER), factories.create_user(clinic, Role.MANAGER)
    factories.join(cole, clinic, Role.NURSE)
    factories.join(boss, other, Role.MANAGER)
    with pytest.raises(WorksElsewhere) as refusal:
        make_link(user=cole, clinic=clinic, by=priya, now=NOW)
    assert (refusal.value.clinics, who_makes_links(cole, clinic)) == ([other], [boss])
    assert StaffInvite.objects.count() == 0
    assert make_link(user=cole, clinic=clinic, by=Actor.staff(boss, clinic), now=NOW).user == cole


def test_who_works_in_two_organisations_gets_a_link_from_nobody(clinic: Clinic) -> None:
    other = factories.create_clinic()
    cole, boss = factories.create_user(other, Role.NURSE), factories.create_user(clinic, Role.MANAGER)
    factories.join(cole, clinic, Role.NURSE)
    factories.join(boss, other, Role.MANAGER)
    for one in (clinic, other):
        with pytest.raises(WorksElsewhere):
            make_link(user=cole, clinic=one, by=Actor.staff(boss, one), now=NOW)
        assert who_makes_links(cole, one) == []


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER, Role.AUDITOR])
def test_only_managers_invite(clinic: Clinic, role: Role) -> None:
    with pytest.raises(NotAllowed):
        ana(clinic, factories.create_actor(clinic, role))
