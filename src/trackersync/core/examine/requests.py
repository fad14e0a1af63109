"""How many requests a run takes, from what the last ones took."""

from __future__ import annotations

from collections.abc import Sequence

FEWEST = 3
"""Of fewer runs nothing is usual."""


def usual(sent: Sequence[int]) -> tuple[int, int] | None:
    """The least and the most requests that a usual run sends; None where there were too few runs to tell.

    Args:
        sent: by run, how many it sent. Of ten runs, the one that sent most is no usual one: the first reads everything,
            and so does one after a week without any.
    """
    if len(sent) < FEWEST:
        return None
    ordered = sorted(sent)
    kept = ordered[: len(ordered) - max(1, len(ordered) // 10)]
    return kept[0], kept[-1]
