"""The strings that broke other people's programs, and the places of our pages where somebody may type them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils.html import escape

from scheduling.models import Patient
from tests.counts import count
from tests.fakes.shared_inputs import read_json
from tests.web.matrix.sending import World, address, sent_once
from tests.web.matrix.traces import is_refused, page_of, says_so
from web.routes import ROUTES

DAY: Final = {"from_day": "2027-01-25", "from_time": "", "to_day": "2027-01-25", "to_time": "", "do": "save"}
# What no text of ours holds: NUL, and half of a pair of characters, which no form can even be sent with.
NEVER: Final = ("\x00", "Ana\x00", "\x00<b>")


def hard_strings() -> Sequence[str]:
    """All of them, as they stand."""
    strings: list[str] = read_json("real/blns/blns.json")
    return strings


@dataclass(frozen=True)
class Place:
    """A field of a form, what is sent beside it, and the page that shows what was typed: empty for the answer."""

    route: str
    field: str
    beside: dict[str, str]
    shown_on: str = ""


NEWCOMER: Final = {"given_name": "Ana", "family_name": "Nobody", "birth_date": "1961-02-03", "language": "en"}
PLACES: Final = (
    Place("new_patient", "given_name", NEWCOMER, "patient"),
    Place("new_patient", "preferred_name", NEWCOMER, "patient"),
    Place("patients", "text", {}),
    Place("note_wish", "words", {}, "tasks"),
    Place("new_absence", "reason", {**DAY, "kind": "out_of_service", "resource": "a chair"}, "absences"),
    Place("new_closure", "reason", DAY, "absences"),
    Place("visit_ride", "name", {"phone": "+12125550100", "relation": "friend"}, "visit"),
    Place("before_visits", "note", {"code": "lab", "do": "met", "on": "2027-01-04"}, "before_visits"),
)  # fmt: skip


def wrong_with(world: World, place: Place, text: str) -> str:
    """Types it there: it is shown as typed, or refused with a sentence and nothing changed."""
    with transaction.atomic():
        answer, page = typed(world, place, text)
        changed = world.rows.changed()
        transaction.set_rollback(True)
    count("hard strings typed into a field")
    if answer.status_code >= 500:
        return f"{place.route}.{place.field}: {text!r} is a fault of the server"
    if place.shown_on and (is_refused(answer) or not changed):
        count("hard strings refused with a sentence")
        return "" if says_so(answer) and not changed else f"{place.route}.{place.field}: {text!r} is refused in silence"
    if "\x00" in text:
        return "" if says_so(answer) else f"{place.route}.{place.field}: {text!r} was taken"
    # A form leaves out the spaces around it, and HTML the difference between ends of lines.
    shown = [kept.strip().replace("\r\n", "\n").replace("\r", "\n") for kept in (str(escape(text)), linebreaks(text))]
    page = page.replace("\r\n", "\n").replace("\r", "\n")
    return "" if any(one in page for one in shown) else f"{place.route}.{place.field}: {text!r} is not shown as typed"


def linebreaks(text: str) -> str:
    return str(escape(text.replace("\r\n", "\n"))).replace("\n", "<br>")


def typed(world: World, place: Place, text: str) -> tuple[Any, str]:
    """The answer to the form, and the page that shows it."""
    route = {route.name: route for route in ROUTES}
    beside = {**place.beside}
    if "resource" in beside:
        beside["resource"] = world.sendings(route["new_absence"])[0][1]["resource"]
    path = address(world.example, route[place.route])
    answer = sent_once(world.everybody, path, {**beside, place.field: text})
    if not place.shown_on:
        return answer, page_of(answer)
    if place.shown_on == "patient":
        newest = Patient.objects.latest("pk").pk
        return answer, page_of(world.everybody.get(f"/patients/{newest}/"))
    return answer, page_of(world.everybody.get(address(world.example, route[place.shown_on])))
