"""Requests that no browser sends are answered, and nothing of them is read."""

from __future__ import annotations

import pytest
from django.test import Client

from scheduling.models import Clinic, Role
from tests import factories
from tests.web.matrix.traces import says_so
from tests.web.pages import page_of, signed_in

pytestmark = pytest.mark.django_db
FORM = b'--B\r\nContent-Disposition: form-data; name="text"\r\n\r\na\\ud800b\r\n--B--\r\n'


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.mark.parametrize("encoding", ["base64", "unicode_escape", "utf-16", "latin-1", "rot13"])
def test_text_in_another_encoding_is_not_understood(clinic: Clinic, encoding: str) -> None:
    """Not in a form, and not in an address."""
    client = signed_in(clinic, Role.FRONT_DESK)
    client.raise_request_exception = False
    for answer in (
        client.generic("POST", "/patients/", FORM, f"multipart/form-data; boundary=B; charset={encoding}"),
        client.get("/", CONTENT_TYPE=f"text/plain; charset={encoding}"),
    ):
        assert answer.status_code == 400
        assert says_so(answer)


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF8", "; charset=none-there-is"])
def test_utf_8_is_understood_however_it_is_called(clinic: Clinic, charset: str) -> None:
    client = signed_in(clinic, Role.FRONT_DESK)
    answer = client.generic("POST", "/patients/", FORM, f"multipart/form-data; boundary=B{charset}")
    assert answer.status_code == 200
    assert "a\\ud800b" in page_of(answer)


@pytest.mark.parametrize("cookie", [r'sessionid="\000abcdefgh"', r'csrftoken="\000"; sessionid="abcdefgh\000"'])
def test_a_cookie_with_a_nul_is_none(cookie: str) -> None:
    client = Client(raise_request_exception=False)
    assert client.get("/", headers={"Cookie": cookie}).headers["Location"] == "/sign-in/?next=/"
    assert client.get("/sign-in/", headers={"Cookie": cookie}).status_code == 200
