"""The address of a patient's page. Knows no model, so that its length can be asked before a start."""

from __future__ import annotations

from django.conf import settings

TOKEN_BYTES = 16
# In base64 without its padding.
TOKEN_LETTERS = -(-TOKEN_BYTES * 4 // 3)


def url_for(token: str) -> str:
    """Where the page behind a token is, by our public address."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/v/{token}/"
