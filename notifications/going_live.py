"""Going live: what is to be there before the first patient gets a text, and the word that starts and stops texts.

Until then patients get e-mails where they have a mailbox, and stand on the call list where they have none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from notifications.notice_facts import ChannelName
from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import (
    Clinic,
    ClinicHours,
    Event,
    GoLiveWord,
    Membership,
    Patient,
    ProtocolVersion,
    Resource,
    ResourceKind,
    Role,
    Shift,
)

LONGEST_REASON: Final = 200


class Step(StrEnum):
    """What has to be there, in the order in which it is done."""

    HOURS = "hours"
    CHAIRS = "chairs"
    POSTS = "posts"
    PLANS = "plans"
    STAFF = "staff"
    SENDER = "sender"
    TRIAL = "trial"
    PATIENTS = "patients"
    DRY_WEEK = "dry_week"


# Of these nothing that we keep can tell; somebody says it.
SAID_ALONE: Final = frozenset({Step.SENDER, Step.DRY_WEEK})


class NotReady(Exception):
    """Some steps are neither done nor said not to be needed; `steps` are those."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = steps
        super().__init__(", ".join(steps))


class ReasonNeeded(Exception):
    """Whoever says that a step is not needed says why, in 200 letters."""


@dataclass(frozen=True, slots=True)
class StepState:
    """Where a step stands. `word`: what somebody said of it, None where rows show it or nobody said anything."""

    step: Step
    is_shown: bool
    word: GoLiveWord | None

    @property
    def is_green(self) -> bool:
        return self.is_shown or self.word is not None


def steps_of(clinic: Clinic) -> list[StepState]:
    """All steps in their order. As many statements as there are steps that rows can show, and one."""
    words = {row.step: row for row in GoLiveWord.objects.filter(clinic=clinic).select_related("said_by")}
    return [StepState(step, SHOWS[step](clinic) if step in SHOWS else False, words.get(step)) for step in Step]


def say_of_step(*, clinic: Clinic, step: Step, is_waived: bool, reason: str = "", by: Actor, now: datetime) -> None:
    """A manager says that a step is done, or with a reason that it is not needed. Refuses with ReasonNeeded. Records
    `clinic.go_live_said`."""
    _check(by, clinic)
    if (is_waived and not reason.strip()) or len(reason.strip()) > LONGEST_REASON:
        raise ReasonNeeded
    with writing():
        said = {"is_waived": is_waived, "reason": reason.strip(), "said_by_id": by.staff_id, "said_at": now}
        GoLiveWord.objects.update_or_create(clinic=clinic, step=step, defaults=said)
        _record("clinic.go_live_said", clinic, {"step": str(step), "waived": is_waived}, by=by, now=now)


def take_word_back(*, clinic: Clinic, step: Step, by: Actor, now: datetime) -> None:
    """The step is open again, unless rows show it; texts that go already go on. Records `clinic.go_live_unsaid`."""
    _check(by, clinic)
    with writing():
        if GoLiveWord.objects.filter(clinic=clinic, step=step).delete()[0]:
            _record("clinic.go_live_unsaid", clinic, {"step": str(step)}, by=by, now=now)


def go_live(*, clinic: Clinic, by: Actor, now: datetime) -> None:
    """From now on patients get texts. Refuses with NotReady. Records `clinic.went_live`, after which all are planned
    anew."""
    _check(by, clinic)
    open_steps = tuple(one.step for one in steps_of(clinic) if not one.is_green)
    if open_steps:
        raise NotReady(open_steps)
    _switch(clinic, "clinic.went_live", sends_texts=True, by=by, now=now)


def stop_texts(*, clinic: Clinic, by: Actor, now: datetime) -> None:
    """No text goes from now on; what was planned as one goes by e-mail, or is a call. Records `clinic.texts_stopped`,
    after which all are planned anew."""
    _check(by, clinic)
    _switch(clinic, "clinic.texts_stopped", sends_texts=False, by=by, now=now)


def _switch(clinic: Clinic, verb: str, *, sends_texts: bool, by: Actor, now: datetime) -> None:
    with writing():
        if Clinic.objects.filter(pk=clinic.pk, sends_texts=not sends_texts).update(sends_texts=sends_texts):
            _record(verb, clinic, {}, tell=True, by=by, now=now)
    clinic.refresh_from_db(fields=["sends_texts"])


def _has_posts(clinic: Clinic) -> bool:
    kinds = Shift.objects.filter(clinic=clinic, resource__is_active=True).values_list("resource__kind", flat=True)
    return {ResourceKind.NURSE, ResourceKind.PRESCRIBER} <= set(kinds)


def _has_plan(clinic: Clinic) -> bool:
    plans = ProtocolVersion.objects.filter(protocol__organisation=clinic.organisation_id, protocol__retired_at=None)
    return plans.exclude(approved_at=None).exists()


def _has_staff(clinic: Clinic) -> bool:
    """Everybody has signed in once, and there is somebody for each part of a day."""
    rows = Membership.objects.filter(clinic=clinic, user__is_active=True)
    people = list(rows.values_list("role", "user__last_login"))
    roles = {role for role, _ in people}
    return all(at for _, at in people) and {Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER} <= roles


def _had_trial(clinic: Clinic) -> bool:
    trials = Event.objects.filter(clinic=clinic, verb="clinic.trial_sent")
    return trials.filter(data__channel=ChannelName.SMS, data__came="accepted").exists()


SHOWS: Final[Mapping[Step, Callable[[Clinic], bool]]] = {
    Step.HOURS: lambda clinic: ClinicHours.objects.filter(clinic=clinic).exists(),
    Step.CHAIRS: lambda clinic: Resource.objects.filter(
        clinic=clinic, kind=ResourceKind.CHAIR, is_active=True
    ).exists(),
    Step.POSTS: _has_posts,
    Step.PLANS: _has_plan,
    Step.STAFF: _has_staff,
    Step.TRIAL: _had_trial,
    Step.PATIENTS: lambda clinic: Patient.objects.filter(organisation=clinic.organisation_id).exists(),
}


def _check(by: Actor, clinic: Clinic) -> None:
    permissions.check(by, "clinic.go_live", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)


def _record(
    verb: str, clinic: Clinic, data: dict[str, object], *, tell: bool = False, by: Actor, now: datetime
) -> None:
    entry = Entry(verb, clinic_id=clinic.pk, data=data, tell=tell)
    record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
