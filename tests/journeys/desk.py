"""The front desk at a browser without JavaScript: signs in, opens pages, sends forms, over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from scheduling.models import Clinic, Order
from scheduling.series_terms import ProposedVisit
from tests.programs import free_port, running, wait_for


class Desk:
    """One signed-in person at one address."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.headers["Referer"] = address

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.address + path, timeout=20)

    def post(self, page: str, *, to: str = "", **fields: object) -> requests.Response:
        """Sends a form of `page`, to the page itself or `to` another, with the CSRF token it carries."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page).text)
        assert found, f"{page} has no form"
        data = fields | {"csrfmiddlewaretoken": found[1]}
        return self.session.post(self.address + (to or page), data=data, timeout=20, allow_redirects=False)

    def sign_in(self, username: str, password: str) -> None:
        assert self.post("/sign-in/", username=username, password=password).status_code == 302

    def book(self, order: Order, visits: tuple[ProposedVisit, ...], *, key: str) -> float:
        """Books the proposal; gives the seconds its one request took."""
        picks = [f"{visit.number}@{visit.start.isoformat()}" for visit in visits]
        answer = self.post(f"/series/{order.pk}/book/", key=key, pick=picks)
        assert answer.status_code == 302, answer.text[:500]
        return answer.elapsed.total_seconds()


@contextmanager
def desk_of(clinic: Clinic, username: str, environment: dict[str, str]) -> Iterator[Desk]:
    """A desk at a real web program on the test's own database."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running("web", environment | {"PORT": str(port), "PUBLIC_URL": address}):
        wait_for(lambda: _answers(address), seconds=90)
        desk = Desk(address)
        desk.sign_in(username, "password")
        yield desk


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/health/live", timeout=2).ok
    except requests.RequestException:
        return False
