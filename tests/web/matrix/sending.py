"""An example with what its pages send, and somebody with every role to send it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.test import Client
from django.urls import resolve, reverse

from scheduling.models import Role, Status
from tests import factories
from tests.web.matrix.example import Example
from tests.web.matrix.forms_on_pages import posted_forms
from tests.web.matrix.sent_by_hand import SENT
from tests.web.matrix.test_every_route import WITH, arguments_of
from tests.web.matrix.traces import Rows, page_of
from tests.web.pages import book, bring_to
from web.access import Route
from web.routes import ROUTES

# Providers sign what they send; everything else comes from a page.
WRITING: Final = [route for route in ROUTES if "POST" in route.methods and not route.path.startswith("webhooks/")]
PASSWORD: Final = "the word of a test"


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

    def sendings(self, route: Route) -> list[tuple[str, dict[str, str]]]:
        """Where to and what: each way of a form that leads to this route, and what is sent by hand."""
        here = address(self.example, route)
        return self.forms.get(route.name, []) + [(here, sent) for sent in SENT.get(route.name, ())] or [(here, {})]


def world_of(example: Example) -> World:
    client = Client(raise_request_exception=False)
    user = factories.create_user(example.clinic, *Role)
    user.set_password(PASSWORD)
    user.save()
    client.force_login(user)
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
            # Resolver404 names a form that leads nowhere.
            to = resolve(form.action.split("?")[0]).view_name
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
    """The answer, in a browser of its own with the same language: some of the forms sign out."""
    own = Client(raise_request_exception=False)
    own.defaults.update(client.defaults)
    own.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
    return own.post(path, sent)
