"""What the desk reads of an order that a clinician paused or ended: that it waits or is over, never which or why."""

from __future__ import annotations

import re

import pytest

from scheduling.models import ChangeKind, Role
from tests import factories
from tests.scheduling.words import WHY, changed
from tests.web.pages import DESK, NURSE, page_of, signed_in

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
