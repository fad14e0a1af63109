"""``trackersync check``: what is wrong, one fault a line, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from rich.text import Text

from trackersync.core.diagnose import PLACES, Finding, Seen, place
from trackersync.core.model import Severity
from trackersync.core.outcome import Outcome, World
from trackersync.core.process import Process
from trackersync.report.names import Keys, ago, clean, count
from trackersync.report.text.opening import observed, open_tasks, shown, verdict
from trackersync.report.text.plan import warnings
from trackersync.report.text.screen import MARKS, Screen

MOST = 10
"""Lines a place on a screen, unless all are asked for."""


def check_screen(
    screen: Screen,
    outcome: Outcome,
    containers: Mapping[str, tuple[str, ...]],
    now: datetime,
    *,
    every: bool = False,
) -> None:
    """Draw the whole screen.

    Args:
        screen: where to.
        outcome: of a check.
        containers: tracker to its configured repositories or projects.
        now: the moment, from which ages are told.
        every: show every finding, not the first ten a place.
    """
    world = outcome.world
    trackers = tuple(world.looks)
    keys = Keys(item for task in world.tasks for item in task.items)
    observed(screen, outcome, containers)
    screen.blank()
    verdict(screen, world)
    findings = shown(world.findings)
    for name in PLACES:
        group = [finding for finding in findings if place(finding.rule) == name]
        if group:
            _group(screen, name, group, keys, trackers, now=now, every=every)
    warnings(screen, outcome)
    _sums(screen, world, findings)


def stage_table(screen: Screen, world: World, process: Process) -> None:
    """How many open tasks stand in each stage, and how many faults."""
    cases = Counter(case.stage.key for case in world.cases if case.stage and not case.finished)
    faults = Counter((finding.stage, place(finding.rule)) for finding in shown(world.findings))
    places = PLACES[:3]
    rows: list[tuple[str, ...]] = [("", "tasks", *places)]
    for phase in (*process.phases, None):
        stages = [s for s in process.stages if s.phase == (phase.key if phase else "") and not s.finished]
        if stages and phase:
            rows.append((phase.key,) + ("",) * (len(places) + 1))
        for stage in stages:
            numbers = [faults[stage.key, name] for name in places]
            rows.append(
                (
                    f"  {stage.key}" if phase else stage.key,
                    f"{cases[stage.key]:>5,}" if cases[stage.key] else "    ·",
                    *(
                        f"{number:>{len(name)},}" if number else f"{'·':>{len(name)}}"
                        for name, number in zip(places, numbers, strict=True)
                    ),
                )
            )
    screen.table(rows, indent=3)


def _group(
    screen: Screen,
    name: str,
    group: list[Finding],
    keys: Keys,
    trackers: tuple[str, ...],
    *,
    now: datetime,
    every: bool,
) -> None:
    """One place of the verdict: its name heads the first column, the columns prove the fault."""
    screen.blank()
    heads, rows, shrink = _ROWS[name](group if every else group[:MOST], keys, trackers, now)
    title = Text(f"{name} · {len(group):,}", style="bold")
    screen.table([(title, *heads), *rows], shrink=shrink, spare="rule" in heads, indent=0)
    if len(group) > len(rows):
        screen.say(f"  … {len(group) - len(rows):,} more: --all, or --format json")


Cell = str | Text | tuple[str, str]
Columns = tuple[tuple[Cell, ...], list[tuple[Cell, ...]], tuple[int, ...]]
"""The heads after the first column, the rows, and the columns that shrink where it is narrow."""


def _no_owner(group: Iterable[Finding], keys: Keys, _: tuple[str, ...], now: datetime) -> Columns:
    group = list(group)
    known = any(f.could_be for f in group)
    rows: list[tuple[Cell, ...]] = [
        (
            _task(f, keys),
            f.stage or "?",
            clean(f.title),
            f"{ago(now - f.touched):>5}",
            *((_could_be(f),) if known else ()),
        )
        for f in group
    ]
    return ("", "", "quiet", *(("could be",) if known else ())), rows, (2,)


def _could_be(finding: Finding) -> str:
    """The likeliest owner, and what speaks for it; the others JSON has."""
    return next((clean(f"{one.person}, {one.because}") for one in finding.could_be), "·")


def _owners(group: Iterable[Finding], keys: Keys, trackers: tuple[str, ...], _: datetime) -> Columns:
    rows: list[tuple[Cell, ...]] = []
    for f in group:
        says = {seen.tracker: " + ".join(seen.owners) or "nobody" for seen in f.items}
        cells = tuple(clean(says.get(tracker, "·")) for tracker in trackers)
        rows.append((_task(f, keys), f.stage or "?", *cells, (f.rule, "dim")))
    return ("", *trackers, "rule"), rows, tuple(range(2, 2 + len(trackers)))


def _drift(group: Iterable[Finding], keys: Keys, trackers: tuple[str, ...], _: datetime) -> Columns:
    rows: list[tuple[Cell, ...]] = []
    for f in group:
        says = {seen.tracker: _where(seen) for seen in f.items}
        cells = tuple(says.get(tracker, "·") for tracker in trackers)
        rows.append((_task(f, keys), *cells, (f.rule, "dim")))
    return (*trackers, "rule"), rows, tuple(range(1, 1 + len(trackers)))


def _where(seen: Seen) -> str:
    """``build (In Progress)``; of several stages their number is enough, and they stand before it."""
    several = (seen.stage or "").count(" + ") + 1
    return f"{seen.stage or '?'} ({f'{several} labels' if several > 1 else clean(seen.says)})"


def _other(group: Iterable[Finding], keys: Keys, _: tuple[str, ...], __: datetime) -> Columns:
    return ("", ""), [(_task(f, keys), clean(f.message), (f.rule, "dim")) for f in group], (1,)


_ROWS = {
    "no owner": _no_owner,
    "duplicate owner": _owners,
    "stage drift": _drift,
    "duplicate task": _other,
    "other": _other,
}


def _task(finding: Finding, keys: Keys) -> Text:
    mark = Text("  ").append(*MARKS[finding.severity])
    return mark.append(" ").append(keys.task(seen.key for seen in finding.items))


def _sums(screen: Screen, world: World, findings: list[Finding]) -> None:
    screen.blank()
    if not findings:
        screen.say(f"No findings; {count(open_tasks(world), 'open task')}.")
        return
    severities = Counter(finding.severity for finding in findings)
    kinds = ", ".join(count(severities[severity], severity.value) for severity in Severity if severities[severity])
    faulty = {finding.task for finding in findings}
    clean_tasks = sum(not case.finished and case.task.id not in faulty for case in world.cases)
    screen.say(
        f"{count(len(findings), 'finding')}: {kinds}; {clean_tasks:,} of {count(open_tasks(world), 'open task')} clean"
    )
    people = Counter(
        name
        for finding in findings
        for name in ({owner for seen in finding.items for owner in seen.owners} or {"nobody"})
    )
    ranked = sorted(people.items(), key=lambda entry: (-entry[1], entry[0]))
    more = f", {len(ranked) - 12} more" if len(ranked) > 12 else ""
    screen.say("by person   ", ", ".join(f"{clean(name)} {number:,}" for name, number in ranked[:12]) + more)
