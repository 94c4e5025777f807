"""How patients are called on the board: by name, or by initials where others may look on; as each browser chose."""

from __future__ import annotations

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from scheduling.models import Patient
from web.current_clinic import ClinicRequest

COOKIE = "board_names"
INITIALS = "initials"
A_YEAR = 365 * 24 * 3600


def shows_initials(request: ClinicRequest) -> bool:
    """Whether this browser asked for initials."""
    return request.COOKIES.get(COOKIE) == INITIALS


def initials(patient: Patient) -> str:
    """M. O. for Mara Olsen, by the name staff call the patient; a dash for a name without a letter."""
    words = (patient.preferred_name or patient.given_name, patient.family_name)
    letters = [next((sign for sign in word if sign.isalpha()), "") for word in words]
    return " ".join(f"{letter.upper()}." for letter in letters if letter) or "–"


def choose_names(request: ClinicRequest) -> HttpResponseRedirect:
    """Show names, or initials alone, on the board in this browser from now on; anything unknown means names."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = reverse("home")
    answer = HttpResponseRedirect(back)
    if request.POST.get("names") == INITIALS:
        answer.set_cookie(COOKIE, INITIALS, A_YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    else:
        answer.delete_cookie(COOKIE, samesite="Lax")
    return answer
