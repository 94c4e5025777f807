"""The guard around every page: sign-in, role at the clinic in use, method, embedded mode."""

from __future__ import annotations

from typing import cast

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DataError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.utils.translation import override

from scheduling.models import Clinic, Role
from scheduling.permissions import NotAllowed
from web.access import PUBLIC, SIGNED_IN, WRITE, Open, Route, guarded
from web.current_clinic import ClinicRequest

HARBOR = Clinic(pk=1, name="Harbor")
NORTH = Clinic(pk=2, name="North")


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("here")


def ask(
    roles: frozenset[Role] | Open,
    *,
    held: dict[Clinic, frozenset[Role]],
    method: str = "GET",
    methods: tuple[str, ...] = ("GET",),
    embedded_only: bool = False,
) -> HttpResponse:
    request = cast("ClinicRequest", RequestFactory().generic(method, "/page/"))
    request.places = held
    request.clinic = HARBOR
    request.membership_roles = held.get(HARBOR, frozenset())
    view = guarded(Route("page/", "page", page, roles, methods, embedded_only))
    return cast("HttpResponse", view(request))


def test_page_opens_for_its_role() -> None:
    assert ask(frozenset({Role.NURSE}), held={HARBOR: frozenset({Role.NURSE, Role.MANAGER})}).content == b"here"


def test_page_answers_head_where_it_answers_get() -> None:
    assert ask(frozenset({Role.NURSE}), held={HARBOR: frozenset({Role.NURSE})}, method="HEAD").status_code == 200


def test_page_is_refused_to_another_role_in_plain_words() -> None:
    with pytest.raises(PermissionDenied) as refusal, override("en"):
        ask(frozenset({Role.MANAGER, Role.NURSE}), held={HARBOR: frozenset({Role.FRONT_DESK})})
    assert str(refusal.value) == (
        "This page is for: Nurse, Manager. If you need it, ask your manager to add the role to your account."
    )


def test_page_is_refused_at_a_clinic_where_the_role_is_not_held() -> None:
    held = {HARBOR: frozenset({Role.FRONT_DESK}), NORTH: frozenset({Role.NURSE})}
    with pytest.raises(PermissionDenied) as refusal, override("en"):
        ask(frozenset({Role.NURSE}), held=held)
    assert str(refusal.value) == (
        "This page is for: Nurse. You have such a role at North: change the clinic at the top."
    )


@pytest.mark.parametrize(
    ("verb", "words"),
    [("rule.hours", "Manager"), ("rule.spacing", "Prescriber"), ("absence.record", "Nurse, Manager"), ("rule.x", "")],
)
def test_refused_verb_or_rule_names_whose_it_is(verb: str, words: str) -> None:
    def refuses(request: HttpRequest) -> HttpResponse:
        raise NotAllowed(verb)

    request = cast("ClinicRequest", RequestFactory().get("/page/"))
    request.places, request.clinic = {}, HARBOR
    with pytest.raises(PermissionDenied) as refusal, override("en"):
        guarded(Route("page/", "page", refuses, PUBLIC))(request)
    assert str(refusal.value).startswith(f"This page is for: {words}.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "sent", "refusal"),
    [
        ("SELECT %s::smallint", 99999, BadRequest),
        ("SELECT %s::text", "a\x00b", BadRequest),
        ("SELECT %s::jsonb ->> 0", '["a\\u0000b"]', BadRequest),
        ("SELECT %s::timestamptz - interval '9999 years'", "0001-01-01", BadRequest),
        ("SELECT 1 / %s", 0, DataError),
        ("SELECT %s::jsonb", "{", DataError),
    ],
)
def test_what_no_column_holds_is_a_bad_request_and_our_own_mistakes_are_not(
    sql: str, sent: int | str, refusal: type[Exception]
) -> None:
    def asks(request: HttpRequest) -> HttpResponse:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [sent])
        return HttpResponse()

    view = guarded(Route("page/", "page", asks, PUBLIC))
    with pytest.raises(refusal):
        view(cast("ClinicRequest", RequestFactory().get("/page/")))


def test_signed_in_page_opens_without_any_role() -> None:
    assert ask(SIGNED_IN, held={}).content == b"here"


@override_settings(EMBEDDED=False)
def test_demo_page_is_not_there_outside_embedded_mode() -> None:
    with pytest.raises(Http404):
        ask(PUBLIC, held={}, embedded_only=True)


def test_the_table_decides_what_is_public_whatever_the_view_says() -> None:
    def page_of_a_library(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    page_of_a_library.__dict__["login_required"] = False
    assert guarded(Route("x/", "x", page_of_a_library, SIGNED_IN)).__dict__["login_required"] is True
    assert guarded(Route("x/", "x", page, PUBLIC)).__dict__["login_required"] is False


@pytest.fixture
def refusal() -> HttpResponse:
    request = cast("ClinicRequest", RequestFactory().get("/page/"))
    request.user = AnonymousUser()  # type: ignore[assignment]  # as on public pages
    view = guarded(Route("page/", "page", page, PUBLIC, WRITE))
    answer = view(request)
    answer.render()  # type: ignore[attr-defined]  # a TemplateResponse
    return cast("HttpResponse", answer)


def test_wrong_method_gets_a_page_with_a_way_on(refusal: HttpResponse) -> None:
    assert refusal.status_code == 405
    assert refusal.headers["Allow"] == "POST"
    assert b"Nothing was changed." in refusal.content


def test_stranger_is_sent_to_the_sign_in_page_and_back() -> None:
    answer = Client().get("/?day=2026-01-05")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=/%3Fday%3D2026-01-05")


def test_stranger_with_htmx_is_sent_there_as_a_whole_page() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/patients/?page=2"}
    answer = Client().get("/", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in/?next=%2Fpatients%2F%3Fpage%3D2"
    assert answer.content == b""
