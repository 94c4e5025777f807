"""Chairs and posts: added, changed, out of use and back; who would be affected is said before."""

from __future__ import annotations

import pytest

from scheduling.affected_visits import affected_visits
from scheduling.furnishing import (
    ResourceChanged,
    add_resource,
    as_read,
    change_resource,
    if_out_of_use,
    needing_it,
    take_out_of_use,
    use_again,
)
from scheduling.models import ClaimRole, Clinic, Event, Resource, ResourceKind, Role
from scheduling.permissions import NotAllowed
from scheduling.spacing import InvalidFields
from tests import factories
from tests.factories import NOW
from tests.scheduling.running import NINE, book, chair, nurse_of

pytestmark = pytest.mark.django_db
CHAIR, NURSE = ResourceKind.CHAIR, ResourceKind.NURSE


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1, nurses=1)


def test_chair_is_added_once_for_its_key(clinic: Clinic) -> None:
    by = factories.create_actor(clinic, Role.MANAGER)
    first, again = (
        add_resource(clinic=clinic, kind=CHAIR, name="Chair 7", features=["private room"], by=by, now=NOW, key="k")
        for _ in range(2)
    )
    assert first.pk == again.pk
    assert (first.code, first.features) == ("chair-7", ["private-room"])
    assert list(first.places.values_list("role", "number")) == [(ClaimRole.SEAT, 1)]
    assert Event.objects.get(verb="clinic.resource_added").data == {"resource": first.pk}


def test_names_may_be_alike_and_codes_are_not(clinic: Clinic) -> None:
    by = factories.create_actor(clinic, Role.MANAGER)
    codes = [add_resource(clinic=clinic, kind=CHAIR, name="Window", by=by, now=NOW).code for _ in range(3)]
    codes.append(add_resource(clinic=clinic, kind=CHAIR, name="椅子", by=by, now=NOW).code)
    assert codes == ["window", "window-2", "window-3", "chair"]


def test_nurse_post_has_places_to_watch(clinic: Clinic) -> None:
    by = factories.create_actor(clinic, Role.MANAGER)
    post = add_resource(clinic=clinic, kind=NURSE, name="Nurse 2", watch=2, by=by, now=NOW)
    assert (post.watch_places, post.watch_while_attending) == (2, 1)
    assert post.places.count() == 3
    change_resource(resource=post, name="Nurse B", watch=4, by=by, now=NOW)
    assert (post.name, post.places.filter(role=ClaimRole.WATCH).count()) == ("Nurse B", 4)


def test_who_changes_what_a_colleague_changed_meanwhile_is_told(clinic: Clinic) -> None:
    by, one = factories.create_actor(clinic, Role.MANAGER), chair(clinic, 1)
    read = as_read(one)
    change_resource(resource=one, name="Window", features=["bed"], read=read, by=by, now=NOW)
    with pytest.raises(ResourceChanged) as refusal:
        change_resource(resource=one, name="Door", read=read, by=by, now=NOW)
    assert (refusal.value.resource.name, Resource.objects.get(pk=one.pk).features) == ("Window", ["bed"])
    # Pressed twice, and once more after what is there was read.
    change_resource(resource=one, name="Window", features=["bed"], read=read, by=by, now=NOW)
    change_resource(resource=one, name="Door", read=as_read(refusal.value.resource), by=by, now=NOW)
    assert Resource.objects.get(pk=one.pk).name == "Door"


@pytest.mark.parametrize(
    ("kind", "said"), [(CHAIR, {"name": " "}), (NURSE, {"name": "N", "watch": 0}), (NURSE, {"name": "N", "watch": 13})]
)
def test_nonsense_is_refused(clinic: Clinic, kind: ResourceKind, said: dict[str, object]) -> None:
    by = factories.create_actor(clinic, Role.MANAGER)
    with pytest.raises(InvalidFields):
        add_resource(clinic=clinic, kind=kind, by=by, now=NOW, **said)  # type: ignore[arg-type]


def test_out_of_use_affects_its_visits_until_it_is_used_again(clinic: Clinic) -> None:
    visit, by = book(clinic, NINE), factories.create_actor(clinic, Role.MANAGER)
    only = chair(clinic, 1)
    assert [one.visit for one in if_out_of_use(resource=only, now=NOW)] == [visit]
    assert affected_visits(clinic=clinic, now=NOW) == []
    take_out_of_use(resource=only, by=by, now=NOW)
    take_out_of_use(resource=only, by=by, now=NOW)
    assert [one.visit for one in affected_visits(clinic=clinic, now=NOW)] == [visit]
    assert Event.objects.filter(verb="clinic.resource_out_of_use").count() == 1
    use_again(resource=only, by=by, now=NOW)
    assert affected_visits(clinic=clinic, now=NOW) == []


def test_with_another_chair_free_nobody_stays_affected(clinic: Clinic) -> None:
    book(clinic, NINE)
    factories.create_chair(clinic, "chair-2")
    used = Resource.objects.get(claims__appointment__isnull=False, kind=CHAIR, clinic=clinic)
    take_out_of_use(resource=used, by=factories.create_actor(clinic, Role.MANAGER), now=NOW)
    assert affected_visits(clinic=clinic, now=NOW) == []
    assert Event.objects.filter(verb="appointment.chair_changed").count() == 1


def test_fewer_to_watch_names_the_visits_beyond(clinic: Clinic) -> None:
    factories.create_chair(clinic, "chair-2")
    first = book(clinic, NINE)
    nurse = nurse_of(clinic, 1)
    assert needing_it(resource=nurse, features=[], watch=3, now=NOW) == []
    taken = first.claims.filter(role=ClaimRole.WATCH).values_list("place", flat=True)
    found = needing_it(resource=nurse, features=[], watch=max(taken) - 1, now=NOW)
    assert [one.visit for one in found] == [first]


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER, Role.AUDITOR])
def test_only_managers_change_what_there_is(clinic: Clinic, role: Role) -> None:
    by = factories.create_actor(clinic, role)
    with pytest.raises(NotAllowed):
        add_resource(clinic=clinic, kind=CHAIR, name="Mine", by=by, now=NOW)
    with pytest.raises(NotAllowed):
        take_out_of_use(resource=chair(clinic, 1), by=by, now=NOW)
    with pytest.raises(NotAllowed):
        change_resource(resource=chair(clinic, 1), name="Mine", by=by, now=NOW)
