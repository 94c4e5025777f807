"""Whatever is sent to a page that writes, it answers: no fault of the server, and where it says no, it says so in a
sentence and has changed nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from pytest_django import DjangoDbBlocker

from notifications.models import QuickReply
from scheduling.models import Patient, Role, Status
from tests import databases, factories
from tests.counts import count
from tests.factories import NOW
from tests.fakes.shared_inputs import read_json
from tests.web.matrix.example import Example
from tests.web.matrix.examples import make_example
from tests.web.matrix.forms_on_pages import posted_forms
from tests.web.matrix.sent_by_hand import SENT
from tests.web.matrix.test_every_route import WITH, arguments_of
from tests.web.matrix.traces import Rows, is_refused, page_of, says_so
from tests.web.pages import book, bring_to
from web.access import Route
from web.routes import ROUTES

# What a browser's own fields would never let through, and what others' programs broke at.
ODD = (
    "", " ", "0", "-1", "1", "99999999999999999999999999", "9223372036854775808", "1e400", "NaN", "0x10", "\u0663",
    "None", "[]", "{}", "[" * 999, "9999-12-31", "0001-01-01", "2027-02-30", "2027-01-04T99:99", "9999-12-31T23:59Z",
    "0001-01-01T00:00:00+23:59", "25:00", "on", "\x00", "a\x00b", "\U0001f600",
    "x" * 20_000, "../../etc/passwd", "1,2,3", "1;DROP TABLE", "zz/zz/zz", "{{ 1 }}", "%s%n", "\r\nLocation: /",
)  # fmt: skip
# Tried at every field; of the others so many, which ones the route's name decides.
WORST = ("\x00", "-1", "99999999999999999999999999", "9999-12-31")
AT_EACH_FIELD = 3
# Where no words are owed: what the browser keeps, or a page that is shown again as it stands, because what was sent
# names no visit, no time or no press of its buttons; no browser sends that.
SHOWN_AGAIN = frozenset({
    "sign_in", "sign_out", "choose_clinic", "set_language", "text_size", "hand_over", "book_series", "pencil",
    "move_rest", "move_linked", "cancel_linked", "confirm_linked", "ride_linked", "questions_linked", "tell_of_visit",
})  # fmt: skip


@pytest.fixture(scope="module")
def example(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Example]:
    """One world for all; each request is taken back."""
    database = databases.clone(databases.next_name())
    with (
        django_db_blocker.unblock(),
        databases.default_connection_at(database.name),
        time_machine.travel(NOW, tick=False),
    ):
        one = make_example(factories.create_organisation("Ours"), "garbage")
        under_way(one)
        yield one
    databases.drop(database.name)


def under_way(example: Example) -> None:
    """An infusion that runs."""
    order = factories.create_order(example.clinic, factories.create_patient(example.clinic))
    runs = book(order, example.clinic, how_many=1)[0]
    bring_to(runs, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=example.clinic, now=runs.period.lower)
    for route in ("visit_exit", "pass_check", "clear_visit", "take_back", "visit_under_way"):
        example.of_route[route] = {"visit_id": runs.pk}


@dataclass(frozen=True)
class World:
    """The example, somebody with every role and a patient's link that was opened, what pages send, and all rows."""

    example: Example
    everybody: Client
    forms: dict[str, list[tuple[str, dict[str, str]]]]
    rows: Rows


@pytest.fixture(scope="module")
def world(example: Example) -> World:
    client = Client(raise_request_exception=False)
    client.force_login(factories.create_user(example.clinic, *Role))
    client.post(f"/v/{example.values['token']}/birth-date/", {"birth_date": "1980-02-03"})
    return World(example, client, forms_of(example, client), Rows())


def forms_of(example: Example, everybody: Client) -> dict[str, list[tuple[str, dict[str, str]]]]:
    """What the pages send, by the route that takes it: each way of sending a form once."""
    found: dict[str, list[tuple[str, dict[str, str]]]] = {}
    seen = set()
    for route in ROUTES:
        if "GET" not in route.methods or route.name == "sign_out":
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


def address(example: Example, route: Route) -> str:
    names = tuple(name for _, name in arguments_of(route))
    return reverse(route.name, kwargs=example.arguments(route.name, names)) + WITH.get(route.name, "")


def sent_once(client: Client, path: str, sent: dict[str, str]) -> Any:
    """The answer, in a browser of its own: one of the forms signs out."""
    own = Client(raise_request_exception=False)
    own.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
    return own.post(path, sent)


