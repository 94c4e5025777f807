"""What the desk reads of an order that a clinician paused or ended: that it waits or is over, never which or why."""

from __future__ import annotations

import re

import pytest
import time_machine

from scheduling.models import ChangeKind, Role
from scheduling.review_limits import reach_limits
from tests import factories
from tests.scheduling.planned import at
from tests.scheduling.reviewed import reviewed, with_limit
from tests.scheduling.words import WHY, changed
from tests.web.pages import DESK, NURSE, PRESCRIBER, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
SAYS_WHICH = re.compile(r"\b(paus|stopp|expir)\w*", re.IGNORECASE)
ENDS = {ChangeKind.PAUSE: "waits for the prescriber", ChangeKind.STOP: "is over", ChangeKind.COMPLETE: "is over"}


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.MANAGER])
@pytest.mark.parametrize("kind", ENDS)
def test_the_desk_reads_that_it_waits_or_is_over(kind: ChangeKind, role: Role) -> None:
    clinic = factories.create_clinic()
    order = changed(factories.create_order(clinic), clinic, kind)
    desk = signed_in(clinic, role)
    for address in (f"/patients/{order.patient_id}/", f"/series/{order.pk}/", "/orders/", "/patients/"):
        page = page_of(desk.get(address)).split("<main")[1].split("</main")[0]
        assert not SAYS_WHICH.search(re.sub(r"<[^>]*>", " ", page)), address
        assert WHY not in page
    assert ENDS[kind] in page_of(desk.get(f"/patients/{order.patient_id}/"))


def test_a_nurse_reads_which_it_is() -> None:
    clinic = factories.create_clinic()
    order = changed(factories.create_order(clinic), clinic, ChangeKind.PAUSE)
    assert "Paused" in page_of(signed_in(clinic, NURSE).get(f"/patients/{order.patient_id}/"))
    assert "Paused" not in page_of(signed_in(clinic, DESK).get(f"/patients/{order.patient_id}/"))


def test_the_desk_is_asked_to_call_whose_visits_were_freed_and_reads_what_to_say() -> None:
    clinic = factories.create_clinic()
    order = reviewed(clinic, 4, 5, template=with_limit(1, "free"))
    reach_limits(now=at("2027-01-13", "00:00"))
    with time_machine.travel(at("2027-01-13", "08:10"), tick=False):
        desk, told = signed_in(clinic, DESK), f"/series/{order.pk}/freed/told/"
        page = page_of(desk.get("/orders/"))
        for words in ("Patients to call", "waits for the prescriber", "Wednesday, January 13", told, "are cancelled"):
            assert words in page, words
        asks = page.split('id="freed-title"')[1].split("</section")[0]
        assert "review" not in re.sub(r"<[^>]*>", " ", asks).lower()
        inbox = page_of(signed_in(clinic, PRESCRIBER).get("/clinician/"))
        assert f"{order.title}: visits were cancelled" in inbox
        assert "Written down: they know." in page_of(desk.post(told, follow=True))
        assert "Patients to call" not in page_of(desk.get("/orders/"))
        assert "Patients to speak with" not in page_of(signed_in(clinic, PRESCRIBER).get("/clinician/"))
        desk.post(told)


def test_what_a_clinician_decided_the_desk_tells_nobody() -> None:
    clinic = factories.create_clinic()
    order = reviewed(clinic, 4)
    changed(order, clinic, ChangeKind.STOP, now=at("2027-01-12", "09:00"))
    with time_machine.travel(at("2027-01-12", "12:00"), tick=False):
        desk = signed_in(clinic, DESK)
        answer = page_of(desk.post(f"/series/{order.pk}/freed/told/", follow=True))
        assert "A clinician tells them this. Nothing was written down." in answer
        assert "Patients to call" not in answer
        assert "Patients to speak with" in page_of(signed_in(clinic, NURSE).get("/clinician/"))
