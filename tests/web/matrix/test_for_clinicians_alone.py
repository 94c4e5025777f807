"""No reason, note, score, answer or instrument's name reaches the front desk, a manager or a patient, on any way."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
from collections.abc import Iterator
from html import unescape

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from notifications.models import CallTask, InboundMessage, Message, Notice
from scheduling.models import Event, Role
from scheduling.questionnaires.instruments import INSTRUMENTS
from tests import databases, factories
from tests.counts import count
from tests.factories import NOW
from tests.web.matrix.example import Example
from tests.web.matrix.examples import make_example
from tests.web.matrix.forms_on_pages import posted_forms
from tests.web.matrix.markers import ANSWERED, FIELDS, MARKERS, SUMS, mark
from tests.web.matrix.sending import sent_once
from tests.web.matrix.test_every_route import WITH, arguments_of
from tests.web.matrix.traces import page_of, told
from web.access import PUBLIC, Route
from web.routes import ROUTES

# Its short name, and those that are spelled out, in both languages.
INSTRUMENT = re.compile(
    r"\bphq\b|phq-?9|gad-?7|patient health questionnaire|generali[sz]ed anxiety|salud del paciente|ansiedad general",
    re.IGNORECASE,
)
# So many pages the example never has: links that lead on without end would be seen, and none is left out.
MOST_PAGES = 500
# A sum as pages write it: a point of the chart, a cell of its table, a fact of one response.
SCORE = re.compile(rf'(?:class="chart__points"[^>]*|data-label="Sum[^>]*|<dd)>\s*({"|".join(map(str, SUMS))})\s*<')
# Every question, every answer that may be chosen, and what stands above and below them, in both languages.
ASKED = {
    words
    for instrument in INSTRUMENTS.values()
    for said in instrument.words.values()
    for words in (said.instruction, said.licence, *said.questions, *said.options)
}
# Pages of the machine, which need no person.
OF_THE_MACHINE = ["/health/live", "/health/ready", "/metrics", "/robots.txt"]
# What clinicians read on the way: a marker that nobody could see would prove nothing. Why a distance was allowed to be
# shorter is the answer to a question of the desk, and is read where the question is.
SEEN_BY_CLINICIANS = frozenset(FIELDS) - {"dosegap"}


@pytest.fixture(scope="module")
def example(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Example]:
    """One clinic with a marker in every clinical field."""
    database = databases.clone(databases.next_name())
    with (
        django_db_blocker.unblock(),
        databases.default_connection_at(database.name),
        time_machine.travel(NOW, tick=False),
    ):
        one = make_example(factories.create_organisation("Ours"), "marked")
        mark(one)
        yield one
    databases.drop(database.name)


def addresses(example: Example, routes: list[Route]) -> list[str]:
    """Every page of these routes, at the example's own things."""
    found = []
    for route in routes:
        names = tuple(name for _, name in arguments_of(route))
        if "GET" in route.methods:
            found.append(reverse(route.name, kwargs=example.arguments(route.name, names)) + WITH.get(route.name, ""))
    return found


def crawl(client: Client, start: list[str]) -> dict[str, str]:
    """All pages there are from these on, links followed, by address; their text with headers."""
    seen: dict[str, str] = {}
    ahead = list(start)
    while ahead:
        path = ahead.pop(0)
        if path in seen:
            continue
        assert len(seen) < MOST_PAGES, f"there is no end to the pages: {path}"
        answer = client.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        text = unescape(body.decode(errors="replace"))
        seen[path] = f"{path}\n{answer.headers}\n{text}"
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            ahead += [link for link in re.findall(r'href="(/[^"#]*)', text) if not link.startswith("/static/")]
        if "Location" in answer.headers:
            ahead.append(answer.headers["Location"])
    return seen


FORM_TOKEN = re.compile(r"\b[A-Za-z0-9]{64}\b")


def markers_in(text: str) -> set[str]:
    return {field for field, marker in MARKERS.items() if marker in text.lower()}


def asked_in(text: str) -> set[str]:
    """Which questions and answers stand in a text, as words of their own."""
    return {words for words in ASKED if words in text}


def faults_in(text: str) -> list[str]:
    """What in a text is for clinicians alone; tokens of forms are random letters and may read like anything."""
    text = FORM_TOKEN.sub("", text)
    found = sorted(markers_in(text)) + sorted(asked_in(text))
    return found + [match.group() for pattern in (INSTRUMENT, SCORE) for match in pattern.finditer(text)]


def pages_for(example: Example, *roles: Role, language: str = "en") -> dict[str, str]:
    client = Client(raise_request_exception=False, headers={"accept-language": language})
    routes = [route for route in ROUTES if route.roles is not PUBLIC]
    if roles:
        client.force_login(factories.create_user(example.clinic, *roles))
    else:
        routes = [route for route in ROUTES if route.roles is PUBLIC]
        client.post(f"/v/{example.values['token']}/birth-date/", {"birth_date": "1980-02-03"})
    return crawl(client, addresses(example, routes) + OF_THE_MACHINE)


READERS = {
    "front desk": (Role.FRONT_DESK,), "manager": (Role.MANAGER,), "auditor": (Role.AUDITOR,), "patient": (),
}  # fmt: skip
LANGUAGES = ("en", pytest.param("es", marks=pytest.mark.faults))


