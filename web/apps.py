"""The web application."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils import timezone

from web.idle import begin


class WebConfig(AppConfig):
    """Templates, static files and pages."""

    name = "web"

    def ready(self) -> None:
        """Whoever signs in has a session of their own, that locks and ends."""
        user_logged_in.connect(begin_session, dispatch_uid="web.begin_session")


def begin_session(request: HttpRequest, **kwargs: Any) -> None:
    """Receiver: somebody signed in."""
    begin(request.session, timezone.now())
