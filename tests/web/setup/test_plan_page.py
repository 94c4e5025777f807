"""A treatment plan from a sentence is read back, drafted, and waits for a prescriber."""

from __future__ import annotations

import pytest
from django.test import Client

from scheduling.models import Clinic, ProtocolVersion, Role
from tests import factories
from tests.web.pages import page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
SAID = {
    "name": "Six infusions", "therapy": "ketamine", "days": "6 times, 2 to 4 days apart, within 3 weeks",
    "infuse": "40", "recover": "45", "review_after": "3", "cleared_by": "prescriber", "ride_home": "on",
}  # fmt: skip


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def manager(clinic: Clinic) -> Client:
    return signed_in(clinic, Role.MANAGER)


def test_it_is_read_back_before_it_is_drafted(manager: Client) -> None:
    page = page_of(manager.post("/setup/plan/", SAID | {"do": "look"}))
    assert "6 infusions" in page
    assert "2 to 4 days" in page
    assert ProtocolVersion.objects.count() == 0


@pytest.mark.parametrize(
    "days", ["6 times, 2 to 4 days apart", "on days 0, 14, 42, then every 56", "as ordered, at least 3 days apart"]
)
def test_each_sentence_is_drafted_and_nothing_is_approved(manager: Client, days: str) -> None:
    sent = SAID | {"days": days, "do": "save"}
    if days.startswith("as"):
        sent["review_after"] = ""
    page = page_of(manager.post("/setup/plan/", sent, follow=True))
    assert "A prescriber has to approve it" in page
    drafted = ProtocolVersion.objects.get()
    assert not drafted.is_approved
    assert drafted.protocol.code == "six-infusions"
    manager.post("/setup/plan/", sent)
    assert ProtocolVersion.objects.latest("pk").protocol.code == "six-infusions-2"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"days": "six times"}, "This is none of the three sentences."),
        ({"days": "6 times, 4 to 2 days apart"}, "The smaller number of days stands first"),
        ({"review_after": "6"}, "An infusion has to come after it."),
        ({"infuse": "41"}, "Ensure this value is a multiple of step size 5"),
        ({"therapy": "two words"}, "Enter a valid"),
    ],
)
def test_nonsense_is_said_at_its_field(manager: Client, said: dict[str, str], words: str) -> None:
    answer = manager.post("/setup/plan/", SAID | said | {"do": "save"})
    assert (answer.status_code, words in page_of(answer)) == (422, True)
    assert ProtocolVersion.objects.count() == 0


def test_what_was_typed_is_kept_when_it_is_changed(manager: Client) -> None:
    assert 'value="Six infusions"' in page_of(manager.post("/setup/plan/", SAID | {"do": "change"}))
    assert signed_in(factories.create_clinic(), Role.NURSE).get("/setup/plan/").status_code == 403
