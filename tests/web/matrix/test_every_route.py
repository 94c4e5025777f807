"""Every route x every role x own and other clinics x every method: what is expected stands in the table alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from scheduling.models import Role
from tests import databases, factories
from tests.counts import count
from tests.factories import NOW
from tests.web.matrix.example import Example
from tests.web.matrix.examples import NO_OBJECT, OF_THE_ORGANISATION, make_example
from tests.web.matrix.traces import says_so
from web.access import PUBLIC, Route
from web.routes import ROUTES

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PLACES = ("own", "other clinic", "other organisation")
PEOPLE = (*Role.values, "no role", "signed out", "deactivated")
LET_IN = {200, 204, 302, 303, 400, 409, 410, 422}
REFUSALS = (403, 404, 405)
WHOLE = settings.TEMPLATES
NOBODYS: dict[str, str | int] = {"int": 999_999_999, "str": "nobodys", "slug": "nobodys"}
# Providers prove themselves by a signature, which nobody here has: let in by the table, and then told no.
SIGNED_BY_PROVIDERS = {"twilio_status", "twilio_inbound", "inbound_mail", "postmark", "mail_events"}
# What is written into an empty form names nobody and nothing: let in, and then told that there is no such thing.
NAMED_IN_THE_FORM = {
    "choose_clinic", "visit_write", "settle_kept", "patient_answer", "wrong_number", "say_whose", "reply_who",
    "reply_answer", "work_row",
}  # fmt: skip
# Whose rule, whose loss or whose step it is, the row says and not the route: a question is its owner's, an absence a
# nurse's, a cover a manager's or its prescriber's, and of the steps of a visit the desk takes back an arrival alone.
THE_ROW_SAYS_WHO = {"answer_question", "end_absence", "take_back", "end_cover"}
# A clinician may open these wherever they are one; for others they are not there.
FOR_CLINICIANS_ANYWHERE = {"alert", "have_alert", "task", "take_task", "close_task"}
WITH = {"move_rest": "?from=1", "cancel_rest": "?from=1"}
# Signing in and out writes sessions; nothing of these is a patient's or a clinic's.
WRITES = re.compile(r'^\s*(INSERT INTO|UPDATE|DELETE FROM) "(scheduling|notifications)_', re.IGNORECASE)


@dataclass
class Matrix:
    """The examples by place, and a browser for everyone."""

    places: dict[str, Example]
    browsers: dict[str, Client]


@contextmanager
def refusals_in_a_word() -> Iterator[None]:
    """Half of the matrix's time went into the same three pages; that each is whole is looked at for each person."""
    short: Any = ("django.template.loaders.locmem.Loader", {f"{status}.html": "No." for status in REFUSALS})
    others: Any = ("django.template.loaders.cached.Loader", ["django.template.loaders.app_directories.Loader"])
    engine: dict[str, Any] = WHOLE[0]
    options = engine["OPTIONS"] | {"loaders": [short, others]}
    with override_settings(TEMPLATES=[engine | {"APP_DIRS": False, "OPTIONS": options}]):
        yield


@pytest.fixture(scope="module")
def matrix(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Matrix]:
    """One world for all cells; each request is taken back."""
    database = databases.clone(databases.next_name())
    with (
        django_db_blocker.unblock(),
        databases.default_connection_at(database.name),
        time_machine.travel(NOW, tick=False),
        refusals_in_a_word(),
    ):
        yield build()
    databases.drop(database.name)


def build() -> Matrix:
    ours, theirs = factories.create_organisation("Ours"), factories.create_organisation("Theirs")
    places = {name: make_example(where, str(number)) for number, (name, where) in enumerate(
        zip(PLACES, (ours, ours, theirs), strict=True))}  # fmt: skip
    browsers = {}
    for person in PEOPLE:
        client = Client()
        if person != "signed out":
            roles = list(Role) if person == "deactivated" else [Role(person)] if person in Role.values else []
            user = factories.create_user(places["own"].clinic, *roles, username=f"who-{person}")
            client.force_login(user)
            if person == "deactivated":
                type(user).objects.filter(pk=user.pk).update(is_active=False)
        browsers[person] = client
    return Matrix(places, browsers)


def arguments_of(route: Route) -> tuple[tuple[str, str], ...]:
    return tuple(re.findall(r"<(\w+):(\w+)>", route.path))


def expected(route: Route, person: str, method: str, place: str) -> set[int]:
    """What the table says of a cell: where to sign in, no such method, not your role, not found, or let in."""
    if route.roles is not PUBLIC and person in ("signed out", "deactivated"):
        return {302}
    if method not in route.methods and not (method == "HEAD" and "GET" in route.methods):
        return {405}
    if isinstance(route.roles, frozenset) and (person not in Role.values or Role(person) not in route.roles):
        return {403}
    return {404} if is_foreign(route, place) else expected_inside(route, person, method)


