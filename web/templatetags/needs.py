"""What a patient needs, where they are booked: `{% patient_needs visit.patient %}` on any page of staff."""

from __future__ import annotations

from django import template

from scheduling.models import NeedKind, Patient
from scheduling.needs import needs_of

register = template.Library()

ICONS = {
    NeedKind.HEARING: "ear",
    NeedKind.SIGHT: "eye",
    NeedKind.MOVING: "accessibility",
    NeedKind.NEEDLES: "heart-handshake",
    NeedKind.COMPANY: "users",
    NeedKind.OTHER: "circle-alert",
    NeedKind.NOTE: "sticky-note",
}


@register.inclusion_tag("frontdesk/needs.html")
def patient_needs(patient: Patient) -> dict[str, object]:
    """The list, or nothing. One query: a page of many patients reads `needs_of` and includes the list itself."""
    return {"needs": needs_of([patient.pk]).get(patient.pk, [])}


@register.simple_tag
def need_icon(kind: str) -> str:
    """The icon beside a kind, which its word stands beside."""
    return ICONS[NeedKind(kind)]
