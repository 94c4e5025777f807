"""Replies that meet over real commits: each kept once and acted on once; one fixed answer; the controls do worse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from django.db import transaction
from django.db.models import QuerySet

from notifications import answers
from notifications.inbound import Arrived, act_on_waiting, take_reply
from notifications.models import Address, CallTask, InboundMessage, Notice, QuickReply
from notifications.notice_facts import ChannelName
from scheduling.events import Actor
from scheduling.models import Clinic, Event, Role
from tests import factories
from tests.databases import Committed
from tests.notifications.replies import OUR_NUMBER, THEN, numbers, tell
from tests.notifications.test_at_once import WORKERS, at_once
from tests.notifications.world import PHONE, booker, clinic_that_writes, new_york, reachable_patient

T = TypeVar("T")


def told() -> None:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    tell()


def text(words: str, reference: str = "") -> bool:
    reference = reference or f"SM{next(numbers)}"
    arrived = Arrived("twilio", reference, ChannelName.SMS, PHONE, [OUR_NUMBER], words)
    return take_reply(arrived=arrived, now=THEN)


def test_one_text_handed_over_by_several_at_once_is_kept_and_acted_on_once(
    committed_database: Committed,
) -> None:
    told()
    assert sorted(at_once(lambda: text("call me", "SM-same"))) == [False] * (WORKERS - 1) + [True]
    assert (InboundMessage.objects.count(), CallTask.objects.count()) == (1, 1)


def test_sweeps_that_meet_act_on_each_reply_once(committed_database: Committed) -> None:
    told()
    text("call me")
    InboundMessage.objects.update(outcome="", handled_at=None)
    CallTask.objects.all().delete()
    assert sum(at_once(lambda: act_on_waiting(now=THEN))) == 1
    assert CallTask.objects.count() == 1


def fixed_answers() -> int:
    return Notice.objects.filter(purpose="reply", step="fixed").count()


def test_several_texts_at_once_get_one_fixed_answer(committed_database: Committed) -> None:
    told()
    assert at_once(lambda: text("hello?")) == [True] * WORKERS
    assert (InboundMessage.objects.count(), fixed_answers()) == (WORKERS, 1)
    assert set(InboundMessage.objects.values_list("outcome", flat=True)) == {"to_read"}


def test_control_without_the_lock_on_the_address_there_are_several(
    committed_database: Committed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the test above proves nothing."""
    told()
    monkeypatch.setattr(answers, "_went_lately", slow(answers._went_lately))
    monkeypatch.setattr(Address, "objects", Unlocked(Address.objects))
    at_once(lambda: text("hello?"))
    assert fixed_answers() > 1


def test_the_lock_holds_where_every_look_is_slow(
    committed_database: Committed, monkeypatch: pytest.MonkeyPatch
) -> None:
    told()
    monkeypatch.setattr(answers, "_went_lately", slow(answers._went_lately))
    at_once(lambda: text("hello?"))
    assert fixed_answers() == 1


def answered(key: int) -> bool:
    reply, quick = InboundMessage.objects.select_related("clinic", "patient", "address").get(), QuickReply.objects.get()
    by = Actor.system("a desk")
    try:
        answers.answer_with(reply=reply, quick=quick, key=f"k{key}", by=by, now=THEN)
    except answers.AnsweredAlready:
        return False
    return True


def a_question() -> None:
    told()
    text("can I eat?")
    clinic = Clinic.objects.get()
    manager = factories.create_user(clinic, Role.MANAGER)
    QuickReply.objects.create(clinic=clinic, language="en", body="Yes.", approved_by=manager, approved_at=THEN)


def test_several_people_at_one_reply_send_one_answer(committed_database: Committed) -> None:
    a_question()
    assert sorted(at_once(lambda: answered(next(numbers)))) == [False] * (WORKERS - 1) + [True]
    assert Notice.objects.filter(step="quick").count() == 1
    assert Event.objects.filter(verb="reply.answered").count() == 1


def test_control_without_the_lock_on_the_reply_several_answers_go(
    committed_database: Committed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the test above proves nothing."""
    a_question()
    monkeypatch.setattr(answers, "_sent_before", slow(answers._sent_before))
    monkeypatch.setattr(InboundMessage, "objects", Unlocked(InboundMessage.objects))
    at_once(lambda: answered(next(numbers)))
    assert Notice.objects.filter(step="quick").count() > 1


def test_the_lock_on_the_reply_holds_where_every_look_is_slow(
    committed_database: Committed, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_question()
    monkeypatch.setattr(answers, "_sent_before", slow(answers._sent_before))
    at_once(lambda: answered(next(numbers)))
    assert Notice.objects.filter(step="quick").count() == 1


def slow(look: Callable[..., T]) -> Callable[..., T]:
    """Looks, and lets the others look before it goes on."""

    def looks(*args: Any) -> T:
        found = look(*args)
        with transaction.get_connection().cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        return found

    return looks


class Unlocked:
    """The rows of a model, whose locks lock nothing."""

    def __init__(self, manager: Any) -> None:
        self.manager = manager

    def __getattr__(self, name: str) -> Any:
        return getattr(self.manager, name)

    def select_for_update(self, **_: Any) -> QuerySet[Any]:
        return self.manager.all()  # type: ignore[no-any-return]
