"""``trackersync plan``: what would be written, what waits for a person, and what is left alone and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rich.text import Text

from trackersync.core.model import LINKS, OWNERS, STAGE, Change
from trackersync.core.outcome import Outcome
from trackersync.core.plan import Plan
from trackersync.core.terms import Terms
from trackersync.report.names import clean, count, cut
from trackersync.report.text.change import Wording
from trackersync.report.text.opening import observed
from trackersync.report.text.screen import Screen

MOST = 12
"""Lines of a kind on a screen, unless all are asked for."""


def plan_screen(
    screen: Screen,
    outcome: Outcome,
    terms: Terms,
    containers: Mapping[str, tuple[str, ...]],
    *,
    every: bool = False,
) -> None:
    """Draw the whole screen of a dry run."""
    plan = outcome.plan or Plan(())
    wording = Wording(outcome.world.tasks, terms)
    observed(screen, outcome, containers)
    screen.blank()
    headline(screen, outcome, "nothing written")
    most = len(plan.changes) if every else MOST
    _stages(screen, [change for change in plan.changes if change.field == STAGE], wording, most)
    _owners(screen, [change for change in plan.changes if change.field == OWNERS], wording, most)
    _links(screen, [change for change in plan.changes if change.field == LINKS], wording, most)
    _conflicts(screen, plan, wording, len(plan.conflicts) if every else MOST)
    _left_alone(screen, plan, wording, len(plan.left_alone) if every else MOST)
    _overruled(screen, plan, wording, len(plan.overruled) if every else MOST)
    _price(screen, plan)
    warnings(screen, outcome)
    if plan.changes and outcome.holds:
        screen.blank()
        reasons = "; ".join(f"{hold.name} ({hold.sentence})" for hold in outcome.holds)
        screen.say(f"The guard would hold this plan: {reasons}.")


def headline(screen: Screen, outcome: Outcome, end: str = "") -> None:
    """The plan's name and size in one line."""
    plan, world = outcome.plan or Plan(()), outcome.world
    if not plan.changes and not plan.conflicts and not plan.left_alone:
        screen.say(("Nothing to do.", "bold"))
        return
    task_of = {item.ref: task.id for task in world.tasks for item in task.items}
    touched = len({task_of.get(change.ref, change.key) for change in plan.changes})
    parts = [
        f"Plan {plan.digest}",
        f"{count(len(plan.changes), 'change')} in {touched:,} of {count(len(world.tasks), 'task')}",
        count(len(plan.conflicts), "conflict"),
        f"{len(plan.left_alone):,} left alone",
    ]
    screen.phrases(*parts, *([end] if end else []), style="bold")


def warnings(screen: Screen, outcome: Outcome) -> None:
    """What a tracker lets us do less than the configuration wants."""
    if outcome.warnings:
        screen.blank()
    for sentence in outcome.warnings:
        screen.say(("! ", "yellow"), sentence)


def _stages(screen: Screen, changes: list[Change], wording: Wording, most: int) -> None:
    if not changes:
        return
    screen.blank()
    rows: list[tuple[str | Text, ...]] = [
        (Text(f"stage · {len(changes):,}", style="bold"), "was → will be", "written as", "because")
    ]
    rows += [
        (
            "  " + cut(wording.task(change.ref, change.key), 28),
            wording.step(change),
            cut(clean(wording.native(change)), 44),
            change.because,
        )
        for change in changes[:most]
    ]
    screen.table(rows, shrink=(2,), indent=0)
    _more(screen, len(changes), most)


def _owners(screen: Screen, changes: list[Change], wording: Wording, most: int) -> None:
    if not changes:
        return
    screen.blank()
    changes = sorted(changes, key=lambda change: not wording.takes_away(change))
    reasons = Counter(change.because for change in changes)
    alike = len(reasons) == 1 and not any(wording.takes_away(change) for change in changes)
    screen.say((f"owners · {len(changes):,}", "bold"), f"    {changes[0].because}" if alike else "")
    if alike:
        cells = [
            (cut(wording.task(change.ref, change.key), 30), wording.coming(change)) for change in changes[: 2 * most]
        ]
        half = (len(cells) + 1) // 2
        rows = [
            (*cells[place], *(cells[place + half] if place + half < len(cells) else ("", ""))) for place in range(half)
        ]
        screen.table(rows, shrink=(2,))
        _more(screen, len(changes), 2 * most)
        return
    screen.table(
        [
            (
                "-" if wording.takes_away(change) else "",
                cut(wording.task(change.ref, change.key), 30),
                wording.step(change),
                change.because,
            )
            for change in changes[:most]
        ],
        shrink=(2,),
    )
    _more(screen, len(changes), most)


def _links(screen: Screen, changes: list[Change], wording: Wording, most: int) -> None:
    if not changes:
        return
    screen.blank()
    screen.say((f"links · {len(changes):,}", "bold"))
    screen.table(
        [
            (cut(wording.task(change.ref, change.key), 30), clean(wording.step(change)), change.because)
            for change in changes[:most]
        ],
        shrink=(2,),
    )
    _more(screen, len(changes), most)


def _conflicts(screen: Screen, plan: Plan, wording: Wording, most: int) -> None:
    if not plan.conflicts:
        return
    screen.blank()
    screen.say(
        (f"conflicts · {len(plan.conflicts):,}", "bold"), "    yours to settle: trackersync resolve TASK --take TRACKER"
    )
    screen.table(
        [
            (
                wording.task(conflict.sides[0].ref, conflict.sides[0].key),
                conflict.field,
                *(f"{side.ref.tracker} {clean(side.says)}" for side in conflict.sides),
            )
            for conflict in plan.conflicts[:most]
        ],
        shrink=(2,),
    )
    _more(screen, len(plan.conflicts), most)


def _left_alone(screen: Screen, plan: Plan, wording: Wording, most: int) -> None:
    if not plan.left_alone:
        return
    screen.blank()
    screen.say((f"left alone · {len(plan.left_alone):,}", "bold"))
    for left in plan.left_alone[:most]:
        screen.say(f"  {wording.task(left.ref, left.key)}   {left.field}   {clean(left.because)}")
    _more(screen, len(plan.left_alone), most)


def _overruled(screen: Screen, plan: Plan, wording: Wording, most: int) -> None:
    if not plan.overruled:
        return
    screen.blank()
    screen.say((f"overruled · {len(plan.overruled):,}", "bold"), "    edits that are taken back")
    for move in plan.overruled[:most]:
        why = "another edit is the latest" if move.authority == "latest" else f"{move.authority} is the authority"
        said = f"{move.ref.tracker} says {clean(move.said)}; {why}"
        screen.say(f"  {wording.task(move.ref, move.key)}   {move.field}   {said}")
    _more(screen, len(plan.overruled), most)


def _price(screen: Screen, plan: Plan) -> None:
    """What each tracker is asked to change, and that nothing else is."""
    if not plan.changes:
        return
    screen.blank()
    wide = max(len(change.ref.tracker) for change in plan.changes)
    for tracker in dict.fromkeys(change.ref.tracker for change in plan.changes):
        kinds = Counter(change.fact for change in plan.changes if change.ref.tracker == tracker)
        words = ", ".join(f"{fact} {number:,}" for fact, number in sorted(kinds.items()))
        screen.say(
            f"{tracker:{wide}}   {count(sum(kinds.values()), 'change')}: {words}. No other label, field or text."
        )


def _more(screen: Screen, there: int, most: int) -> None:
    if there > most:
        screen.say(f"  … {there - most:,} more: --all, or --format json")
