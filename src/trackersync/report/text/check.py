"""``trackersync check``: what was looked at, the verdict, what is new, what is wrong, the sums, and what to do next."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from trackersync.core.checked import Checked, Noted
from trackersync.core.diagnose import PLACES, Finding, Rulebook
from trackersync.core.model import Severity
from trackersync.core.outcome import Outcome, World
from trackersync.core.process import Process
from trackersync.report.names import Keys, clean, count
from trackersync.report.text.faults import Ground, place_table
from trackersync.report.text.opening import observed, open_tasks, shown, verdict
from trackersync.report.text.plan import warnings
from trackersync.report.text.screen import Screen
from trackersync.report.times import DAYS, clock, day, when

NAMED = 3
"""So many of those that are gone are named."""
PEOPLE = 12
"""So many people are named in the sums."""
_WEEK = timedelta(days=6)
_PASTEABLE = re.compile(r"[\w./-]+(#\d+)?")


def check_screen(
    screen: Screen,
    outcome: Outcome,
    checked: Checked,
    containers: Mapping[str, tuple[str, ...]],
    now: datetime,
    *,
    every: bool = False,
    rulebook: Rulebook | None = None,
    zone: tzinfo | None = None,
) -> list[tuple[str, str]]:
    """Draw the whole screen but for the next commands.

    Args:
        screen: where to.
        outcome: of a check.
        checked: what it tells.
        containers: tracker to its configured repositories or projects.
        now: the moment, from which ages are told.
        every: show every finding: not only the first ten a place, and with a baseline those that it knows too.
        rulebook: the rules as they hold, for what they do not ask for.
        zone: where the reader is; None: where this machine is.

    Returns:
        The next commands, each with what it does.
    """
    world, keys = outcome.world, Keys(item for task in outcome.world.tasks for item in task.items)
    listed, known = _listed(checked, every=every)
    ground = _ground(world, checked, keys, now, rulebook, every=every)
    observed(screen, outcome, containers, now)
    screen.blank()
    if checked.baseline is not None:
        fresh, gone = len(shown(checked.failing)), len(checked.baseline.gone)
        screen.say((f"{fresh:,} new since the baseline, {known:,} known, {gone:,} gone", "bold"))
    verdict(screen, world, checked.findings)
    _news(screen, checked, keys, now, zone)
    totals = Counter(finding.place for finding in shown(checked.findings))
    for place in PLACES:
        group = [finding for finding in listed if finding.place == place]
        if group:
            number = f"{len(group):,}" if len(group) == totals[place] else f"{len(group):,} of {totals[place]:,}"
            place_table(screen, place, f"{place} · {number}", group, ground)
    warnings(screen, outcome)
    _sums(screen, world, checked, ground)
    _left_out(screen, checked, 0 if every else known)
    return _steps(world, listed, ground)


def stage_table(screen: Screen, world: World, process: Process) -> None:
    """How many open tasks stand in each stage, and how many faults."""
    cases = Counter(case.stage.key for case in world.cases if case.stage and not case.finished)
    faults = Counter((finding.stage, finding.place) for finding in shown(world.findings))
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


def _listed(checked: Checked, *, every: bool) -> tuple[list[Finding], int]:
    """The findings with a line of their own, and how many a baseline knows."""
    if checked.baseline is None:
        return shown(checked.findings), 0
    # Each for itself: a fault that is known must not stand before one that is new.
    known = shown(finding for finding in checked.findings if finding in checked.baseline.known)
    lines = {*shown(checked.failing), *(known if every else ())}
    return [finding for finding in checked.findings if finding in lines], len(known)


def _ground(
    world: World, checked: Checked, keys: Keys, now: datetime, rulebook: Rulebook | None, *, every: bool
) -> Ground:
    # Whoever has the least room for owners stands first in a task's name, so its column does too.
    room = {name: case.terms.room(name).most for case in world.cases[:1] for name in world.looks}
    if checked.baseline is not None:
        new = frozenset(checked.failing) if every else frozenset()
    else:
        new = checked.new if checked.since is not None else frozenset()
    return Ground(
        keys=keys,
        trackers=tuple(sorted(world.looks, key=lambda name: room.get(name, 0))),
        now=now,
        seen=checked.seen,
        new=new,
        note=_need_none(world, rulebook) if rulebook is not None else "",
        every=every,
    )


def _need_none(world: World, rulebook: Rulebook) -> str:
    """Where a process asks for no owner yet: ``in progress and review only; 188 in backlog need none yet``."""
    rule = rulebook.rule("no-owner")
    if rule is None or not world.cases:
        return ""
    stages = [stage.key for stage in world.cases[0].terms.process.stages if not stage.finished]
    without = [stage for stage in stages if rulebook.standing(rule, (), stage) is None]
    asked = [stage for stage in stages if stage not in without]
    spared = sum(
        case.stage is not None and case.stage.key in without and not case.finished and not case.people
        for case in world.cases
    )
    if not without or not asked or not spared:
        return ""
    if len(asked) <= len(without):
        return f"{_and(asked)} only; {spared:,} in {_and(without)} need{'s' if spared == 1 else ''} none yet"
    return f"{spared:,} in {_and(without)} need{'s' if spared == 1 else ''} none yet"


def _and(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def _news(screen: Screen, checked: Checked, keys: Keys, now: datetime, zone: tzinfo | None) -> None:
    """What is new and what is gone since the last check, in one line."""
    if checked.since is None:
        return
    fresh = sum(finding in checked.new for finding in shown(checked.findings))
    line = f"{fresh:,} new, {len(checked.gone):,} gone since {_lately(checked.since, now, zone)}"
    if checked.gone:
        more = f", {len(checked.gone) - NAMED:,} more" if len(checked.gone) > NAMED else ""
        line += f"; gone: {', '.join(_gone(one, keys) for one in checked.gone[:NAMED])}{more}"
    screen.say(line)


def _gone(noted: Noted, keys: Keys) -> str:
    about = noted.subject or (keys.short(noted.keys[0]) if noted.keys else "")
    return clean(f"{about} {noted.rule}")


def _lately(at: datetime, now: datetime, zone: tzinfo | None) -> str:
    """``09:12`` today, ``Tue 09:12`` within a week, else with its day."""
    here = at.astimezone(zone)
    if day(at, now, zone) == day(now, now, zone) or now - at > _WEEK:
        return when(at, now, zone)
    return f"{DAYS[here.weekday()]} {clock(at, zone)}"


def _sums(screen: Screen, world: World, checked: Checked, ground: Ground) -> None:
    screen.blank()
    findings, whole = shown(checked.findings), open_tasks(world)
    if not findings:
        unread = bool(world.looks) and all(look.down for look in world.looks.values())
        told = f"No findings; {count(whole, 'open task')}."
        screen.say("Nothing was read, so nothing was judged." if unread else told)
        return
    severities = Counter(finding.severity for finding in findings)
    kinds = ", ".join(count(severities[severity], severity.value) for severity in Severity if severities[severity])
    faulty = {finding.task for finding in findings}
    good = sum(not case.finished and case.task.id not in faulty for case in world.cases)
    screen.say(
        f"{count(len(findings), 'finding')}: {kinds}; "
        f"{good:,} of {count(whole, 'open task')} "
        + ("with none of these" if checked.left_out else "is clean" if whole == 1 else "are clean")
    )
    people = Counter(name for finding in findings for name in _people(finding, ground))
    if people:
        ranked = sorted(people.items(), key=lambda entry: (-entry[1], entry[0]))
        more = f", {len(ranked) - PEOPLE} more" if len(ranked) > PEOPLE else ""
        screen.say("by person   ", ", ".join(f"{clean(name)} {number:,}" for name, number in ranked[:PEOPLE]) + more)


def _people(finding: Finding, ground: Ground) -> set[str]:
    """Whom a finding concerns: the task's owners; of a total, the person it is about."""
    items = list(finding.items) if finding.place == "duplicate task" else ground.own(finding)
    owners = {owner for seen in items for owner in seen.owners}
    if finding.subject:
        return owners & {finding.subject}
    return owners or {"nobody"}


