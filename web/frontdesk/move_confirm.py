"""What is shown before a visit moves: the new time, the series around it, the messages, and whom to ask if it can't."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.utils import timezone

from scheduling.models import Appointment
from scheduling.overrides import owner_of
from scheduling.why_not import WhyNot
from scheduling.why_not_then import in_more_words, why_not_there
from web.current_clinic import ClinicRequest
from web.frontdesk.asking import ASK
from web.frontdesk.move_choices import Alone, alone, with_rest
from web.frontdesk.two_desks import done_since
from web.frontdesk.unreached import unreached
from web.spoken import visit_name


def confirm_context(
    request: ClinicRequest,
    shown: Appointment,
    start: datetime,
    *,
    seen_version: int | None,
    refused: Sequence[WhyNot],
) -> dict[str, object]:
    """The choices at this start. `refused`: with which reasons it was just refused. `seen_version` is that of the page
    it was chosen on."""
    now = timezone.now()
    said = request.POST if request.method == "POST" else request.GET
    one = alone(request, shown, start, now, repack=said.get("repack") == "1")
    return {
        "visit": shown,
        "what": visit_name(shown),
        "start": start,
        "unchanged": start == shown.period.lower,
        "one": one,
        "rest": with_rest(request, shown, start, now),
        "pressed": request.method == "POST",
        "done_since": done_since(shown, seen_version),
        "typed": said.get("reason", "")[:300],
        "repack": said.get("repack") == "1",
        "unreached": unreached(shown.patient, request.clinic),
        "key": uuid4().hex,
        **whom_to_ask(request, shown, one, refused, now),
    }


def whom_to_ask(
    request: ClinicRequest, shown: Appointment, one: Alone, refused: Sequence[WhyNot], now: datetime
) -> dict[str, object]:
    """The reasons with who is taken until when and what works instead, and the role that may let them pass."""
    known = {problem.rule for problem in one.problems}
    problems = [*(problem for problem in refused if problem.rule not in known), *one.problems]
    if one.fits:
        return {"said": problems, "works": ()}
    reasons = in_more_words(problems, why_not_there(appointment=shown, start=one.start, now=now))
    owner = owner_of(one.problems)
    return {
        "said": reasons,
        "works": [reason.values["start"] for reason in reasons if reason.rule == "works"],
        "owner": owner.label if owner else "",
        "ask_words": ASK.get(owner, "") if owner else "",
        "may_allow": owner in request.membership_roles,
        "rules": sorted({problem.rule for problem in one.problems}),
    }
