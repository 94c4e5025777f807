"""The notifications application."""

from __future__ import annotations

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Notices, messages, consent and replies."""

    name = "notifications"

    def ready(self) -> None:
        from notifications.receivers import plan_committed_events  # noqa: PLC0415 -- needs the models loaded
        from scheduling.events import events_committed  # noqa: PLC0415 -- so does this

        events_committed.connect(plan_committed_events, dispatch_uid="notifications.plan_committed_events")
