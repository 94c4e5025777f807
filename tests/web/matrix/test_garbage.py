"""Whatever is sent to a page that writes, it answers: no fault of the server, and nothing lost but what was garbage."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from pytest_django import DjangoDbBlocker

from scheduling.models import Role
from tests import databases, factories
from tests.counts import count
from tests.factories import NOW
from tests.fakes.shared_inputs import read_json
from tests.web.matrix.example import Example
from tests.web.matrix.examples import make_example
from tests.web.matrix.forms_on_pages import posted_forms
from tests.web.matrix.test_every_route import WITH, arguments_of, nothing_written
from web.access import Route
from web.routes import ROUTES

# What a browser's own fields would never let through, and what others' programs broke at.
ODD = (
    "", " ", "0", "-1", "1", "99999999999999999999999999", "9223372036854775808", "1e400", "NaN", "0x10", "\u0663",
    "None", "[]", "{}", "[" * 999, "9999-12-31", "0001-01-01", "2027-02-30", "2027-01-04T99:99", "9999-12-31T23:59Z",
    "0001-01-01T00:00:00+23:59", "25:00", "on", "\x00", "a\x00b", "\U0001f600",
    "x" * 20_000, "../../etc/passwd", "1,2,3", "1;DROP TABLE", "zz/zz/zz", "{{ 1 }}", "%s%n", "\r\nLocation: /",
)  # fmt: skip
# How many of these are tried at each field, beside leaving it out; which ones, the route's name decides.
AT_EACH_FIELD = 3


@pytest.fixture(scope="module")
def example(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Example]:
    """One world for all; each request is taken back."""
    database = databases.clone(databases.next_name())
    with (
        django_db_blocker.unblock(),
        databases.default_connection_at(database.name),
        time_machine.travel(NOW, tick=False),
    ):
        yield make_example(factories.create_organisation("Ours"), "garbage")
    databases.drop(database.name)


@pytest.fixture(scope="module")
def everybody(example: Example) -> Client:
    """Somebody with every role, and a patient's link that was opened."""
    client = Client(raise_request_exception=False)
    client.force_login(factories.create_user(example.clinic, *Role))
    client.post(f"/v/{example.values['token']}/birth-date/", {"birth_date": "1980-02-03"})
    return client


@pytest.fixture(scope="module")
def forms(example: Example, everybody: Client) -> dict[str, list[tuple[str, dict[str, str]]]]:
    """What the pages send, by the route that takes it: each way of sending a form once."""
    found: dict[str, list[tuple[str, dict[str, str]]]] = {}
    seen = set()
    for route in ROUTES:
        if "GET" not in route.methods or route.name in ("sign_out",):
            continue
        path = address(example, route)
        for form in posted_forms(path, page_of(everybody.get(path))):
            try:
                to = resolve(form.action.split("?")[0]).view_name
            except Resolver404:
                pytest.fail(f"{path} sends to {form.action}, which is nowhere")
            for sent in form.sends:
                key = (to, tuple(sorted(sent)), sent.get("do", ""), sent.get("decision", ""), sent.get("what", ""))
                if key not in seen:
                    seen.add(key)
                    found.setdefault(to, []).append((form.action, sent))
    return found


def page_of(answer: object) -> str:
    body = getattr(answer, "content", b"")
    return str(body.decode(errors="replace"))


def address(example: Example, route: Route) -> str:
    names = tuple(name for _, name in arguments_of(route))
    return reverse(route.name, kwargs=example.arguments(route.name, names)) + WITH.get(route.name, "")


def broken(client: Client, path: str, sent: dict[str, str]) -> str:
    """What is wrong with the answer to it."""
    with nothing_written([]):
        answer = client.post(path, sent)
    count("forms sent with garbage in a field")
    if answer.status_code >= 500:
        return f"{path} {({name: text[:40] for name, text in sent.items()})}: {answer.status_code}"
    return ""


WRITING = [route for route in ROUTES if "POST" in route.methods and not route.path.startswith("webhooks/")]


@pytest.mark.parametrize("route", WRITING, ids=[route.name for route in WRITING])
def test_garbage_in_any_one_field_is_answered(
    example: Example, everybody: Client, forms: dict[str, list[tuple[str, dict[str, str]]]], route: Route
) -> None:
    """Each field in turn, the others as the page wrote them; left out; and all at once."""
    chance = random.Random(route.name)
    odd = (*ODD, *read_json("real/blns/blns.json"))
    wrong = []
    for path, sent in forms.get(route.name, [(address(example, route), {})]):
        for name in sent:
            if name == "csrfmiddlewaretoken":
                continue
            wrong.append(broken(everybody, path, {key: text for key, text in sent.items() if key != name}))
            for text in (*ODD, *chance.sample(odd, AT_EACH_FIELD)):
                wrong.append(broken(everybody, path, {**sent, name: text}))
        for text in chance.sample(odd, AT_EACH_FIELD):
            wrong.append(broken(everybody, path, dict.fromkeys(sent, text)))
        wrong.append(broken(everybody, path, sent))
    assert not [one for one in wrong if one], "\n".join(one for one in wrong if one)


def test_most_of_what_writes_was_found_on_a_page(forms: dict[str, list[tuple[str, dict[str, str]]]]) -> None:
    """Control: the fields are those of the pages, for all but the routes whose example has nothing to send."""
    unseen = {route.name for route in WRITING} - forms.keys()
    assert unseen <= SENT_BLANK, sorted(unseen - SENT_BLANK)


# Their forms stand on pages in a state that the example is not in: garbage reaches them as an empty form.
SENT_BLANK: frozenset[str] = frozenset()
