"""The yardstick of the board: a plain Django page of the same day, five queries beside session and user, a row a visit.

It knows no chairs' columns, nurses, readiness, look-alikes or versions, and checks nobody's role.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from scheduling.models import Appointment, Clinic, ClinicHours, Resource
from web.current_clinic import SESSION_KEY


@login_required
def board(request: HttpRequest) -> HttpResponse:
    """The day in the address at the clinic of the session, on UTC."""
    day = date.fromisoformat(request.GET["day"])
    start = datetime.combine(day, time(), UTC)
    clinic = Clinic.objects.get(pk=request.session[SESSION_KEY])
    visits = Appointment.objects.filter(clinic=clinic, period__overlap=(start, start + timedelta(days=1)))
    context = {
        "clinic": clinic,
        "day": day,
        "visits": visits.select_related("patient", "order__current_version").order_by("period"),
        "counts": visits.values("status").annotate(number=Count("pk")).order_by("status"),
        "chairs": Resource.objects.filter(clinic=clinic, kind="chair").order_by("pk"),
        "hours": ClinicHours.objects.filter(clinic=clinic, weekday=f"{day:%a}".lower()),
    }
    return render(request, "plain_board.html", context)


def live(request: HttpRequest) -> HttpResponse:
    """The server answers."""
    return HttpResponse("ok")


urlpatterns = [path("", board), path("health/live", live)]
