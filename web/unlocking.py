"""The ways through the lock: locking, coming back, saying that one is still there, and what was sent too late."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from web import idle, refused_form
from web.current_clinic import ClinicRequest
from web.unlock_form import UnlockForm


def lock_now(request: ClinicRequest) -> HttpResponse:
    """Lock this session at once, and show the lock; or the sign-in page, for somebody else to take over.

    A page that locks itself says whose it was: if somebody else has signed in meanwhile, theirs stays open.
    """
    if request.POST.get("who", str(request.user.pk)) == str(request.user.pk):
        idle.lock(request.session)
    if request.htmx:
        return HttpResponse(status=204)
    if "for_another" in request.POST:
        return redirect("sign_in")
    return HttpResponseRedirect(refused_form.page_of(request))


def still_here(request: ClinicRequest) -> HttpResponse:
    """Somebody types, or said that they stay: the guard has noted it."""
    return HttpResponse(status=204)


def unlock(request: ClinicRequest) -> HttpResponse:
    """Go on after the password: to the page that was locked, or to the form that the lock refused.

    For a page that only covered itself: 204, 422 with the reason in words, or 409 where somebody else is signed in by
    now and the page has to be loaded anew.
    """
    form = UnlockForm(request.POST, user=request.user)
    back = form.data.get("next", "")
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, None):
        back = "/"
    if form.data.get("who") != str(request.user.pk):
        return HttpResponse(status=409) if request.htmx else HttpResponseRedirect(back)
    if not form.is_valid():
        if request.htmx:
            words = " ".join(map(str, form.errors["password"]))
            return HttpResponse(words, status=422, content_type="text/plain; charset=utf-8")
        return TemplateResponse(request, "registration/locked.html", {"unlock_form": form}, status=422)
    idle.unlock(request.session, timezone.now())
    if request.htmx:
        return HttpResponse(status=204)
    return redirect("refused_form") if refused_form.is_kept(request.session) else HttpResponseRedirect(back)


def send_refused(request: ClinicRequest) -> HttpResponse:
    """The form that was sent to the locked screen, to be sent now or let go. It is shown once."""
    form = refused_form.take(request.session)
    if form is None:
        return redirect("home")
    return TemplateResponse(request, "registration/refused_form.html", {"form": form})
