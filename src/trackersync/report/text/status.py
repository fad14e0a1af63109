"""``trackersync status``: how fresh each tracker's picture is, what is in doubt, what waits and how long."""

from __future__ import annotations

from collections import Counter
from datetime import tzinfo
from functools import partial

from trackersync.core.journal import Run
from trackersync.core.model import Outcome
from trackersync.core.status import Fresh, Status
from trackersync.report.names import ago, clean, count
from trackersync.report.quiet import REMEDY, quiet_words
from trackersync.report.status import next_steps
from trackersync.report.text.folded import hanging
from trackersync.report.text.screen import Screen
from trackersync.report.text.serving import served_lines
from trackersync.report.times import fresh, when

MOST = 5
"""Lines of a kind; the commands named beside show them all."""


def status_screen(screen: Screen, status: Status, *, zone: tzinfo | None = None) -> list[tuple[str, str]]:
    """Draw the whole screen but for the next commands, which are returned."""
    screen.table([_tracker(one, status, zone) for one in status.trackers], shrink=(1,), indent=0)
    screen.blank()
    screen.say((_verdict(status), "bold"))
    screen.blank()
    _row(screen, "last run", _last(status, zone))
    if status.quiet is not None:
        _row(screen, "quiet", f"{quiet_words(status.quiet, status.now)}; {REMEDY}")
    if status.holder:
        _row(screen, "in use", clean(status.holder))
    for run in status.killed:
        _row(screen, "killed", _killed(run, status, zone))
    for doubt in status.doubts[:MOST]:
        age = ago(status.now - doubt.wrote.intended)
        what = f"{' = '.join(doubt.task)}   {doubt.wrote.change.field}, written by run {doubt.wrote.run.number}"
        _row(screen, "in doubt", f"{what}; no answer for {age}")
    _more(screen, len(status.doubts))
    if status.disputes:
        _row(screen, "waits", _conflicts(status))
    for rest in status.rests[:MOST]:
        reason = f": {clean(rest.pause.reason)}" if rest.pause.reason else ""
        since = f"since {when(rest.pause.since, status.now, zone)}, {ago(status.now - rest.pause.since)}"
        _row(screen, "paused", f"{rest.name}   {since}{reason}")
    _more(screen, len(status.rests))
    if status.served is not None:
        screen.blank()
        served_lines(status.served, status.now, zone, partial(_row, screen), partial(_more, screen))
    return next_steps(status)


def _row(screen: Screen, name: str, text: str) -> None:
    """A sentence after its name, folded beside it."""
    hanging(screen, f"{name:11}", text)


def _verdict(status: Status) -> str:
    """Whether anything needs somebody, in one line; zeros included."""
    numbers = {
        "in doubt": len(status.doubts),
        "conflicts": len(status.disputes),
        "paused": len(status.rests),
        "killed runs": len(status.killed),
    }
    return "    ".join(f"{name} {number:,}" for name, number in numbers.items())


def _tracker(one: Fresh, status: Status, zone: tzinfo | None) -> tuple[str, ...]:
    places = ", ".join(one.containers[:2]) + (f" and {len(one.containers) - 2} more" if len(one.containers) > 2 else "")
    if one.as_of is None:
        return (one.tracker, places, count(one.items, "item"), "never read to its end", "not complete")
    state = "complete" if one.complete else "not complete"
    return (one.tracker, places, count(one.items, "item"), f"as of {fresh(one.as_of, status.now, zone)}", state)


def _last(status: Status, zone: tzinfo | None) -> str:
    run = status.last
    if run is None:
        return "none yet"
    parts = [f"run {run.number} ({run.command})", fresh(run.begun, status.now, zone)]
    if run.state == "held":
        return "; ".join([*parts, f"held: none of its {count(run.planned, 'change')} was written"])
    parts += [] if run.state == "done" else [run.state]
    parts.append(f"{run.applied:,} of {count(run.planned, 'change')} applied" if run.planned else "nothing to do")
    others = Counter(run.outcomes) - Counter({Outcome.APPLIED.value: run.applied})
    parts += [f"{number:,} {kind}" for kind, number in others.items()]
    return "; ".join([*parts, *(clean(trouble) for trouble in run.troubles)])


def _killed(run: Run, status: Status, zone: tzinfo | None) -> str:
    began = when(run.begun, status.now, zone)
    return f"run {run.number} began {began} and never ended; what it had begun is read back by the next run"


def _conflicts(status: Status) -> str:
    fields = Counter(one.field for one in status.disputes)
    on = ", ".join(f"{number:,} on {field}" for field, number in fields.most_common())
    oldest = min(status.disputes, key=lambda one: one.since)
    age = ago(status.now - oldest.since)
    return f"{count(len(status.disputes), 'conflict')}: {on}; the oldest, {' = '.join(oldest.task)}, waits {age}"


def _more(screen: Screen, there: int) -> None:
    if there > MOST:
        screen.say(f"           … {there - MOST:,} more: --format json")
