"""Birth date before anything that tells of care: who knows it sees the instructions for a while, in this browser."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from notifications.links import hash_of
from web.patient.linked import Link

COOKIE = "knows"
SALT = "web.patient.birth_date"
FOR = timedelta(minutes=30)


class BirthDateForm(forms.Form):
    """The date as the phone's own date field sends it."""

    birth_date = forms.DateField(
        label=_("Your birth date"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday"}),
        error_messages={
            "required": _("Enter your birth date."),
            "invalid": _("Enter your birth date as year-month-day, such as 1960-12-31."),
        },
    )


def knows_birth_date(request: HttpRequest, link: Link) -> bool:
    """Whether it was given right in this browser for this link, a short while ago."""
    known = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=FOR)
    return bool(known == hash_of(link.token))


def remember_birth_date(request: HttpRequest, answer: HttpResponse, link: Link) -> None:
    """Keeps that it was given, not what it is. The cookie goes to this link alone."""
    answer.set_signed_cookie(
        COOKIE,
        hash_of(link.token),
        salt=SALT,
        max_age=FOR,
        path=reverse("linked_visits", args=[link.token]),
        httponly=True,
        secure=request.is_secure(),
        samesite="Lax",
    )
