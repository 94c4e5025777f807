"""The settings of the tests: the embedded mode's, on servers that tests.plugin_servers names, with a quick hasher."""

from __future__ import annotations

import os

from config.settings import *  # noqa: F403 -- Django's way to vary settings

EMBEDDED = True
ALLOWED_HOSTS = ["*"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests go through days with one browser; those of the lock say after how long it falls.
IDLE_LOCK_MINUTES = 1440

# A test names a folder of its own.
DOWNTIME_FOLDER = ""

# Lets tests hold a worker still in the middle of a send (notifications.failpoints) and shorten its lease.
TESTING = True
FAILPOINTS = os.environ.get("INFUSION_FAILPOINTS", "")
SEND_LEASE_SECONDS = float(os.environ.get("INFUSION_SEND_LEASE_SECONDS", "60"))
