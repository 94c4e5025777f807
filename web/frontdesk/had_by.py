"""Who had work in hand when the page was drawn, and what is said where somebody else has it by now."""

from __future__ import annotations

from django.http import QueryDict
from django.utils.translation import gettext as _

from scheduling.models import User
from scheduling.typed_numbers import read_number


def had_by(post: QueryDict) -> int | None:
    """The person that the page showed: whose it may be when the press comes."""
    return read_number(post.get("had_by", ""))


def words_for(do: str, user: User) -> str:
    """What is told whoever pressed `do` on what this person has in hand."""
    if do == "take":
        return _("%(name)s has it. Ask them, and take it over if they agree.") % {"name": user.shown_name}
    if do == "back":
        return _("%(name)s has it by now, and keeps it. Nothing was changed.") % {"name": user.shown_name}
    return _("%(name)s has it by now. Nothing was written down: ask them, then press again.") % {
        "name": user.shown_name
    }
