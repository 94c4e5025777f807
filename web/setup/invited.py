"""The page behind an invite: a colleague chooses their password, once."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.inviting import InviteIsOver, accept_invite, invite_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
# The address is the secret: no browser keeps the page. Other sites get no referrer by the settings; without any at all
# a browser would hide whence its own form comes, and the form be refused.
PRIVATE = {"Cache-Control": "no-store"}


class PasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # generic for the type checker alone
    """A password that is long enough and not easily guessed, twice."""


def invited(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the password; whoever gave a good one is signed in."""
    now = timezone.now()
    try:
        row = invite_of(token, now=now)
        form = PasswordForm(row.user, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            user = accept_invite(token=token, password=form.cleaned_data["new_password1"], now=now)
            login(request, user, backend=BACKEND)
            messages.success(request, _("Welcome, %(name)s.") % {"name": user.shown_name})
            return redirect("home")
    except InviteIsOver:
        return TemplateResponse(request, "setup/invite_over.html", status=404, headers=PRIVATE)
    context = {"form": form, "invite": row}
    status = 422 if form.errors else 200
    return TemplateResponse(request, "setup/invited.html", context, status=status, headers=PRIVATE)
