"""The nurses of a day: who fills which post, who has which patients, and everybody of one nurse handed to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime, NonexistentTime
from scheduling.models import Appointment, Claim, Resource, ResourceKind, Status
from scheduling.permissions import may
from scheduling.posts import DealRefused, deal_day, name_post, who_is
from scheduling.running_visits import hand_over_all
from scheduling.visit_parts import step_before
from scheduling.visit_steps import NotPossibleFromHere, NotThen
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.frontdesk.board import asked_day
from web.live import shown_visits
from web.spoken import clock, said, visit_name
from web.visit_steps import words_for_refusal

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Post:
    """A nurse post and who fills it on the day; `name` is empty while nobody is named."""

    resource: Resource
    name: str
    shown: str


@dataclass(frozen=True, slots=True)
class Dealt:
    """A visit of the day and the nurse who has it (last)."""

    visit: Appointment
    what: str
    nurse: int | None


def posts(request: ClinicRequest) -> HttpResponse:
    """A day's posts and visits: today, or `?day=YYYY-MM-DD`; a POST names who fills the posts."""
    now, by = timezone.now(), actor(request)
    day = asked_day(request, now)
    nurses = list(nurses_of(request))
    names = who_is(posts=nurses, day=day)
    if request.method == "POST":
        for nurse in nurses:
            name = request.POST.get(f"name-{nurse.pk}", "").strip()[:LONGEST_NAME]
            if name != named(nurse, names):
                name_post(post=nurse, day=day, name=name, by=by, now=now)
        messages.success(request, _("Written down."))
        return redirect(request.get_full_path())
    today = ClinicTime(request.clinic.time_zone).local_day(now)
    context = {
        "day": day,
        "is_today": day == today,
        "posts": [Post(nurse, named(nurse, names), names[nurse.pk]) for nurse in nurses],
        "visits": visits_of(request, day, now),
        "may_name": may(by, "post.name"),
        "may_deal": may(by, "day.deal"),
        "may_hand_over": may(by, "appointment.record_treatment") and day == today,
    }
    return TemplateResponse(request, "manager/posts.html", context)


def nurses_of(request: ClinicRequest) -> QuerySet[Resource]:
    """The clinic's nurse posts in the order of its own list."""
    rows = Resource.objects.filter(clinic=request.clinic, kind=ResourceKind.NURSE, is_active=True)
    return rows.select_related("clinic").order_by("pk")


def named(nurse: Resource, names: dict[int, str]) -> str:
    """Who was named for the post; empty where it only has its own name."""
    return "" if names[nurse.pk] == nurse.name else names[nurse.pk]


def visits_of(request: ClinicRequest, day: date, now: datetime) -> list[Dealt]:
    """The visits of the day that a nurse has, in order of time. Two queries."""
    bounds = ClinicTime(request.clinic.time_zone).day_bounds(day)
    rows = shown_visits(request.clinic, bounds, now).filter(live=True, is_placed=True).exclude(status=Status.HELD)
    visits = list(rows.select_related("patient", "visit_type", "order__current_version").order_by("period", "pk"))
    claims = Claim.objects.filter(appointment__in=visits, resource__kind=ResourceKind.NURSE).order_by("period")
    nurse_of = dict(claims.values_list("appointment_id", "resource_id"))
    return [Dealt(visit, visit_name(visit), nurse_of.get(visit.pk)) for visit in visits if visit.pk in nurse_of]


def deal(request: ClinicRequest) -> HttpResponse:
    """Deal the day's visits among the nurses as chosen, all or none; says who could not take one."""
    now = timezone.now()
    nurses = {str(nurse.pk): nurse for nurse in nurses_of(request)}
    there = visits_of(request, asked_day(request, now), now)
    wanted = {
        one.visit: nurses[chosen]
        for one in there
        if (chosen := request.POST.get(f"nurse-{one.visit.pk}", "")) in nurses and chosen != str(one.nurse)
    }
    try:
        changed = deal_day(clinic=request.clinic, nurses=wanted, by=actor(request), now=now)
    except DealRefused as refusal:
        messages.warning(request, _("That is too much at once for a nurse, so nothing was changed."))
        messages.warning(request, " ".join(dict.fromkeys(said(problem) for problem in refusal.problems)))
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    else:
        words = ngettext("%(n)s visit has another nurse now.", "%(n)s visits have another nurse now.", len(changed))
        messages.success(request, words % {"n": len(changed)})
    return back_to(request)


def hand_over_everybody(request: ClinicRequest) -> HttpResponse:
    """Everybody who is here with one nurse goes to another, for a lunch or to the end."""
    nurses, now = {str(nurse.pk): nurse for nurse in nurses_of(request)}, timezone.now()
    giver, taker = (nurses.get(request.POST.get(name, "")) for name in ("from_nurse", "to_nurse"))
    text = request.POST.get("until", "")
    if giver is None or taker is None or giver == taker:
        messages.error(request, _("Choose two different nurses."))
        return back_to(request)
    try:
        until = instant_today(request, text, now)
        moved = hand_over_all(from_nurse=giver, to_nurse=taker, until=until, by=actor(request), now=now)
    except NotThen:
        messages.error(request, _("That time was not understood, or has passed. Write it like 9:05 or 13:30."))
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    else:
        messages.success(request, words_for_hand_over(len(moved), taker.name, until))
    return back_to(request)


def words_for_hand_over(count: int, name: str, until: datetime | None) -> str:
    """How many patients are with the other nurse, and until when where they come back: by the plan, whose times go by
    whole steps, so that their visits say the same."""
    if not count:
        return gettext("Nobody is here with this nurse.")
    if until is None:
        words = ngettext("%(n)s patient is with %(name)s now.", "%(n)s patients are with %(name)s now.", count)
        return words % {"n": count, "name": name}
    words = ngettext(
        "%(n)s patient is with %(name)s now, until %(time)s.", "%(n)s patients are with %(name)s now, until %(time)s.",
        count,
    )  # fmt: skip
    return words % {"n": count, "name": name, "time": clock(step_before(until))}


def instant_today(request: ClinicRequest, text: str, now: datetime) -> datetime | None:
    """A time of today's wall clock; None where none was said. Refuses nonsense with NotThen."""
    if not text:
        return None
    clock = ClinicTime(request.clinic.time_zone)
    try:
        wall: time | None = parse_time(text)
        if wall is None:
            raise NotThen
        return clock.at_wall(clock.local_day(now), wall, which="first")
    except (ValueError, NonexistentTime) as error:
        raise NotThen from error


def back_to(request: ClinicRequest) -> HttpResponse:
    """The page of the same day."""
    answer = redirect("posts")
    day = request.GET.get("day", "")
    if day:
        answer["Location"] += f"?day={asked_day(request, timezone.now()):%Y-%m-%d}"
    return answer
