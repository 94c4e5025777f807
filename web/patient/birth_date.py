"""Birth date before anything that tells of care: who knows it sees the instructions for a while, in this browser."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.birth_date import TooManyTries, check_birth_date
from notifications.links import hash_of
from scheduling.events import Actor
from web.patient.linked import Link
from web.spoken import clock

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


def give_birth_date(form: BirthDateForm, link: Link) -> bool:
    """Whether the form has the birth date of the link's patient; what is wrong stands in the form."""
    if not form.is_valid():
        return False
    given = form.cleaned_data["birth_date"]
    try:
        matches = check_birth_date(message=link.message, birth_date=given, by=Actor.patient(), now=link.now)
    except TooManyTries as refusal:
        with timezone.override(link.message.clinic.time_zone):
            words = _("That was tried too often. Try again after %(time)s, or call us.")
            form.add_error("birth_date", words % {"time": clock(refusal.until)})
        return False
    if not matches:
        form.add_error("birth_date", _("That is not the birth date we have. Check it, or call us."))
    return matches
