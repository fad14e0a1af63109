"""``trackersync runs``: the runs, latest first; or one with all that it planned and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from trackersync.core.journal import Run
from trackersync.core.model import Outcome
from trackersync.core.status import ChangeTold, RunTold
from trackersync.report.names import ago, clean, count, cut
from trackersync.report.runs import became, next_steps
from trackersync.report.text.screen import GOOD, Screen
from trackersync.report.times import clock, day, when

GOOD_ENDS = (Outcome.APPLIED.value, Outcome.ALREADY_SO.value)
STATES = {"done": "", "killed": "red", "held": "yellow", "refused": "yellow", "interrupted": "yellow", "failed": "red"}
MOST = 20
"""Changes of a run on a screen, unless all are asked for."""


def runs_screen(screen: Screen, runs: Sequence[Run], now: datetime, zone: tzinfo | None = None) -> None:
    """Draw the list."""
    if not runs:
        screen.say("No run yet: nothing was ever written with this store.")
        return
    heads = ("run", "began", "", "command", "ended", "applied", "conflicts", "writes", "reads")
    rows = [
        (
            f"{run.number:>3,}",
            day(run.begun, now, zone),
            clock(run.begun, zone),
            run.command,
            (run.state, STATES.get(run.state, "")),
            f"{_share(run):>7}",
            f"{_number(run.conflicts):>9}",
            f"{_number(run.sent('write')):>6}",
            f"{_number(run.sent('read')):>5}",
        )
        for run in runs
    ]
    screen.table([heads, *rows], indent=0)


def _number(number: int) -> str:
    return f"{number:,}" if number else "·"


def _share(run: Run) -> str:
    return f"{run.applied:,} of {run.planned:,}" if run.planned else "·"


def run_screen(
    screen: Screen,
    told: RunTold,
    now: datetime,
    *,
    zone: tzinfo | None = None,
    every: bool = False,
    verbose: bool = False,
) -> list[tuple[str, str]]:
    """Draw one run; returns the next commands."""
    run = told.run
    parts = [run.command, _times(run, now, zone)]
    if run.digest:
        parts.append(f"plan {run.digest}")
    if run.approved:
        parts.append("approved by a person")
    screen.phrases(f"run {run.number}", *parts, style="bold")
    screen.say(f"  {_verdict(told)}")
    for sentence in (*run.holds, *run.troubles):
        screen.say(f"    {clean(sentence)}")
    if told.changes:
        screen.blank()
        _changes(screen, told, every=every, verbose=verbose)
    sent = ", ".join(
        f"{tracker} {count(kinds.get('write', 0), 'write')} and {count(kinds.get('read', 0), 'read')}"
        for tracker, kinds in run.requests.items()
    )
    if sent:
        screen.blank()
        screen.say(f"requests   {sent}")
    return next_steps(told)


def _times(run: Run, now: datetime, zone: tzinfo | None) -> str:
    took = "" if run.ended is None else f", took {ago(run.ended - run.begun)}"
    return f"{when(run.begun, now, zone)}{took}"


def _verdict(told: RunTold) -> str:
    """What it came to, in one sentence."""
    run = told.run
    whole = {
        "under way": "It is under way just now.",
        "killed": "It never ended: it was killed. What it had begun is read back by the next run.",
        "held": f"Held: none of its {count(len(told.changes), 'change')} was written.",
        "refused": "Refused, since the world had moved: nothing was written.",
        "failed": "It failed before it wrote anything.",
    }
    if run.state in whole:
        return whole[run.state]
    if not told.changes:
        return "Nothing to do." + _rest(run)
    ends = Counter(became(change, run) for change in told.changes)
    others = [f"{number:,} {end}" for end, number in ends.items() if end != Outcome.APPLIED.value]
    applied = f"{ends[Outcome.APPLIED.value]:,} of {count(len(told.changes), 'change')} applied"
    stopped = "Stopped before its end: " if run.state == "interrupted" else ""
    return f"{stopped}{', '.join([applied, *others])}.{_rest(run)}"


def _rest(run: Run) -> str:
    parts = [count(run.conflicts, "conflict")] * bool(run.conflicts)
    parts += [f"{run.left_alone:,} left alone"] * bool(run.left_alone)
    return f" It found {' and '.join(parts)}." if parts else ""


def _changes(screen: Screen, told: RunTold, *, every: bool, verbose: bool) -> None:
    """What went well is a table; what did not is told with the tracker's words."""
    shown = told.changes if every else told.changes[:MOST]
    screen.table([_row(change, told.run) for change in shown], shrink=(1, 4))
    if len(shown) < len(told.changes):
        screen.say(f"  … {len(told.changes) - len(shown):,} more: --all, or --format json")
    for sentence in _troubles(told.changes):
        screen.say(f"  {sentence}")
    if verbose:
        for change in shown:
            for request in change.wrote.receipt.requests if change.wrote and change.wrote.receipt else ():
                screen.say((f"  {change.task[0]}   {clean(request)}", "dim"))


def _row(change: ChangeTold, run: Run) -> tuple[str | tuple[str, str], ...]:
    end = became(change, run)
    mark = GOOD if end in GOOD_ENDS else ("!", "yellow") if end in ("held", "refused", "not begun") else ("✗", "red")
    told = "" if end == Outcome.APPLIED.value else end
    return (mark, cut(" = ".join(change.task), 30), change.field, change.step, clean(change.because), told)


def _troubles(changes: Iterable[ChangeTold]) -> list[str]:
    """A tracker's words on what it did not do, each once."""
    found: dict[str, None] = {}
    for change in changes:
        receipt = change.wrote.receipt if change.wrote else None
        if receipt is not None and receipt.message and receipt.outcome.value not in GOOD_ENDS:
            found[f"{change.task[0]}   {change.field}   {receipt.outcome.value}: {clean(receipt.message)}"] = None
    return list(found)
