"""Every address: the health pages of this package, and the table in `web.routes`."""

from __future__ import annotations

from django.urls import path

from config import health
from web import routes

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", health.metrics, name="metrics"),
    *routes.urlpatterns,
]
