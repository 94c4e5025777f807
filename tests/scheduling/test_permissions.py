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


# What opens a transaction, and what writes in it. Calls of the same name that only look are looked at as well.
BEGINS = frozenset({"writing", "atomic"})
WRITES = frozenset(
    {"create", "update", "save", "delete", "bulk_create", "update_or_create", "get_or_create", "record", "open_task"}
)
# Steps of other verbs, which asked; no page may call them.
STEPS_OF_VERBS = frozenset({"stop_address", "reopen_address", "ask_to_call"})


def called(node: ast.AST) -> str:
    """The name of what is called; empty where nothing is."""
    function = getattr(node, "func", None)
    return function.attr if isinstance(function, ast.Attribute) else str(getattr(function, "id", ""))


def asks(node: ast.AST) -> bool:
    of = getattr(getattr(getattr(node, "func", None), "value", None), "id", "")
    return called(node) == "check_of_order" or (called(node) == "check" and of == "permissions")


def verbs_of(source: str) -> dict[str, ast.FunctionDef]:
    """Functions in which somebody does something now, in a transaction of their own."""
    return {
        node.name: node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and {"by", "now"} <= {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
        and any(called(call) in BEGINS for call in ast.walk(node))
    }


def asks_first(verb: ast.FunctionDef, askers: set[str]) -> bool:
    """Whether it asks the table, itself or by one of the functions that do, and only then writes."""
    calls = [node for node in ast.walk(verb) if isinstance(node, ast.Call)]
    asked = [call.lineno for call in calls if asks(call) or called(call) in askers]
    written = [call.lineno for call in calls if called(call) in WRITES]
    return bool(asked) and (not written or min(asked) < min(written))


def test_every_verb_asks_before_it_writes() -> None:
    sources = {name(path): path.read_text() for path in python_files("scheduling", "notifications")}
    askers = {
        node.name
        for source in sources.values()
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and any(asks(call) for call in ast.walk(node))
    }
    verbs = {(where, verb): node for where, source in sources.items() for verb, node in verbs_of(source).items()}
    unasked = {(where, verb) for (where, verb), node in verbs.items() if not asks_first(node, askers)}
    assert {verb for _, verb in unasked} == STEPS_OF_VERBS
    count("verbs that ask the table before they write", len(verbs) - len(unasked))
    assert len(verbs) > 100


def test_no_page_calls_a_step_of_a_verb() -> None:
    calls = {
        (name(path), called(node)) for path in python_files("web") for node in ast.walk(ast.parse(path.read_text()))
    }
    assert [where for where, function in calls if function in STEPS_OF_VERBS] == []


@pytest.mark.parametrize(
    "body",
    [
        "with writing():\n  Row.objects.create()",
        "with writing():\n  Row.objects.create()\n permissions.check(by, 'x')",
        "check(by, 'x')\n with writing():\n  Row.objects.update()",
    ],
)
def test_a_verb_that_does_not_ask_first_would_be_seen(body: str) -> None:
    """Control."""
    found = verbs_of(f"def move(*, row, by, now):\n {body}\n")
    assert not asks_first(found["move"], set())
    good = verbs_of(f"def move(*, row, by, now):\n permissions.check(by, 'x')\n {body}\n")
    assert asks_first(good["move"], set())
