"""Where the answer to a press on the desk's lists stands: where the row is or was, not on top of a long page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from notifications.desk_work import DeskList
from web.current_clinic import ClinicRequest
from web.frontdesk.found_rows import is_kind, list_named
from web.frontdesk.list_rows import Shown


@dataclass(frozen=True, slots=True)
class Place:
    """Behind the row `after`; where that is empty, on top of the list `which`."""

    which: DeskList
    after: str


def back_to_lists(request: ClinicRequest) -> HttpResponse:
    """The lists again, where the row was that the form named: its answer is there, and is what is read next."""
    kind, subject = request.POST.get("kind", ""), request.POST.get("subject", "")
    if not is_kind(kind):
        return redirect("lists")
    place = {"at": f"{kind}-{subject}", "after": request.POST.get("above", ""), "list": list_named(kind)}
    return redirect(f"{reverse('lists')}?{urlencode(place)}#answer")


def place_of_answer(request: ClinicRequest, lists: Sequence[Shown]) -> Place | None:
    """At the row itself, else at the one that stood above it, else on top of its list; None where nothing was said, or
    nobody said where."""
    asked = request.GET.get("list", "")
    if asked not in set(DeskList) or not len(get_messages(request)):
        return None
    there = {row.key: one.which for one in lists for row in one.now}
    for key in (request.GET.get("at", ""), request.GET.get("after", "")):
        if key in there:
            return Place(there[key], key)
    return Place(DeskList(asked), "")
