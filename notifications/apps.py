"""The notifications application."""

from __future__ import annotations

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Notices, messages, consent and replies."""

    name = "notifications"
