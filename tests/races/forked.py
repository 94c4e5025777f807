"""Imported once by the server that all racing processes are forked from: they start quickly and share its memory."""

from __future__ import annotations

import django

django.setup()
