"""The screen on the wall: today by initials, to look at alone. It needs no session, so nobody stays signed in on it.

Somebody signed in sets a screen up and is signed out there; what the browser keeps is a signed word that opens this
page and no other. It ends when that person leaves the clinic or changes the password, or when somebody ends it there.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime
from scheduling.models import Clinic, Membership, User
from scheduling.permissions import CLINICAL, DESK
from web.current_clinic import ClinicRequest
from web.frontdesk.board_day import Asked, draw, version_of
from web.live import nothing_new

COOKIE = "station"
SALT = "web.station"
A_YEAR = 365 * 24 * 3600
MAY_SET_UP = DESK | CLINICAL


def station(request: ClinicRequest) -> HttpResponse:
    """What the screen on the wall is; a POST makes this browser one, and signs out."""
    if request.method != "POST":
        return TemplateResponse(request, "station/set_up.html")
    answer = redirect("station_board")
    word = signing.dumps([request.clinic.pk, request.user.pk, _stands_for(request.user)], salt=SALT)
    logout(request)
    answer.set_cookie(
        COOKIE, word, A_YEAR, path=reverse("station"), samesite="Strict", httponly=True, secure=request.is_secure()
    )
    return answer


def station_board(request: HttpRequest) -> HttpResponse:
    """Today at the clinic of this screen; a POST ends it. Whoever has no such screen is led to where one is set up."""
    if request.method == "POST":
        messages.success(request, _("This browser is no screen on the wall any more."))
        answer = redirect("sign_in")
        answer.delete_cookie(COOKIE, path=reverse("station"), samesite="Strict")
        return answer
    clinic = clinic_of(request)
    return _shown(request, clinic) if clinic else redirect("station")


def station_changes(request: HttpRequest) -> HttpResponse:
    """Today again when it is no longer as in `?version=`, else 204; where the screen has ended, the way to the page
    that says so."""
    clinic = clinic_of(request)
    if clinic is None:
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("station")})
    now = timezone.now()
    with timezone.override(clinic.time_zone):
        asked = asked_of(clinic)
        if request.GET.get("version") == version_of(asked, now):
            return nothing_new()
        return render(request, "frontdesk/board_changes.html", {"drawn": draw(asked, now)})


def _shown(request: HttpRequest, clinic: Clinic) -> HttpResponse:
    now = timezone.now()
    with timezone.override(clinic.time_zone):
        asked = asked_of(clinic)
        context: dict[str, Any] = {"asked": asked, "day": asked.day, "drawn": draw(asked, now), "now": now}
        return render(request, "station/board.html", context)


def asked_of(clinic: Clinic) -> Asked:
    """Today, by initials, with nothing to press."""
    today = ClinicTime(clinic.time_zone).local_day(timezone.now())
    return Asked(clinic, today, "chairs", by_initials=True, is_station=True)


def clinic_of(request: HttpRequest) -> Clinic | None:
    """The clinic that this browser is a screen of; None where it is none, or its right has ended. One query."""
    try:
        clinic, user, stands_for = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=A_YEAR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    found = (
        Membership.objects.filter(clinic=clinic, user=user, user__is_active=True, role__in=MAY_SET_UP)
        .select_related("clinic", "user")
        .first()
    )
    if found is None or not constant_time_compare(stands_for, _stands_for(found.user)):
        return None
    return found.clinic


def _stands_for(user: User) -> str:
    """Changes with the person's password; says nothing of it."""
    return salted_hmac(SALT, user.password, algorithm="sha256").hexdigest()[:32]
