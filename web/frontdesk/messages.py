"""The ledger: what went to whom, in which words, and whether it arrived; what needs a person stands on top."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.contrib import messages as said_to_staff
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.ledger import Stands, needs_person_at, of_day
from notifications.models import Notice
from notifications.sending_again import NotAgain, send_again
from notifications.wake_up import wake_worker
from scheduling.clinic_time import ClinicTime
from scheduling.intervals import Interval
from scheduling.permissions import may
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.frontdesk.board import asked_day
from web.messages_sent import WHY_NOT_AGAIN, lines_of

SHOWN_AT_MOST = 300
STANDS: Mapping[Stands, str | Promise] = {
    Stands.NEEDS_PERSON: _("needs a person"), Stands.TO_COME: _("planned"), Stands.GONE: _("sent, no report yet"),
    Stands.ARRIVED: _("delivered"), Stands.NOT_SENT: _("not sent"),
}  # fmt: skip


def messages(request: ClinicRequest) -> TemplateResponse:
    """What needs a person, of whatever day; then the messages of a day, by where they stand if wanted."""
    clinic, now = request.clinic, timezone.now()
    clock = ClinicTime(clinic.time_zone)
    day = asked_day(request, now)
    asked = request.GET.get("state", "")
    stands = Stands(asked) if asked in set(Stands) else None
    whole_day = Interval(clock.day_start(day), clock.day_start(day + timedelta(days=1)))
    rows = list(of_day(clinic, whole_day, stands, now=now)[: SHOWN_AT_MOST + 1])
    may_send = may(actor(request), "message.send_again")
    context = {
        "needs": lines_of(needs_person_at(clinic, now=now)[:SHOWN_AT_MOST], now=now if may_send else None),
        "lines": lines_of(rows[:SHOWN_AT_MOST]),
        "is_cut": len(rows) > SHOWN_AT_MOST,
        "most": SHOWN_AT_MOST,
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "stands": stands or "",
        "choices": STANDS.items(),
    }
    return TemplateResponse(request, "frontdesk/messages.html", context)


def message_again(request: ClinicRequest, notice_id: int) -> HttpResponse:
    """Send once more what surely did not arrive; else say why not."""
    rows = Notice.objects.filter(clinic=request.clinic).select_related("clinic", "patient", "address")
    notice = get_object_or_404(rows, pk=notice_id)
    try:
        send_again(notice=notice, by=actor(request), now=timezone.now())
    except NotAgain as refusal:
        said_to_staff.warning(request, str(WHY_NOT_AGAIN[refusal.why]))
    else:
        wake_worker()
        said_to_staff.success(request, _("It goes out now."))
    return redirect("messages")
