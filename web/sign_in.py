"""Signing in and out, and the one-click demo sign-ins of embedded mode."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

# User name and what its button says. The accounts are made by the demo clinic, which is loaded in embedded mode only.
DEMO_PEOPLE = (
    ("desk", _("Front desk"), "phone", _("books series, sees the day")),
    ("nurse", _("Nurse"), "heart-pulse", _("runs the day, chair by chair")),
    ("clinician", _("Prescriber"), "signature", _("signs orders, decides reviews")),
    ("manager", _("Manager"), "sliders-horizontal", _("sets up the clinic, its staff, words and absences")),
    ("auditor", _("Auditor"), "scroll-text", _("has no pages of their own yet")),
)


class SignInForm(AuthenticationForm):
    """User name and password."""

    error_messages = {
        "invalid_login": _("That user name and password don't go together. Check capitals, then try again."),
        "inactive": _("This account is closed. Ask your manager."),
    }


class SignIn(LoginView):
    """The sign-in page; whoever is signed in already goes straight on. On a locked screen somebody else may sign in,
    which ends the session of who was there."""

    template_name = "registration/login.html"
    authentication_form = SignInForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sends on whoever is signed in, unless their screen is locked."""
        self.redirect_authenticated_user = not getattr(request, "is_locked", False)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """In embedded mode the demo people and their password are on the page, elsewhere not even in its context."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if settings.EMBEDDED:
            # The form is not the first thing on the page then, and must not pull the page down to itself.
            context["form"].fields["username"].widget.attrs.pop("autofocus", None)
            context.update(demo_people=DEMO_PEOPLE, demo_password=settings.DEMO_PASSWORD)
        return context
