"""Of visits whose order is paused: please don't come before we have called you. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from notifications.notice_facts import ChannelName, Draft, Pause, Purpose, Reachable, Told, Visit


def pause_step(pause: Pause) -> str:
    """The step of the notices of one pause: each pause is told once."""
    return f"p{pause.id}"


def find_pause_news(
    visit: Visit, pause: Pause, addresses: Sequence[Reachable], last_heard: Mapping[tuple[int, ChannelName], Told]
) -> Iterator[Draft]:
    """To each address that has heard of the visit and believes in it; who never heard of it is told nothing."""
    step = pause_step(pause)
    for address in addresses:
        last = last_heard.get((visit.id, address.channel))
        if (
            last is None
            or last.purpose is Purpose.CANCELLED
            or (last.purpose, last.step) == (Purpose.ORDER_PAUSED, step)
        ):
            continue
        yield Draft(visit, Purpose.ORDER_PAUSED, step, address, pause.since, visit.starts_at)
