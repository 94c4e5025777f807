"""How far a walk over many patients has come, so that the next task goes on where the last one stopped."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Walk(models.Model):
    """`reached`: the id of the last patient looked at, for they come in order of their ids; `left`: those that failed.

    `found`: what was counted on the way, `found_before` by the whole walk before this one. Under way until `ended_at`.
    """

    name = models.CharField(max_length=60, primary_key=True)
    reached = models.BigIntegerField(default=0)
    left = ArrayField(models.BigIntegerField(), default=list, blank=True)
    found = models.PositiveIntegerField(default=0)
    found_before = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"walk {self.name}"
