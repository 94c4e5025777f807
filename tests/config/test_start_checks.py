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


def test_a_database_without_demo_accounts_may_start(settings: Settings) -> None:
    settings.EMBEDDED = False
    start_checks.refuse_or_pass()
