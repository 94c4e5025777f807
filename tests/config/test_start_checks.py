from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from pytest_django import Settings

from config import start_checks

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo_account() -> None:
    get_user_model()._default_manager.create(username="desk")


@pytest.mark.usefixtures("demo_account")
def test_nothing_starts_while_a_demo_account_stands_in_a_clinics_own_database(settings: Settings) -> None:
    settings.EMBEDDED = False
    with pytest.raises(start_checks.MustNotStart, match="The demo accounts desk exist in this database"):
        start_checks.refuse_or_pass()


@pytest.mark.usefixtures("demo_account")
def test_the_demo_itself_may_start(settings: Settings) -> None:
    settings.EMBEDDED = True
    start_checks.refuse_or_pass()


SENDER = "from=desk@harbor.test"


@pytest.mark.parametrize(
    ("url", "secret", "said"),
    [
        (f"anymail+mandrill://?api_key=k&{SENDER}", "s", "EMAIL_URL: mandrill can't tell us what became of a letter."),
        (f"anymail+resend://?api_key=k&{SENDER}", "", "EMAIL_URL names resend: set INBOUND_MAIL_SECRET"),
        (f"anymail+postmark://?server_token=k&{SENDER}", "", "EMAIL_URL names postmark: set INBOUND_MAIL_SECRET"),
    ],
)
def test_nothing_starts_with_a_mail_provider_whose_reports_are_not_heard(
    settings: Settings, url: str, secret: str, said: str
) -> None:
    settings.EMAIL_URL, settings.INBOUND_MAIL_SECRET = url, secret
    with pytest.raises(start_checks.MustNotStart, match=said):
        start_checks.refuse_or_pass()


@pytest.mark.parametrize(
    "url", [f"anymail+resend://?api_key=k&{SENDER}", f"anymail+postmark://?server_token=k&{SENDER}"]
)
def test_a_mail_provider_whose_reports_are_heard_may_start(settings: Settings, url: str) -> None:
    settings.EMAIL_URL, settings.INBOUND_MAIL_SECRET = url, "a secret"
    start_checks.refuse_or_pass()


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("https://" + "a" * 39, None),
        ("https://" + "a" * 39 + "/", None),
        ("https://" + "a" * 41, "PUBLIC_URL is 2 letters too long: a reminder with its link has to fit one text."),
        ("https://clínica.example", "PUBLIC_URL has letters that a text can't hold: only plain ones are possible."),
    ],
)
def test_nothing_starts_with_links_that_fit_no_text(settings: Settings, address: str, fault: str | None) -> None:
    settings.EMBEDDED, settings.PUBLIC_URL = True, address
    assert start_checks.find_link_fault() == fault
    if fault:
        with pytest.raises(start_checks.MustNotStart, match=r"PUBLIC_URL"):
            start_checks.refuse_or_pass()


def test_a_database_without_demo_accounts_may_start(settings: Settings) -> None:
    settings.EMBEDDED = False
    start_checks.refuse_or_pass()
