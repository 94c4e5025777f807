"""Imported once by the process that the crews' members are forked from, so that each of them starts at once."""

from __future__ import annotations

import logging

import django

django.setup()
# That no Redis is there is said at every booking, and known.
logging.disable(logging.WARNING)