def broken(client: Client, rows: Rows, route: Route, path: str, sent: dict[str, str]) -> str:
    """What is wrong with the answer to it."""
    with transaction.atomic():
        answer = sent_once(client, path, sent)
        changed = rows.changed()
        transaction.set_rollback(True)
    count("forms sent with garbage in a field")
    fault = ""
    if answer.status_code >= 500:
        fault = "a fault of the server"
    elif str(answer.headers.get("Location", "")).startswith("/sign-in/") and route.name != "sign_out":
        fault = "nobody was signed in"
    elif is_refused(answer):
        count("forms with garbage that were refused, with a sentence and no row changed")
        fault = f"refused, and yet wrote {sorted(changed)}" if changed else "" if says_so(answer) else "no sentence"
    elif not (changed or says_so(answer) or route.name in SHOWN_AGAIN):
        fault = "nothing done, and not a word of it"
    return (
        f"{path} { ({name: text[:40] for name, text in sent.items()}) }: {answer.status_code}, {fault}" if fault else ""
    )


WRITING = [route for route in ROUTES if "POST" in route.methods and not route.path.startswith("webhooks/")]


def tries(sent: dict[str, str], chance: random.Random, *, few: bool) -> Iterator[dict[str, str]]:
    """As the page wrote it; each field in turn left out and with garbage; garbage in all at once."""
    odd = (*ODD, *read_json("real/blns/blns.json"))

    def garbage() -> list[str]:
        return [chance.choice((*WORST, *odd))] if few else [*WORST, *chance.sample(odd, AT_EACH_FIELD)]

    yield sent
    for name in sent:
        yield {other: text for other, text in sent.items() if other != name}
        yield from ({**sent, name: text} for text in garbage())
    yield from (dict.fromkeys(sent, text) for text in garbage())


def faults_of(world: World, route: Route, chance: random.Random, *, few: bool) -> list[str]:
    here = address(world.example, route)
    sendings = world.forms.get(route.name, []) + [(here, sent) for sent in SENT.get(route.name, ())] or [(here, {})]
    return [
        said
        for path, sent in sendings
        for one in tries(sent, chance, few=few)
        if (said := broken(world.everybody, world.rows, route, path, one))
    ]


EACH = pytest.mark.parametrize("route", WRITING, ids=[route.name for route in WRITING])


@EACH
def test_garbage_in_any_field_is_answered(world: World, route: Route) -> None:
    """Each field left out, and with one piece of garbage."""
    wrong = faults_of(world, route, random.Random(route.name), few=True)
    assert not wrong, "\n".join(wrong)


@pytest.mark.faults
@EACH
def test_much_more_garbage_is_answered(world: World, route: Route) -> None:
    """Each field with everything that is known to be hard, and three others."""
    wrong = faults_of(world, route, random.Random(route.name), few=False)
    assert not wrong, "\n".join(wrong)


def test_a_refusal_that_wrote_something_would_be_seen(world: World) -> None:
    """Control: a row written, changed or removed is seen in whatever table, and in a savepoint too."""
    patient = Patient.objects.filter(pk=world.example.values["patient_id"])
    for act in (
        lambda: patient.update(given_name="Another"),
        lambda: QuickReply.objects.all().delete(),
        lambda: factories.create_patient(world.example.clinic),
    ):
        with transaction.atomic():
            assert world.rows.changed() == set()
            with transaction.atomic():
                act()
            assert world.rows.changed() != set()
            transaction.set_rollback(True)


def test_an_answer_without_words_would_be_seen() -> None:
    """Control."""
    assert not says_so(HttpResponse(b"", status=422))
    assert not says_so(HttpResponse(b"<h1>No</h1><p></p>", status=404))
    assert says_so(HttpResponse(b"<h1>There is nothing here</h1><p>The address may be mistyped.</p>", status=404))


def test_the_fields_are_those_of_the_pages(world: World) -> None:
    """Control: what a page of the example does not send is sent by hand, for every route of clinicians."""
    assert len(world.forms) > len(WRITING) // 2
    sent = world.forms.keys() | SENT.keys()
    assert not [route.name for route in WRITING if in_care(route) and route.name not in sent | NOTHING_TO_SEND]


# One button that sends nothing but itself.
NOTHING_TO_SEND = {"hand_over", "sign_said", "withdraw_asked"}


def in_care(route: Route) -> bool:
    return isinstance(route.roles, frozenset) and route.roles <= {Role.NURSE, Role.PRESCRIBER}
