"""The first lines of a screen: what was looked at and how fresh it is, then the verdict in its five places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from trackersync.core.diagnose import PLACES, Finding
from trackersync.core.outcome import Look, Outcome, World
from trackersync.report.names import ago, count
from trackersync.report.text.screen import Screen


def observed(
    screen: Screen, outcome: Outcome, containers: Mapping[str, tuple[str, ...]], now: datetime | None = None
) -> None:
    """What each tracker showed in this run, whether that was all of it, and at what price.

    Args:
        screen: where to.
        outcome: of the run.
        containers: tracker to its configured repositories or projects.
        now: the moment of telling, from which the age of what was not looked at is told.
    """
    if outcome.offline and now is not None:
        screen.say(f"from the store: {', '.join(_aged(look, now) for look in outcome.world.looks.values())}")
        _unmatched(screen, outcome.world)
        return
    world, looks = outcome.world, outcome.world.looks
    read = [look for look in looks.values() if not look.down]
    whole = any(look.whole for look in read)
    items = Counter(item.ref.tracker for task in world.tasks for item in task.items)
    parts = [
        f"{look.tracker} {_places(containers[look.tracker])} {items[look.tracker]:,} items"
        if whole
        else f"{look.tracker} {look.changed + look.own:,} changed"
        for look in read
    ]
    tail = []
    if whole and read:
        tail.append(_completeness(read))
        if len(looks) > 1:
            tail.append(f"{count(sum(len(task.items) > 1 for task in world.tasks), 'pair')} linked")
    elif read:
        changed, own = sum(look.changed for look in read), sum(look.own for look in read)
        if own and not changed:
            parts[-1] += ", each by our own write"
    if not whole:
        tail.append(count(sum(sum(kinds.values()) for kinds in outcome.requests.values()), "request"))
    tail.append(f"{max((look.seconds for look in looks.values()), default=0.0):.1f} s")
    if parts:
        screen.say("observed   ", "; ".join([", ".join(parts), *tail]))
    for number, look in enumerate(look for look in looks.values() if look.failure is not None):
        start = "observed   " if not parts and number == 0 else " " * 11
        which = ", ".join(look.failure.containers) if look.failure is not None else ""
        screen.say(start, f"{look.tracker}   {which + ' ' if which else ''}not read: {look.failure}")
    _unmatched(screen, world)
    if world.resting:
        names = " or ".join(look.tracker for look in looks.values() if look.failure is not None or not look.complete)
        tasks = f"{count(world.resting, 'task')} with an item in {names}"
        if outcome.plan is None:
            screen.say(" " * 11, f"{tasks} stand as last observed.")
        else:
            screen.say(" " * 11, f"{tasks} rest this run; {len(world.tasks) - world.resting:,} went on.")


def _aged(look: Look, now: datetime) -> str:
    return f"{look.tracker} {ago(now - look.since)} old" if look.since else f"{look.tracker} not read to its end"


def _unmatched(screen: Screen, world: World) -> None:
    for key in world.links.unmatched:
        screen.say(" " * 11, f"links: {key} names no item that was read, or several; correct it in the configuration")


def _places(names: tuple[str, ...]) -> str:
    return ", ".join(names) if len(names) <= 2 else f"{names[0]} and {len(names) - 1} more"


def _completeness(read: list[Look]) -> str:
    if all(look.complete for look in read):
        return {1: "complete", 2: "both complete"}.get(len(read), "all complete")
    return "not complete: " + ", ".join(look.tracker for look in read if not look.complete)


def shown(findings: Iterable[Finding]) -> list[Finding]:
    """Findings as a screen shows them: a task that two rules of one place name stands once, under the worse.

    What belongs to no named place are faults of many kinds, and each is shown.
    """
    once: dict[tuple[str, ...], Finding] = {}
    for finding in findings:
        kind = finding.rule if finding.place == "other" else ""
        at = finding.items[0].id if kind and finding.items else ""
        once.setdefault((finding.place, finding.task or finding.subject, kind, at), finding)
    return list(once.values())


def tally(findings: Iterable[Finding]) -> dict[str, int]:
    """How many tasks stand in each of the five places, zeros included."""
    found = Counter(finding.place for finding in shown(findings))
    return {name: found[name] for name in PLACES}


def open_tasks(world: World) -> int:
    """How many tasks are not finished."""
    return sum(not case.finished for case in world.cases)


def verdict(screen: Screen, world: World, findings: Iterable[Finding] | None = None) -> None:
    """The second line of every screen: of these findings, by default of all there are."""
    found = world.findings if findings is None else findings
    places = (f"{name} {number:,}" for name, number in tally(found).items())
    screen.phrases(count(open_tasks(world), "open task"), *places, style="bold")


def left(screen: Screen, world: World, *, indent: int = 0) -> None:
    """The verdict after writing: what is left."""
    first, *places = (f"{name} {number:,}" for name, number in tally(world.findings).items())
    screen.phrases(f"{' ' * indent}left       {first}", *places)
