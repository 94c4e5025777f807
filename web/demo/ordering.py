"""What waits for a signature at the demo clinic: a pencilled draft, one with a history, and a change of an order."""

from __future__ import annotations

from datetime import timedelta

from scheduling.drafting import change_draft, drafts_to_sign
from scheduling.pencils import pencil_series, propose_pencil
from scheduling.picks import Pick
from scheduling.series_terms import Wish
from web.demo.stage import Stage

# How many drafts there are to try signing several with one password.
DRAFTS = 3


def tell_drafts(stage: Stage, code: str) -> None:
    """Makes sure of drafts to sign; what nobody dealt with is still there."""
    there = len(drafts_to_sign(clinic=stage.clinic))
    if there < DRAFTS:
        draft = stage.draft(stage.new_patient(), code, at=stage.ago(days=0.1))
        found = propose_pencil(order=draft, clinic=stage.clinic, wish=Wish(), count=1, now=stage.now)
        if found.proposals:
            picks = [Pick(visit.number, visit.start) for visit in found.proposals[0].visits]
            pencil_series(
                order=draft, clinic=stage.clinic, picks=picks, hours=24, held_with="", by=stage.desk, now=stage.now
            )  # fmt: skip
    if there < DRAFTS - 1:
        today = stage.clock.local_day(stage.now)
        given = [{"on": (today - timedelta(days=days)).isoformat(), "where": "Uptown"} for days in (9, 6)]
        draft = stage.draft(stage.new_patient(), code, at=stage.ago(days=0.1))
        change_draft(order=draft, changes={"given_before": given}, by=stage.nurse, now=stage.now)
    if there < DRAFTS - 2:
        order = stage.order(code, at=stage.ago(days=1))
        change_draft(order=order, changes={"doses": 4}, by=stage.nurse, now=stage.now)