def expected_inside(route: Route, person: str, method: str) -> set[int]:
    """What whoever the table lets in meets at their own clinic's things."""
    if route.name in SIGNED_BY_PROVIDERS:
        return {403, 404}
    if route.name in FOR_CLINICIANS_ANYWHERE and person not in ("nurse", "prescriber"):
        return {404}
    if method == "POST" and route.name in NAMED_IN_THE_FORM:
        return LET_IN | {404}
    return LET_IN | {403} if route.name in THE_ROW_SAYS_WHO else LET_IN


def is_foreign(route: Route, place: str) -> bool:
    """Whether an address made of this place's objects leads a person of our clinic nowhere."""
    objects = {name for _, name in arguments_of(route)} - NO_OBJECT
    if place == "other organisation":
        return bool(objects)
    return place == "other clinic" and bool(objects - OF_THE_ORGANISATION)


@contextmanager
def nothing_written(written: list[str]) -> Iterator[None]:
    """Notes what a request writes, and takes it back."""

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if WRITES.match(sql):
            written.append(sql[:90])
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(note):
        yield
        transaction.set_rollback(True)


def ask(client: Client, method: str, path: str) -> tuple[int, list[str]]:
    written: list[str] = []
    # A browser of the cell's own: signing out is a cell as well.
    own = Client(raise_request_exception=False)
    own.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
    with nothing_written(written):
        status = own.generic(method, path, content_type="application/x-www-form-urlencoded").status_code
    return status, written


@pytest.mark.parametrize("route", ROUTES, ids=[route.name for route in ROUTES])
def test_every_cell_of_the_matrix_is_as_the_table_says(matrix: Matrix, route: Route) -> None:
    names = tuple(name for _, name in arguments_of(route))
    wrong = []
    for place in PLACES if names else PLACES[:1]:
        path = reverse(route.name, kwargs=matrix.places[place].arguments(route.name, names)) + WITH.get(route.name, "")
        for person, method in product(PEOPLE, METHODS):
            status, written = ask(matrix.browsers[person], method, path)
            wanted = expected(route, person, method, place)
            count("cells of the matrix (route x person x place x method)")
            if status not in wanted:
                wrong.append(f"{method} {path} as {person} ({place}): {status}, not {sorted(wanted)}")
            if written and (status >= 400 or method in ("GET", "HEAD", "OPTIONS")):
                wrong.append(f"{method} {path} as {person} ({place}) answered {status} and wrote {written}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("route", [route for route in ROUTES if arguments_of(route)], ids=lambda route: route.name)
def test_what_is_nobodys_is_not_found(matrix: Matrix, route: Route) -> None:
    """An address with an id that nobody ever had, for whoever the route lets in."""
    wrong = []
    own = matrix.places["own"].arguments(route.name, tuple(name for _, name in arguments_of(route)))
    for kind, name in arguments_of(route):
        if name == "after_number" or route.name == "mail_events":
            continue
        path = reverse(route.name, kwargs={**own, name: NOBODYS[kind]})
        for person in PEOPLE:
            for method in route.methods:
                if expected(route, person, method, "own") >= LET_IN:
                    status, written = ask(matrix.browsers[person], method, path)
                    count("addresses of nothing that are not found")
                    # The steps behind a link lead back to its page, which says that it leads nowhere.
                    if status not in ((302, 404) if name == "token" and method == "GET" else (404,)) or written:
                        wrong.append(f"{method} {path} as {person}: {status} {written}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("person", PEOPLE)
def test_each_page_that_says_no_is_whole_and_writes_nothing(matrix: Matrix, person: str) -> None:
    """As the product has them: no such thing, not for your role, no such way. Whoever is signed out signs in first."""
    asked = (("GET", "/visits/999999999/"), ("GET", "/clinician/orders/999999999/sign/"), ("PUT", "/patients/"))
    with override_settings(TEMPLATES=WHOLE):
        for method, path in asked:
            own = Client(raise_request_exception=False)
            own.cookies.load({name: morsel.value for name, morsel in matrix.browsers[person].cookies.items()})
            written: list[str] = []
            with nothing_written(written):
                answer = own.generic(method, path)
            if person in ("signed out", "deactivated"):
                assert answer.status_code == 302
            else:
                assert answer.status_code in REFUSALS
                assert says_so(answer), (method, path)
            assert written == []


def test_a_table_that_lets_in_another_role_would_be_seen(matrix: Matrix) -> None:
    """Control: with one role more in the table than the page has, the matrix finds the cell."""
    route = next(route for route in ROUTES if route.name == "sign_order")
    path = reverse(route.name, kwargs=matrix.places["own"].arguments(route.name, ("order_id",)))
    status, _ = ask(matrix.browsers["nurse"], "GET", path)
    assert status in expected(route, "nurse", "GET", "own")
    opened = Route(route.path, route.name, route.view, frozenset(Role), route.methods)
    assert status not in expected(opened, "nurse", "GET", "own")
