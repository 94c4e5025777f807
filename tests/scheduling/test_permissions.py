"""Every verb x every role: whoever is not in the one table is refused, and no verb asks for what is not in it."""

from __future__ import annotations

import ast

import pytest

from scheduling.events import Actor
from scheduling.models import ActorKind, Role
from scheduling.permissions import ALLOWED, BY_PATIENT, NotAllowed, check, may
from tests.counts import count
from tests.project.sources import name, python_files

ORGANISATION, CLINIC = 1, 2


def person(*roles: Role, clinic_id: int = CLINIC, organisation_id: int = ORGANISATION) -> Actor:
    return Actor(ActorKind.STAFF, "ana", 1, clinic_id, frozenset(roles), organisation_id)


def is_refused(by: Actor, verb: str) -> bool:
    try:
        check(by, verb, organisation_id=ORGANISATION, clinic_id=CLINIC)
    except NotAllowed:
        return True
    return False


@pytest.mark.parametrize("verb", sorted(ALLOWED))
def test_a_verb_refuses_every_role_that_is_not_in_its_set(verb: str) -> None:
    for role in Role:
        count("verbs x roles")
        assert is_refused(person(role), verb) is (role not in ALLOWED[verb]), role
        assert is_refused(person(role, clinic_id=CLINIC + 1), verb), "of another clinic"
        assert is_refused(person(role, organisation_id=ORGANISATION + 1), verb), "of another organisation"
    assert is_refused(person(), verb), "of no role"
    patient = Actor(ActorKind.PATIENT, "patient", None, None, frozenset(), ORGANISATION)
    assert may(patient, verb) is (verb in BY_PATIENT)


def verbs_asked_for() -> dict[str, str]:
    """The verbs that the code asks the table about, and where."""
    found = {}
    for path in python_files("scheduling", "notifications", "web"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and node.value in ALLOWED and path.stem != "permissions":
                found[str(node.value)] = name(path)
    return found


def calls_of_check() -> list[tuple[str, ast.expr]]:
    """Each `permissions.check(by, verb, ...)` and `may(by, verb)`, with what stands for the verb."""
    found = []
    for path in python_files("scheduling", "notifications", "web"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and len(node.args) > 1:
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                of = getattr(getattr(node.func, "value", None), "id", "")
                if (called == "check" and of == "permissions") or called == "may":
                    found.append((f"{name(path)}:{node.lineno}", node.args[1]))
    return found


def test_every_verb_that_is_asked_for_is_in_the_table() -> None:
    unknown = [
        f"{where}: {verb.value!r}"
        for where, verb in calls_of_check()
        if isinstance(verb, ast.Constant) and verb.value not in ALLOWED
    ]
    assert unknown == []
    assert len(calls_of_check()) > 60


def test_no_verb_of_the_table_is_forgotten() -> None:
    assert ALLOWED.keys() == verbs_asked_for().keys()
