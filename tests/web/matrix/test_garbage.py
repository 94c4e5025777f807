"""Whatever is sent to a page that writes, it answers: no fault of the server, and where it says no, it says so in a
sentence and has changed nothing."""

from __future__ import annotations

import inspect
import random
import re
import sys
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse

from notifications.models import QuickReply
from scheduling.models import Patient, Role
from tests import factories
from tests.counts import count
from tests.fakes.shared_inputs import read_json
from tests.web.matrix.sending import WRITING, World, address, sent_once
from tests.web.matrix.sent_by_hand import SENT
from tests.web.matrix.test_every_route import arguments_of
from tests.web.matrix.traces import is_refused, says_so
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
FEW_FIELDS = 2
# Whoever signs out, lets somebody else take over, or ends a screen on the wall is led there.
TO_SIGN_IN = frozenset({"sign_out", "lock", "station_board"})
# Where no words are owed: what the browser keeps (initials or names is seen on the page that follows, and so is the
# screen on the wall), what is looked up while somebody types (nobody like them on file is nothing to say), or a page
# that is shown again as it stands, because what was sent names no visit, no time or no press of its buttons; no
# browser sends that.
SHOWN_AGAIN = frozenset({
    "lock", "unlock", "still_here", "sign_in", "sign_out", "choose_clinic", "set_language", "text_size", "board_names",
    "station", "alike_newcomer", "hand_over", "pencil", "move_rest", "move_linked", "cancel_linked", "confirm_linked",
    "ride_linked", "questions_linked", "tell_of_visit",
})  # fmt: skip


def broken(world: World, route: Route, path: str, sent: dict[str, str]) -> str:
    """What is wrong with the answer to it."""
    with transaction.atomic():
        answer = sent_once(world.everybody, path, sent)
        changed = world.rows.changed()
        transaction.set_rollback(True)
    count("forms sent with garbage in a field")
    fault = ""
    if answer.status_code >= 500:
        fault = "a fault of the server"
    elif str(answer.headers.get("Location", "")).startswith("/sign-in/") and route.name not in TO_SIGN_IN:
        fault = "nobody was signed in"
    elif is_refused(answer):
        count("forms with garbage that were refused, with a sentence and no row changed")
        fault = f"refused, and yet wrote {sorted(changed)}" if changed else "" if says_so(answer) else "no sentence"
    elif not (changed or says_so(answer) or route.name in SHOWN_AGAIN):
        fault = "nothing done, and not a word of it"
    return (
        f"{path} { ({name: text[:40] for name, text in sent.items()}) }: {answer.status_code}, {fault}" if fault else ""
    )


def tries(sent: dict[str, str], chance: random.Random, *, few: bool) -> Iterator[dict[str, str]]:
    """As the page wrote it; each field in turn (of `few` two) left out and with garbage; garbage in all at once."""
    odd = (*ODD, *read_json("real/blns/blns.json"))

    def garbage() -> list[str]:
        return [chance.choice((*WORST, *odd))] if few else [*WORST, *chance.sample(odd, AT_EACH_FIELD)]

    yield sent
    for name in chance.sample(sorted(sent), min(FEW_FIELDS, len(sent))) if few else sent:
        yield {other: text for other, text in sent.items() if other != name}
        yield from ({**sent, name: text} for text in garbage())
    yield from (dict.fromkeys(sent, text) for text in garbage())


def faults_of(world: World, route: Route, chance: random.Random, *, few: bool) -> list[str]:
    return [
        said
        for path, sent in world.sendings(route)
        for one in tries(sent, chance, few=few)
        if (said := broken(world, route, path, one))
    ]


EACH = pytest.mark.parametrize("route", WRITING, ids=[route.name for route in WRITING])


@EACH
def test_garbage_in_any_field_is_answered(world: World, route: Route) -> None:
    """Two fields left out, and with one piece of garbage; all of them stand in the long lane."""
    wrong = faults_of(world, route, random.Random(route.name), few=True)
    assert not wrong, "\n".join(wrong)


@pytest.mark.faults
@EACH
def test_much_more_garbage_is_answered(world: World, route: Route) -> None:
    """Each field with everything that is known to be hard, and three others."""
    wrong = faults_of(world, route, random.Random(route.name), few=False)
    assert not wrong, "\n".join(wrong)


# More digits than Python makes a number of, and times at the ends of the calendar and off it.
TOO_LONG = "9" * 5000
FAR_OFF = ("9999-12-31", "0001-01-01", "2027-02-31", "9999-12-31T23:59Z", "0001-01-01T00:00:00+14:00")
ASKED = re.compile(r"""GET\)?(?:\.get\(|\[)"(\w+)\"""")


def too_much_for(world: World, route: Route) -> Iterator[tuple[str, str, dict[str, str]]]:
    """A number in the path and in all that its module reads of an address, a day in some; a number in each field."""
    own = world.example.arguments(route.name, tuple(name for _, name in arguments_of(route)))
    for name in (name for name, value in own.items() if isinstance(value, int)):
        yield "GET", reverse(route.name, kwargs={**own, name: TOO_LONG}), {}
    if "GET" in route.methods:
        for name in set(ASKED.findall(inspect.getsource(sys.modules[route.view.__module__]))):
            for text in FAR_OFF if name in ("day", "at") else (TOO_LONG,):
                yield "GET", address(world.example, route), {name: text}
    filled = {name: (path, sent) for path, sent in world.sendings(route) for name in sent if sent[name].isdecimal()}
    for name, (path, sent) in filled.items() if route in WRITING else ():
        yield "POST", path, {**sent, name: TOO_LONG}


@pytest.mark.parametrize("route", ROUTES, ids=[route.name for route in ROUTES])
def test_what_is_too_long_or_too_far_off_is_answered(world: World, route: Route) -> None:
    """Wherever a page of ours would have a number or a day."""
    wrong = []
    for method, path, sent in too_much_for(world, route):
        with transaction.atomic():
            to = path if method == "POST" else f"{path}{'&' if '?' in path else '?'}{urlencode(sent)}"
            answer = sent_once(world.everybody, to, sent) if method == "POST" else world.everybody.get(to)
            transaction.set_rollback(True)
        count("numbers too long for the database or for Python, and days too far off")
        if answer.status_code >= 500:
            wrong.append(f"{method} {path[:60]} {list(sent)}: {answer.status_code}")
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
