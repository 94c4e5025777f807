"""The sentence for the telephone: every time in order, and nothing promised that a review may change."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from web.read_aloud import read_aloud, waits_for_review

NEW_YORK = ZoneInfo("America/New_York")
AT = datetime(2027, 1, 6, 18, 30, tzinfo=UTC)


def test_infusions_are_read_aloud_in_order() -> None:
    with timezone.override(NEW_YORK), translation.override("en"):
        assert read_aloud([AT.replace(day=8), AT]) == (
            "Wednesday, January 6 at 1:30 PM and Friday, January 8 at 1:30 PM"
        )


def test_reviews_are_read_aloud_between_the_infusions() -> None:
    with timezone.override(NEW_YORK), translation.override("en"):
        assert read_aloud([AT, AT.replace(day=8)], [AT.replace(day=7)]) == (
            "Wednesday, January 6 at 1:30 PM, Thursday, January 7 at 1:30 PM for the review "
            "and Friday, January 8 at 1:30 PM"
        )


def test_what_waits_for_a_review_is_read_aloud_behind_what_is_firm() -> None:
    with timezone.override(NEW_YORK), translation.override("en"):
        both = read_aloud([AT, AT.replace(day=8), AT.replace(day=11)], [], [AT.replace(day=8), AT.replace(day=11)])
        kept = (
            "Kept for you, and not firm before the review: Friday, January 8 at 1:30 PM and Monday, January 11 at "
            "1:30 PM"
        )
        assert both == f"Wednesday, January 6 at 1:30 PM. {kept}"
        assert read_aloud([AT.replace(day=8), AT.replace(day=11)], [], [AT.replace(day=8), AT.replace(day=11)]) == kept
    with timezone.override(NEW_YORK), translation.override("es"):
        assert read_aloud([AT], [], [AT]).startswith("Guardado para usted, y sin confirmar hasta la revisión: ")


def test_which_infusions_wait_is_said_with_what_it_means() -> None:
    with translation.override("en"):
        assert waits_for_review([]) == ""
        assert waits_for_review([4]).startswith("Infusion 4 waits for review. Its time is kept")
        assert waits_for_review([4, 5, 6]).startswith("Infusions 4–6 wait for review. Their times are kept")
