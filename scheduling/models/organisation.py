"""The organisation: the owner of patients, consents and protocols. Nothing shows across organisations."""

from __future__ import annotations

from django.db import models


class Organisation(models.Model):
    """One legal owner of clinics; the edge of who may see whom."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)

    def __str__(self) -> str:
        return self.name
