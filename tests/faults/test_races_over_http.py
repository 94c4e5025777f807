"""64 browsers press for one opening at once, at the real web server: one gets it, the others read why not."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from functools import partial
from threading import Barrier
from time import monotonic
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from scheduling.models import Appointment, User
from tests.counts import say
from tests.databases import Committed
from tests.programs import free_port, running, wait_for
from tests.races.booker import Answer
from tests.races.opening import Place, assert_one_winner, overlapping_claims

pytestmark = pytest.mark.faults

RACES = 5
BROWSERS = 64
SERVERS = "8"
TOKEN = "t" * 32
# What a page says when the chair is gone: each is a refusal in plain words.
REFUSED = {409: "taken", 503: "busy"}


@pytest.fixture
def port(committed_database: Committed) -> Iterator[int]:
    number = free_port()
    places = {"PORT": str(number), "WEB_PROCESSES": SERVERS, "ALLOWED_HOSTS": "*"}
    with running("web", committed_database.environment | places):
        wait_for(lambda: answers(number), seconds=60)
        yield number


def answers(port: int) -> bool:
    try:
        return ask(port, "GET", "/health/live")[0] == 200
    except OSError:
        return False


def ask(port: int, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def cookies_of(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return f"sessionid={browser.cookies['sessionid'].value}; csrftoken={TOKEN}"


def next_monday() -> datetime:
    """Seven in the morning at the clinic, a week or two ahead."""
    now = timezone.now()
    day = (now + timedelta(days=14 - now.weekday())).date()
    return datetime.combine(day, time(7), ZoneInfo("America/New_York")).astimezone(UTC)


def press(number: int, order: int, start: datetime, port: int, cookies: str, together: Barrier) -> Answer:
    """One browser's press on the button of a proposal."""
    form = urlencode({"pick": f"1@{start.isoformat()}", "key": f"{start.isoformat()} {number}"})
    headers = {
        "Cookie": cookies, "X-CSRFToken": TOKEN, "Content-Type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    together.wait(60)
    began = monotonic()
    status, page = ask(port, "POST", f"/series/{order}/book/", form, headers)
    seconds = monotonic() - began
    if status == 302:
        return Answer(booked=True, seconds=seconds)
    if status in REFUSED:
        return Answer(refused=("busy" if status == 503 else "chairs",), seconds=seconds)
    return Answer(error=f"{status}: {page[-300:]}", seconds=seconds)


def test_one_of_sixty_four_browsers_gets_the_opening(committed_database: Committed, port: int) -> None:
    place = Place(BROWSERS, committed_database, now=next_monday())
    cookies = cookies_of(place.user)
    together = Barrier(BROWSERS)
    slowest = 0.0
    with ThreadPoolExecutor(BROWSERS) as browsers:

        def all_press(start: datetime, orders: list[int]) -> list[Answer]:
            one = partial(press, start=start, port=port, cookies=cookies, together=together)
            return list(browsers.map(one, range(BROWSERS), orders))

        for number in range(1, RACES + 1):
            raced = place.run(all_press)
            assert_one_winner(raced)
            assert Appointment.objects.filter(live=True).count() == number
            slowest = max(slowest, *(answer.seconds for answer in raced))
    assert overlapping_claims() == 0
    say(f"{RACES} races of {BROWSERS} browsers: one booked each, all others refused, slowest answer {slowest:.1f} s")
