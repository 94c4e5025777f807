"""How fast a sender may go, and whether its gateway answers at all: shared by all workers."""

from __future__ import annotations

from django.db import models


class SenderPace(models.Model):
    """`name` is a channel and the sender's number or mail server. `free_at`: when the next message may go.

    `failures` in a row open the circuit until `open_until`; then one try tells whether the gateway is back.
    """

    name = models.CharField(max_length=120, primary_key=True)
    free_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
