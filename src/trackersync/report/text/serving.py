"""How a service does, as lines of ``trackersync status``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from trackersync.core.serving import Inflow, Resting, Served, Timed
from trackersync.report.names import ago, clean, count
from trackersync.report.times import day, fresh, when

MOST = 5
"""Lines of a kind; the rest is in the record for machines."""


def served_lines(
    served: Served, now: datetime, zone: tzinfo | None, row: Callable[[str, str], None], more: Callable[[int], None]
) -> None:
    """Say how a service does.

    Args:
        served: what is known.
        now: the moment of telling.
        zone: where the reader is; None: where this machine is.
        row: draws a sentence after its name.
        more: says that there is more of a kind, where there is.
    """
    row("looks", _looks(served, now))
    for inflow in served.inflows:
        row(inflow.tracker, _inflow(inflow, served, now, zone))
    for state in ("held", "aside"):
        found = [one for one in served.resting if one.state == state]
        for one in found[:MOST]:
            row(state, _resting(one, now, zone))
        more(served.numbers.get(state, 0))
    for unread in served.unread[:MOST]:
        row(
            "unread",
            f"{unread.tracker}, delivery {clean(unread.id)}, {when(unread.at, now, zone)}: {clean(unread.why)}",
        )
    more(sum(one.aside for one in served.inflows))
    for job in served.jobs:
        row(job.name, _job(job, now, zone))


def _looks(served: Served, now: datetime) -> str:
    due = count(served.due, "look")
    said = f"{due} due" + (f", the oldest for {ago(now - served.oldest)}" if served.oldest else "")
    return "; ".join([said, *(f"{served.numbers.get(state, 0):,} {word}" for state, word in _WORDS.items())])


_WORDS = {"held": "held", "aside": "set aside"}


def _inflow(one: Inflow, served: Served, now: datetime, zone: tzinfo | None) -> str:
    said = [f"last delivery {fresh(one.last, now, zone)}" if one.last else "no delivery yet"]
    said += [f"{one.waiting:,} not read yet"] if one.waiting else []
    said += [f"{one.aside:,} could not be read"] if one.aside else []
    if one.last:
        said.append(f"{one.missed:,} missed in 24 h")
    if one.edits:
        share = one.timely / one.edits
        since = " ".join(day(served.since, now, served.since.tzinfo).split())
        goal = f"{_percent(served.share)} wanted"
        verdict = goal if share >= served.share else f"below the {goal}"
        edits = f"{_percent(share)} of {count(one.edits, 'edit')} within {_span(one.fresh)} since {since}"
        said.append(f"{edits}, {verdict}")
    return "; ".join(said)


def _resting(one: Resting, now: datetime, zone: tzinfo | None) -> str:
    tries = f", tried {one.tries} times" if one.tries > 1 else ""
    since = f"since {when(one.since, now, zone)}, {ago(now - one.since)}{tries}"
    return f"{clean(one.name)}   {since}: {clean(one.why) or 'no reason is known'}"


def _job(job: Timed, now: datetime, zone: tzinfo | None) -> str:
    if job.next is None:
        return "off"
    if job.begun is None:
        said = ["not run yet"]
    elif job.running:
        said = [f"under way since {when(job.begun, now, zone)}"]
    else:
        said = [fresh(job.begun, now, zone), clean(job.outcome) or ("done" if job.ended else "never ended")]
    if job.late is not None:
        return "; ".join([*said, f"due since {when(job.late, now, zone)}, and nobody runs it"])
    return "; ".join([*said, "next now" if job.next <= now else f"next {when(job.next, now, zone)}"])


def _percent(share: float) -> str:
    """A share, with one place where it needs one; never rounded up to all."""
    tenths = int(share * 1000 + 1e-9)
    return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths / 10:.1f} %"


def _span(span: timedelta) -> str:
    """A short span to the second: ``60 s``, ``5 min``."""
    seconds = int(span.total_seconds())
    return f"{seconds // 60} min" if seconds % 60 == 0 and seconds > 60 else f"{seconds} s"
