"""What the form of a proposal sends: its times, the key that makes a second press harmless, and what it may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from scheduling.picks import AnyPick, Pick, ReviewPick


@dataclass(frozen=True, slots=True)
class Picked:
    """The proposal that was pressed. `repack`: it was shown that visits of others change their chair for it;
    `instead_of` are kept times to let go for it, by id."""

    picks: list[AnyPick]
    key: str
    repack: bool
    instead_of: list[int]

    @classmethod
    def from_post(cls, post: QueryDict) -> Picked | None:
        """Reads `pick=number@instant`, `pick=review@after@instant`, `key`, `repack` and `instead_of`; None where the
        form was tampered with."""
        try:
            picks = read_picks(post.getlist("pick"))
            instead_of = [int(text) for text in post.getlist("instead_of")]
        except ValueError:
            return None
        key = post.get("key", "")[:60]
        return cls(picks, key, post.get("repack") == "1", instead_of) if picks and key else None


def read_picks(texts: Iterable[str]) -> list[AnyPick]:
    """Reads `number@instant` and `review@after@instant`. Refuses with ValueError what is neither."""
    return [_pick(text) for text in texts]


def _pick(text: str) -> AnyPick:
    """Refuses with ValueError, an instant without an offset too."""
    said, at = text.rsplit("@", 1)
    start = datetime.fromisoformat(at)
    if said.startswith("review@"):
        return ReviewPick(int(said.removeprefix("review@")), start)
    return Pick(int(said), start)