@pytest.mark.parametrize("roles", READERS.values(), ids=READERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_shows_what_is_for_clinicians(
    example: Example, roles: tuple[Role, ...], language: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Pages, lists, files, feeds, fragments and what the machine says of itself; and the log written meanwhile."""
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("django.db.backends").setLevel(logging.INFO)
        pages = pages_for(example, *roles, language=language)
    count("pages looked through for what is for clinicians alone", len(pages))
    assert len(pages) > 10
    if not roles:
        # A patient is asked in the instrument's own words, never by its name.
        pages = {path: text for path, text in pages.items() if "/questions/" not in path and path != "/tablet/"}
        assert any("text/calendar" in text for text in pages.values())
    assert {path: found for path, text in pages.items() if (found := faults_in(text))} == {}
    assert "request" in caplog.text
    assert faults_in(caplog.text) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_answer_to_a_form_of_the_desk_shows_it(
    example: Example, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What comes back, and what the next page is going to say, where the desk sends what its pages have."""
    client = Client(raise_request_exception=False, headers={"accept-language": language})
    client.force_login(factories.create_user(example.clinic, Role.FRONT_DESK, Role.MANAGER))
    routes = [route for route in ROUTES if route.roles is not PUBLIC]
    sent = set()
    with caplog.at_level(logging.DEBUG):
        for path in addresses(example, routes):
            for form in posted_forms(path, page_of(client.get(path))):
                key = (re.sub(r"\d+", "", form.action), *sorted(form.fields))
                if key in sent:
                    continue
                sent.add(key)
                for fields in form.sends:
                    with transaction.atomic():
                        answer = sent_once(client, form.action, fields)
                        transaction.set_rollback(True)
                    said = f"{page_of(answer)} {answer.headers} {told(answer)}"
                    assert faults_in(unescape(said)) == [], form.action
                    count("answers to forms of the desk looked through for what is for clinicians alone")
    assert len(sent) > 20
    assert faults_in(caplog.text) == []


def test_no_message_call_or_event_says_it(example: Example) -> None:
    rows = [f"{one.subject} {one.body}" for one in Message.objects.all()]
    rows += [one.words for one in Notice.objects.all()] + [one.words for one in CallTask.objects.all()]
    events = [f"{one.verb} {one.reason} {json.dumps(one.data)}" for one in Event.objects.all()]
    assert len(events) > 20
    for text in rows + events:
        assert faults_in(text) == []


def test_searches_find_nothing_by_it(example: Example) -> None:
    client = Client()
    client.force_login(factories.create_user(example.clinic, Role.FRONT_DESK, Role.MANAGER))
    for marker in (*MARKERS.values(), "phq-9", "gad-7"):
        page = client.get("/patients/", {"q": marker}).content.decode()
        posted = client.post("/patients/", {"q": marker}).content.decode()
        assert f"/patients/{example.values['patient_id']}/" not in page + posted


def test_every_marker_is_in_the_database(example: Example) -> None:
    """Control: each is there to be found."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name LIKE 'scheduling\\_%%' AND data_type IN ('text', 'character varying')"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" LIKE %s', ["zq%qz"])
            found |= {row[0] for row in cursor.fetchall()}
    assert found == set(MARKERS.values())


@pytest.mark.parametrize("role", [Role.PRESCRIBER, Role.NURSE])
def test_a_clinician_does_see_it(example: Example, role: Role) -> None:
    """Control: the same crawl as a prescriber or a nurse finds what clinicians are to read."""
    pages = pages_for(example, role)
    count("pages looked through as a clinician, where all of it is found", len(pages))
    text = "\n".join(pages.values())
    assert markers_in(text) >= SEEN_BY_CLINICIANS
    assert INSTRUMENT.search(text)
    assert {int(found) for found in SCORE.findall(text)} >= set(SUMS)
    for instrument, language, answers in ANSWERED.values():
        said = INSTRUMENTS[instrument].words[language]
        assert asked_in(text) >= {said.instruction, *said.questions, *(said.options[points] for points in answers)}


@pytest.mark.parametrize("command", ["export_clinic", "check_invariants", "verify_audit", "replies_of_nobody"])
def test_no_command_prints_it(example: Example, command: str) -> None:
    """The clinic's file, which is kept and passed on, and what the nightly checks say."""
    arguments = [example.clinic.slug] if command == "export_clinic" else []
    out, err = io.StringIO(), io.StringIO()
    with contextlib.suppress(SystemExit):
        call_command(command, *arguments, stdout=out, stderr=err)
    printed = out.getvalue() + err.getvalue()
    assert printed
    assert faults_in(printed) == []


def test_a_marker_where_the_desk_reads_is_found(example: Example) -> None:
    """Control: the crawl of the desk does look into what it is shown."""
    reply = InboundMessage.objects.get(pk=example.values["reply_id"])
    with transaction.atomic():
        InboundMessage.objects.filter(pk=reply.pk).update(text=f"Hello {MARKERS['taskwords']}, PHQ-9")
        pages = pages_for(example, Role.FRONT_DESK)
        transaction.set_rollback(True)
    assert any(markers_in(text) == {"taskwords"} and INSTRUMENT.search(text) for text in pages.values())
