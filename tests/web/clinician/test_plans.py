"""The pages of treatment plans: read by who orders, drafted in a form, approved with the password once more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.preparing import prepare
from scheduling.models import Appointment, Clinic, Order, ProtocolVersion, Role
from scheduling.plan_approval import approve_protocol
from scheduling.plan_drafts import draft_version
from scheduling.plans import fingerprint
from scheduling.prerequisites import blocking_start
from scheduling.protocol_template import ProtocolTemplate
from tests import factories
from tests.factories import NOW, SIX
from tests.web.pages import DESK, NURSE, PRESCRIBER, book, naughty_strings, page_of, shows, signed_in
from web.clinician.plan_differences import differences, parts_that_differ
from web.clinician.plan_fields import OWN_FIELDS, initial_of
from web.clinician.plan_words import plan_words
from web.frontdesk.ride import ride_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
MANAGER = Role.MANAGER
FULL: dict[str, Any] = SIX | {
    "prerequisites": [
        {"code": "labs", "name": "labs", "valid_days": 90, "met_by": ["nurse"], "hours_before": 24},
        {"code": "payer", "name": "authorisation", "counts_visits": True, "waived_by": ["manager"], "chase_days": 5},
    ],
    "questionnaires": [{"instrument": "phq-9", "before": "each", "days": 2}],
    "visit_tasks": [{"code": "form", "name": "monitoring form", "within_days": 7}],
    "exits_close": ["transferred"],
    "as_needed": {"word": "Booster", "at_most": 2, "min_days": 21},
    "instructions": {"en": "Bring a list.", "es": "Traiga una lista."},
    "fasting": {"solids_hours": 6, "clear_liquids_hours": 2},
    "ride_home": True,
}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def version(clinic: Clinic) -> ProtocolVersion:
    made = factories.create_protocol(clinic, template=FULL)
    approve_protocol(version=made, by=factories.create_actor(clinic, PRESCRIBER), now=NOW)
    return made


def typed(client: Client, address: str, **more: Any) -> dict[str, Any]:
    """What the form sends when it is sent as it is shown, with what is changed."""
    form = client.get(address).context["form"]
    said = {name: value for name, value in form.initial.items() if value not in (None, False)}
    said["after"] = client.get(address).context["after"]
    return {**said, **more}


def draft_address(version: ProtocolVersion) -> str:
    return f"/clinician/plans/of/{version.protocol_id}/draft/"


def test_one_version_is_said_in_full(clinic: Clinic, version: ProtocolVersion) -> None:
    page = page_of(signed_in(clinic, NURSE).get(f"/clinician/plans/{version.pk}/"))
    for words in (
        "6 infusions", "After infusion 3, at the chair",
        ("labs, there 24 hours before, good for 90 days, no start without it, asked for at booking, chased from 2 days "
         "before. Said to be there by nurse, waived by prescriber"),
        ("authorisation, for so many visits, no start without it, asked for at booking, chased from 5 days before. "
         "Said to be there by front desk, nurse, prescriber, manager, waived by manager"),
        "PHQ-9 from 2 days before each infusion", "monitoring form, within 7 days after each infusion",
        "The next infusion waits for the prescriber after: transferred",
        "may be ordered after it: at most 2, 21 days apart", "English: Bring a list.", "Spanish: Traiga una lista.",
    ):  # fmt: skip
        assert words in page


def test_sent_as_it_is_shown_it_is_the_same_plan(clinic: Clinic, version: ProtocolVersion) -> None:
    manager = signed_in(clinic, MANAGER)
    answer = manager.post(draft_address(version), typed(manager, draft_address(version)))
    drafted = ProtocolVersion.objects.latest("number")
    assert answer.headers["Location"] == f"/clinician/plans/{drafted.pk}/"
    assert ProtocolTemplate.from_dict(drafted.template) == ProtocolTemplate.from_dict(FULL)
    assert drafted == version
    assert shows(
        page_of(manager.get(f"/clinician/plans/{drafted.pk}/")), "Nothing was changed, so nothing was drafted."
    )


def test_manager_drafts_the_next_version_and_the_prescriber_approves_it_with_the_password(
    clinic: Clinic, version: ProtocolVersion
) -> None:
    manager, doctor = signed_in(clinic, MANAGER), signed_in(clinic, PRESCRIBER)
    said = typed(manager, draft_address(version), doses=5, solids_hours=8, instructions_es="")
    page = page_of(manager.post(draft_address(version), said, follow=True))
    drafted = ProtocolVersion.objects.latest("number")
    assert (drafted.number, drafted.template["doses"], drafted.is_approved) == (2, 5, False)
    assert str(drafted.template["fasting"]) == "{'solids_hours': 8, 'clear_liquids_hours': 2}", "whole hours stay whole"
    for words in (
        "<del>6 infusions</del>", "<ins>5 infusions</ins>", "<ins>No solid food for 8 hours",
        "<del>Spanish: Traiga una lista.",
        "Nothing is written for patients in Spanish",
    ):  # fmt: skip
        assert words in page
    assert "/approve/" not in page
    address = f"/clinician/plans/{drafted.pk}/approve/"
    assert manager.post(address, {"password": "password"}).status_code == 403
    assert doctor.post(address, {"password": "wrong"}).status_code == 422
    # The prescriber's own page sends no password: it leads here.
    shown = doctor.post(address)
    assert shown.status_code == 200
    # Nobody approves what they did not read: without what the page says was read, the password is not enough.
    assert doctor.post(address, {"password": "password"}).status_code == 422
    drafted.refresh_from_db()
    assert not drafted.is_approved
    sent = {"password": "password", "read": shown.context["read"]}
    assert f'name="read" value="{sent["read"]}"' in page_of(shown)
    page = page_of(doctor.post(address, sent, follow=True))
    drafted.refresh_from_db()
    assert drafted.is_approved
    assert "is approved. Orders can be made from it." in page
    assert "This version is approved already." in page_of(doctor.post(address, sent, follow=True))


def test_draft_does_not_take_the_place_of_what_is_ordered_from(clinic: Clinic, version: ProtocolVersion) -> None:
    manager, doctor = signed_in(clinic, MANAGER), signed_in(clinic, PRESCRIBER)
    manager.post(draft_address(version), typed(manager, draft_address(version), doses=5))
    patient = factories.create_patient(clinic)
    assert f'value="{version.pk}"' in page_of(doctor.get(f"/patients/{patient.pk}/order/"))
    page = page_of(doctor.get("/clinician/plans/"))
    assert "version 1 is ordered from" in page
    assert "a draft waits for approval" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"doses": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"doses": "9", "doses_at_most": "8"}, "This field is at most 8 (doses_at_most), not 9."),
        ({"observe_minutes": "7"}, "This field is a multiple of 5, not 7."),
        ({"solids_hours": "1", "clear_liquids_hours": "2"}, "This field is at most solids_hours (1)."),
        ({"lists": "phases: ["}, "line 1"),
        ({"lists": "- one\n- two"}, "This is no list of keys and values."),
        ({"lists": "phases:\n  - {name: arrive, minutes: 7}\n"}, "phases[0].minutes"),
        ({"lists": "not_before: 2027-01-01"}, "not_before: belongs to an order, not to a plan."),
        ({"lists": ""}, "phases is missing"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    clinic: Clinic, version: ProtocolVersion, change: dict[str, str], words: str
) -> None:
    manager = signed_in(clinic, MANAGER)
    answer = manager.post(draft_address(version), typed(manager, draft_address(version), note="mine", **change))
    assert answer.status_code == 422
    page = page_of(answer)
    assert words in page
    assert 'value="mine"' in page
    assert ProtocolVersion.objects.count() == 1


def test_fault_in_the_yaml_names_its_line(clinic: Clinic, version: ProtocolVersion) -> None:
    manager = signed_in(clinic, MANAGER)
    lists = yaml.safe_dump({"phases": SIX["phases"]}) + "reviews:\n- {after: 3, method: by letter}\n"
    page = page_of(manager.post(draft_address(version), typed(manager, draft_address(version), lists=lists)))
    assert f"reviews[0].method: is one of at_chair, video, in_person (line {lists.count(chr(10))})" in page


def test_file_takes_the_place_of_the_text(clinic: Clinic, version: ProtocolVersion) -> None:
    manager = signed_in(clinic, MANAGER)
    file = SimpleUploadedFile("plan.yaml", yaml.safe_dump({"template": SIX | {"doses": 4}}).encode())
    manager.post(draft_address(version), typed(manager, draft_address(version), file=file))
    drafted = ProtocolVersion.objects.latest("number")
    assert (drafted.template["doses"], "prerequisites" in drafted.template) == (4, False)


def test_second_of_two_who_draft_keeps_what_was_typed(clinic: Clinic, version: ProtocolVersion) -> None:
    first, second = signed_in(clinic, MANAGER), signed_in(clinic, PRESCRIBER)
    late = typed(second, draft_address(version), note="the second")
    first.post(draft_address(version), typed(first, draft_address(version), note="the first"))
    answer = second.post(draft_address(version), late)
    assert answer.status_code == 409
    assert "Somebody else drafted or approved a version meanwhile." in page_of(answer)
    assert 'value="the second"' in page_of(answer)
    assert ProtocolVersion.objects.latest("number").template["note"] == "the first"


def test_new_plan_begins_like_another(clinic: Clinic, version: ProtocolVersion) -> None:
    manager = signed_in(clinic, MANAGER)
    address = f"/clinician/plans/new/?like={version.pk}"
    said = typed(manager, address, name="Seven", code="seven", therapy="ketamine", doses=7, within_days=28)
    page = page_of(manager.post("/clinician/plans/new/", said, follow=True))
    assert "Seven" in page
    made = ProtocolVersion.objects.get(protocol__code="seven")
    assert (made.number, made.template["doses"], made.template["visit_tasks"]) == (1, 7, FULL["visit_tasks"])
    answer = manager.post("/clinician/plans/new/", said)
    assert (answer.status_code, "Another plan has this short name." in page_of(answer)) == (422, True)


@pytest.mark.parametrize(
    ("role", "reads", "drafts", "approves"),
    [
        (DESK, 403, 403, 403), (NURSE, 200, 403, 403), (PRESCRIBER, 200, 200, 200), (MANAGER, 200, 200, 403),
        (Role.AUDITOR, 403, 403, 403),
    ],
)  # fmt: skip
def test_pages_are_for_who_orders_and_manages(
    clinic: Clinic, role: Role, reads: int, drafts: int, approves: int
) -> None:
    plan = factories.create_protocol(clinic, template=FULL)
    client, of = signed_in(clinic, role), f"/clinician/plans/of/{plan.protocol_id}/"
    for address in ("/clinician/plans/", of, f"/clinician/plans/{plan.pk}/"):
        assert client.get(address).status_code == reads
    for address in (f"{of}draft/", "/clinician/plans/new/"):
        assert client.get(address).status_code == drafts
    assert client.get(f"/clinician/plans/{plan.pk}/approve/").status_code == approves


def test_plan_of_another_organisation_is_not_found(clinic: Clinic, version: ProtocolVersion) -> None:
    stranger = signed_in(factories.create_clinic(), PRESCRIBER)
    for address in (f"{version.pk}/", f"{version.pk}/approve/", f"of/{version.protocol_id}/"):
        assert stranger.get(f"/clinician/plans/{address}").status_code == 404
    assert stranger.get(draft_address(version)).status_code == 404
    assert "Bring a list." not in page_of(stranger.get(f"/clinician/plans/new/?like={version.pk}"))


@pytest.mark.parametrize("plans", [1, 4])
def test_list_of_plans_takes_six_queries(
    clinic: Clinic, plans: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(plans):
        factories.create_protocol(clinic)
    doctor = signed_in(clinic, PRESCRIBER)
    with django_assert_num_queries(6):
        assert page_of(doctor.get("/clinician/plans/")).count("Series of six</a>") == plans


@pytest.mark.parametrize("text", naughty_strings()[::50])
def test_instructions_are_shown_as_typed(clinic: Clinic, version: ProtocolVersion, text: str) -> None:
    manager = signed_in(clinic, MANAGER)
    said = typed(manager, draft_address(version), instructions_en=text)
    assert shows(page_of(manager.post(draft_address(version), said, follow=True)), text.strip())


def test_no_difference_goes_unsaid() -> None:
    assert differences(FULL, FULL) == []
    assert parts_that_differ(FULL, FULL) == []
    other = FULL | {"phases_of": [{"doses": [1], "phases": SIX["phases"]}]}
    assert parts_that_differ(FULL, other) == ["parts of visits that differ"]
    assert plan_words(SIX | {"doses": 0}) == []


def test_every_field_of_the_form_is_a_part_of_a_plan() -> None:
    rest = yaml.safe_load(initial_of(FULL)["lists"])
    assert set(rest) | (OWN_FIELDS & set(FULL)) == set(FULL)


def test_what_was_signed_stays_whatever_the_plan_says_later(clinic: Clinic) -> None:
    """Fasting, ride, observation, who clears and what is needed before come from the signed version everywhere."""
    doctor = factories.create_actor(clinic, PRESCRIBER)
    signed = SIX | {"ride_home": True, "fasting": {"solids_hours": 6, "clear_liquids_hours": 2}}
    order = factories.create_order(clinic, template=signed)
    [visit] = book(order, clinic, how_many=1)
    later = FULL | {"ride_home": False, "fasting": {"solids_hours": 8, "clear_liquids_hours": 4}, "cleared_by": "nurse"}
    newest = draft_version(
        protocol=order.protocol_version.protocol, template=later, after=fingerprint(order.protocol_version), by=doctor,
        now=NOW,
    )  # fmt: skip
    approve_protocol(version=newest, by=doctor, now=NOW)
    visit = Appointment.objects.select_related("terms__version", "order__current_version").get(pk=visit.pk)
    for version in (visit.terms and visit.terms.version, visit.order and visit.order.current_version):
        assert version
        assert version.content == signed | {"sites": [clinic.slug]}
        asked = prepare(version.content, visit.period.lower)
        assert asked
        assert (asked.needs_ride, asked.food_until) == (True, visit.period.lower - timedelta(hours=6))
    assert ride_of(visit) is not None
    assert blocking_start(visit, now=NOW) == []
    assert "ready" not in page_of(signed_in(clinic, DESK).get("/")).split('id="board"', 1)[1].split("<footer", 1)[0]


def test_retired_plan_is_not_ordered_from_until_it_is_offered_again(clinic: Clinic, version: ProtocolVersion) -> None:
    manager, doctor = signed_in(clinic, MANAGER), signed_in(clinic, PRESCRIBER)
    address = f"/clinician/plans/of/{version.protocol_id}/settle/"
    order = f"/patients/{factories.create_patient(clinic).pk}/order/"
    assert signed_in(clinic, NURSE).post(address, {"do": "retire"}).status_code == 403
    assert "This plan is retired" in page_of(manager.post(address, {"do": "retire"}, follow=True))
    assert f'value="{version.pk}"' not in page_of(doctor.get(order))
    doctor.post(order, {"plan": version.pk})
    assert not Order.objects.exists()
    assert "This plan is retired" not in page_of(manager.post(address, {"do": "offer"}, follow=True))
    assert f'value="{version.pk}"' in page_of(doctor.get(order))
