"""``trackersync conflicts``: what waits for a person, who says what, and what was settled lately."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, tzinfo

from trackersync.core.status import Dispute
from trackersync.report.conflicts import next_steps
from trackersync.report.names import ago, clean, cut
from trackersync.report.text.screen import Screen
from trackersync.report.times import when

MOST = 20
"""Lines of a kind on a screen, unless all are asked for."""


def conflicts_screen(
    screen: Screen,
    waiting: Sequence[Dispute],
    settled: Sequence[Dispute],
    trackers: Sequence[str],
    now: datetime,
    *,
    zone: tzinfo | None = None,
    every: bool = False,
) -> list[tuple[str, str]]:
    """Draw the whole screen but for the next commands, which are returned.

    Args:
        screen: where to.
        waiting: the open ones, oldest first.
        settled: those settled lately, latest first.
        trackers: the columns.
        now: the moment, from which ages are told.
        zone: where the reader is; None: where this machine is.
        every: every line.
    """
    screen.say((headline(waiting, settled, now), "bold"))
    if waiting:
        screen.blank()
        shown = waiting if every else waiting[:MOST]
        heads = ("task", "field", *trackers, "base", "waits")
        screen.table([heads, *(_row(one, trackers, now) for one in shown)], shrink=tuple(range(2, 2 + len(trackers))))
        if len(shown) < len(waiting):
            screen.say(f"  … {len(waiting) - len(shown):,} more: --all, or --format json")
        screen.blank()
        screen.say("Only the field in conflict rests; all else of these tasks is kept in step.")
    for one in settled if every else settled[:MOST]:
        screen.say(f"Settled   {' = '.join(one.task)}   {_settled(one, now, zone)}")
    return next_steps(waiting)


def headline(waiting: Sequence[Dispute], settled: Sequence[Dispute], now: datetime) -> str:
    """How many wait, on what, and how long: ``3 open: 2 on owners, 1 on stage; the oldest waits 2 d``."""
    fields = Counter(one.field for one in waiting)
    on = ", ".join(f"{number:,} on {field}" for field, number in fields.most_common())
    parts = [f"{len(waiting):,} open{f': {on}' if on else ''}"]
    if waiting:
        parts.append(f"the oldest waits {ago(now - min(one.since for one in waiting))}")
    if settled:
        parts.append(f"{len(settled):,} settled within 7 d")
    return "; ".join(parts)


def _row(one: Dispute, trackers: Sequence[str], now: datetime) -> tuple[str, ...]:
    says = (clean(one.says.get(tracker, "·")) for tracker in trackers)
    return (cut(" = ".join(one.task), 30), one.field, *says, one.base or "first met", f"{ago(now - one.since):>5}")


def _settled(one: Dispute, now: datetime, zone: tzinfo | None) -> str:
    values = ", ".join(f"{tracker} {clean(said)}" for tracker, said in one.says.items())
    at = "" if one.settled is None else f"{when(one.settled, now, zone)}: "
    return f"{at}{one.ending} Now {one.field}: {values}." if values else f"{at}{one.ending}"
