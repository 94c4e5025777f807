"""The demo's people can be reached, and are nobody."""

from __future__ import annotations

from notifications.addresses import normalise
from notifications.models import AddressKind
from web.demo.people import PEOPLE, email, person, phone


def test_every_number_and_mailbox_is_valid_fictional_and_its_own() -> None:
    phones = [normalise(AddressKind.PHONE, phone(index)) for index in range(500)]
    emails = [normalise(AddressKind.EMAIL, email(person(index), index)) for index in range(500)]
    assert None not in phones + emails
    assert len({*phones}) == len({*emails}) == 500
    assert all(number is not None and number[5:10] == "55501" for number in phones)


def test_two_look_alike_and_a_third_of_them_prefer_spanish() -> None:
    assert [(one.given, one.family[:-1]) for one in PEOPLE[:2]] == [("Maria", "Gonzale")] * 2
    assert 8 <= sum(one.language == "es" for one in PEOPLE) <= 12
    assert any(one.language not in ("en", "es") for one in PEOPLE)
