"""Icons of the lucide set, each drawn once: drawing one anew takes 0.1 ms, and a board has hundreds."""

from __future__ import annotations

from functools import cache

from django import template
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

register = template.Library()


@register.simple_tag(name="icon")
@cache
def icon(name: str, size: int = 20, css_class: str = "") -> SafeString:
    """The icon as inline SVG, hidden from screen readers: the words beside it say the same."""
    attributes = {"class": css_class} if css_class else {}
    return SafeString(lucide(str(name), size=size, aria_hidden="true", **attributes))
