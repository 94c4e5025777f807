"""The scheduling application."""

from __future__ import annotations

from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    """Clinics, orders, appointments and the rules between them."""

    name = "scheduling"
