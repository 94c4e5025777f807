"""Each verb that a page calls, called as each role: whoever the table does not name changes nothing, whatever the page.

The person behind the pages has every role, so that no page's own guard says no: only the verb does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction

from scheduling import permissions
from scheduling.events import Actor
from scheduling.models import ActorKind, Role
from scheduling.permissions import ALLOWED, NotAllowed
from tests.counts import count
from tests.web.matrix.sending import PASSWORD, WRITING, World, sent_once
from web.access import PUBLIC, Route

SENT_BY_STAFF = [route for route in WRITING if route.roles is not PUBLIC]
# What is kept with the browser, or where alerts reach the person that sends it: that asks for no verb.
NO_VERB = frozenset({"choose_clinic", "duty_contact"})

# Verbs that no form of the example comes to, or only past another verb: patients', commands', and those whose fields
# the example leaves empty. That each asks first is proved from its source (tests/scheduling/test_permissions.py).
ASKED_ELSEWHERE = frozenset({
    "absence.block", "appointment.name_driver", "appointment.record_no_show", "appointment.say_no", "birth_date.check",
    "calendar.subscribe", "clinic.change_hours", "contact.choose", "deviation.sign", "exit.write_down",
    "link.send_again", "misses.answer", "misses.write_down",
    "order.write_down", "patient.create", "patient.import", "patient.record_death",
    "post.name", "prerequisite.record", "question.ask", "questionnaire.answer", "reply.give", "review.write_down",
    "visit.check", "visit.pass_check", "visit.write_down",
})  # fmt: skip
# Asked for after another verb: a role that may not do that one is refused before it comes to this.
ASKED_AFTER = {"appointment.cancel_clinically": "appointment.cancel"}


class Asked:
    """Which verbs were asked for, and whether one of them was refused."""

    def __init__(self) -> None:
        self.verbs: list[str] = []
        self.refused = False


@contextmanager
def as_if_only(role: Role, *, refusing: bool = True) -> Iterator[Asked]:
    """Whoever of the staff acts has this role alone, as verbs see it. For a control they are let through."""
    asked, may, check = Asked(), permissions.may, permissions.check

    def may_alone(by: Actor, verb: str) -> bool:
        return role in ALLOWED[verb] if by.kind == ActorKind.STAFF else may(by, verb)

    def check_alone(by: Actor, verb: str, **of: Any) -> None:
        asked.verbs.append(verb)
        try:
            check(by, verb, **of)
        except NotAllowed:
            asked.refused = True
            if refusing:
                raise

    with patch.object(permissions, "may", may_alone), patch.object(permissions, "check", check_alone):
        yield asked


@dataclass
class Sent:
    """What became of all forms sent as one role: `asked` for a verb, `wrote` after it was let through, and faults."""

    asked: set[str] = field(default_factory=set)
    wrote: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def send_all(world: World, routes: list[Route], role: Role, *, refusing: bool = True) -> Sent:
    """Sends each form that leads to these routes. A page may stumble over what its own guard would have stopped."""
    all_sent = Sent()
    for route, path, fields in ((one, *sending) for one in routes for sending in world.sendings(one)):
        sent = {name: PASSWORD if name == "password" else text for name, text in fields.items()}
        with transaction.atomic(), as_if_only(role, refusing=refusing) as asked:
            sent_once(world.everybody, path, sent)
            changed = world.rows.changed()
            transaction.set_rollback(True)
        count("forms sent as one role alone")
        all_sent.asked.update(asked.verbs)
        if changed:
            all_sent.wrote.update(asked.verbs)
        if changed and route.name not in NO_VERB and (asked.refused or not asked.verbs):
            all_sent.wrong.append(f"{path} as {role} asked for {asked.verbs} and wrote {sorted(changed)}")
    return all_sent


@pytest.mark.parametrize("role", Role)
def test_no_form_does_what_the_role_may_not_do(world: World, role: Role) -> None:
    """And whom the table names does write."""
    sent = send_all(world, SENT_BY_STAFF, role)
    count("verbs x roles really called", len(sent.asked))
    count("verbs x roles that wrote, each in the table", len(sent.wrote))
    assert sent.wrong == []
    stopped_before = {verb for verb, first in ASKED_AFTER.items() if first in sent.asked and role not in ALLOWED[first]}
    assert ALLOWED.keys() - sent.asked <= ASKED_ELSEWHERE | stopped_before
    assert sent.wrote <= {verb for verb, roles in ALLOWED.items() if role in roles}
    assert bool(sent.wrote) is any(role in roles for roles in ALLOWED.values())


def test_without_the_refusal_it_would_be_done(world: World) -> None:
    """Control: an auditor, whom the table names nowhere, is let through."""
    routes = [route for route in SENT_BY_STAFF if route.name in ("visit_cancel", "sign_order", "close_task")]
    for route in routes:
        assert send_all(world, [route], Role.AUDITOR, refusing=False).wrong, route.name
        assert not send_all(world, [route], Role.AUDITOR).wrong
