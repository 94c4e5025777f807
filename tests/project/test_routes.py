"""Every address is in the route table, and nothing is public by accident."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from scheduling.models import Role
from web.access import PUBLIC
from web.routes import ROUTES
from web.templatetags.icons import icon

# Pages of the machine, which need no person: `config.urls` adds them around the table.
OF_THE_MACHINE = {"health-live", "health-ready", "metrics"}
# Whoever adds a line here opens a page to the whole world.
OPEN_TO_ANYONE = {
    "sign_in",
    "set_language",
    "text_size",
    "linked_visits",
    "confirm_linked",
    "move_linked",
    "cancel_linked",
    "ride_linked",
    "birth_date_linked",
    "questions_linked",
    "tablet",
    "contact_linked",
    "stop_linked",
    "wish_linked",
    "news_linked",
    "calendar_linked",
    "feed_linked",
    "calendar_feed",
    "twilio_status",
    "twilio_inbound",
    "inbound_mail",
    "postmark",
    "mail_events",
    "unsubscribe",
    "invite",
    "robots",
    "station_board",
    "station_changes",
}
OPEN_IN_EMBEDDED_MODE = {
    "gallery",
    "gallery_patient",
}
# Pages that take a POST without our token, because what calls them proves itself another way.
WITHOUT_CSRF_TOKEN = {"twilio_status", "twilio_inbound", "inbound_mail", "postmark", "mail_events", "unsubscribe"}


def patterns(under: URLResolver) -> Iterator[URLPattern]:
    for item in under.url_patterns:
        if isinstance(item, URLResolver):
            yield from patterns(item)
        else:
            yield item


def test_every_address_is_in_the_table() -> None:
    addresses = [(str(pattern.pattern), pattern.name) for pattern in patterns(get_resolver())]
    assert {name for _, name in addresses} - {route.name for route in ROUTES} == OF_THE_MACHINE
    table = [(route.path, route.name) for route in ROUTES]
    assert sorted(address for address in addresses if address[1] not in OF_THE_MACHINE) == sorted(table)


def test_names_and_paths_are_used_once() -> None:
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    assert len({route.path for route in ROUTES}) == len(ROUTES)


def test_only_listed_pages_are_public() -> None:
    public = [route for route in ROUTES if route.roles is PUBLIC]
    assert {route.name for route in public if not route.embedded_only} == OPEN_TO_ANYONE
    assert {route.name for route in public if route.embedded_only} == OPEN_IN_EMBEDDED_MODE


def test_what_is_not_public_asks_for_a_sign_in() -> None:
    asks = {p.name: getattr(p.callback, "login_required", True) for p in patterns(get_resolver()) if p.name}
    assert {name for name, required in asks.items() if not required} == (
        OPEN_TO_ANYONE | OPEN_IN_EMBEDDED_MODE | OF_THE_MACHINE
    )
    assert "web.access.SignInRequired" in settings.MIDDLEWARE


def test_only_listed_pages_go_without_a_csrf_token() -> None:
    exempt = {p.name for p in patterns(get_resolver()) if getattr(p.callback, "csrf_exempt", False)}
    assert exempt == WITHOUT_CSRF_TOKEN


def test_roles_and_methods_are_ones_there_are() -> None:
    for route in ROUTES:
        assert set(route.methods) <= {"GET", "POST", "PUT", "PATCH", "DELETE"}, route.name
        assert route.methods, route.name
        if isinstance(route.roles, frozenset):
            assert route.roles, route.name
            assert route.roles <= set(Role), route.name


def test_what_is_in_the_menu_can_be_opened_by_a_link() -> None:
    for route in ROUTES:
        if route.menu:
            assert "GET" in route.methods, route.name
            assert "<" not in route.path, route.name
            assert icon(route.icon).startswith("<svg"), route.name