def _left_out(screen: Screen, checked: Checked, known: int) -> None:
    """What is not shown, and why."""
    if known and checked.baseline is not None:
        are = "is" if known == 1 else "are"
        screen.say(f"{count(known, 'finding')} that {clean(checked.baseline.file)} knows {are} not listed: --all")
    if checked.asked:
        others = f"; {count(checked.left_out, 'other finding')} left out" if checked.left_out else ""
        screen.say(f"asked for   {clean(' '.join(checked.asked))}{others}")
    if checked.silenced:
        where = sorted({clean(one.silence.where) for one in checked.silenced} - {""})
        by = ", ".join(where[:NAMED]) + (" and others" if len(where) > NAMED else "")
        said = f" by {by}" if by else ""
        screen.say(f"silenced    {len(checked.silenced):,}{said}")
    for silence in checked.expired:
        at = f" at {clean(silence.where)}" if silence.where else ""
        screen.say(("! ", "yellow"), f"the silence{at} ended {silence.until}: {clean(silence.reason)}")


def _steps(world: World, listed: Sequence[Finding], ground: Ground) -> list[tuple[str, str]]:
    """Commands that can be pasted, with the keys and rules of the worst that is listed."""
    if any(look.down for look in world.looks.values()):
        return [("trackersync doctor", "what is wrong there, and what to do about it")]
    steps = [("trackersync plan", "what sync would write")] if len(world.looks) > 1 else []
    if not listed:
        return [*steps, ("trackersync stages", "the delivery process, with role and outcome of each stage")]
    task = next((finding for finding in listed if finding.task), None)
    if task is not None:
        key = ground.keys.short(ground.own(task)[0].key)
        steps.append((f"trackersync explain {_quoted(key)}", "what moved where, and who"))
    steps.append((f"trackersync rules {listed[0].rule}", "why it matters, its settings, how to silence it"))
    return steps


def _quoted(key: str) -> str:
    return key if _PASTEABLE.fullmatch(key) else shlex.quote(clean(key))
