"""A sheet that was sent, by whatever way: kept as what was asked, or apart where nothing asks it any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduling.events import Actor
from scheduling.models import AnsweredHow, QuestionnaireResponse
from scheduling.questionnaires.answering import AlreadyAnswered, answer
from scheduling.questionnaires.unasked import Found, keep_unasked
from web.questionnaires.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it. `is_answered`: these are the answers to what was asked; `earlier`: others were there before;
    `is_kept_apart`: what was sent now is kept all the same."""

    is_answered: bool = False
    earlier: QuestionnaireResponse | None = None
    is_kept_apart: bool = False


def take(found: Found, sheet: Sheet, *, how: AnsweredHow, by: Actor, now: datetime) -> Taken:
    """Keeps what was marked. Only a sheet without a mark is not kept."""
    asking, earlier = found.asking, found.asking.response
    if sheet.is_empty:
        return Taken(earlier=earlier)
    if found.is_asked:
        try:
            answer(asking=asking, answers=sheet.answers, language=sheet.language, how=how, by=by, now=now)
        except AlreadyAnswered as refusal:
            earlier = refusal.response
        else:
            return Taken(is_answered=True)
    kept = keep_unasked(asking=asking, answers=sheet.answers, language=sheet.language, how=how, by=by, now=now)
    return Taken(earlier=earlier, is_kept_apart=kept != earlier)
