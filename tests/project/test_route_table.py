from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from scheduling.models import Role
from web.access import Open
from web.routes import ROUTES

# Pages for machines; they say nothing about anyone.
HEALTH = {"health/live", "health/ready", "metrics"}


def addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield here
        else:
            yield from addresses(entry, here)


def test_every_address_is_in_the_route_table() -> None:
    assert sorted(addresses(get_resolver())) == sorted([*HEALTH, *(route.path for route in ROUTES)])


def test_every_route_says_who_may_open_it() -> None:
    for route in ROUTES:
        assert isinstance(route.roles, Open) or (route.roles and route.roles <= set(Role)), route.name


def test_no_two_routes_share_a_name() -> None:
    names = [route.name for route in ROUTES]
    assert sorted(names) == sorted(set(names))
