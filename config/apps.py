"""Makes the Celery application known wherever Django is set up, and registers the start checks."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import celery, start_checks  # noqa: PLC0415 -- they need settings and models loaded

        celery.app.set_default()
        register(start_checks.demo_accounts_outside_the_demo, Tags.database)
