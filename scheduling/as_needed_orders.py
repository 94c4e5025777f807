"""Drafting an order for single infusions after a series. It is signed, booked and reviewed as every order is."""

from __future__ import annotations

from datetime import datetime

from scheduling.as_needed import as_needed_of, followed_series, last_given_day, reasons_against
from scheduling.as_needed_content import AsNeededTerms, against_the_plan, as_needed_content
from scheduling.drafting import draft_order
from scheduling.events import Actor
from scheduling.models import Order
from scheduling.order_content import NotSignable


def draft_as_needed(*, order: Order, terms: AsNeededTerms, by: Actor, now: datetime) -> Order:
    """A draft for single infusions after a series, named by the plan's own word, to be given where the series was. Not
    bookable before a prescriber signs it. `order` is the series or one that follows it.

    Refuses with NotSignable where the plan does not allow these terms, infusions that were ordered are still to be
    given, or such a draft waits already. Records `order.drafted`.
    """
    series = followed_series(order)
    reasons = [*against_the_plan(as_needed_of(series), terms), *reasons_against(series)]
    last = last_given_day(series)
    if reasons or last is None or series.current_version is None:
        raise NotSignable(reasons)
    content = as_needed_content(series.current_version.content, terms, last)
    # What the plan says and this order does not is taken away.
    changes = {name: content.get(name) for name in {*series.protocol_version.template, *content}}
    return draft_order(
        patient=series.patient,
        protocol_version=series.protocol_version,
        clinics=list(series.sites.all()),
        changes=changes,
        follows=series,
        by=by,
        now=now,
    )
