"""``trackersync sync`` and ``apply``: held, refused, or written; then what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from trackersync.core.model import Change, Receipt
from trackersync.core.model import Outcome as Became
from trackersync.core.outcome import Outcome
from trackersync.core.plan import Plan
from trackersync.core.terms import Terms
from trackersync.report.names import clean, count
from trackersync.report.text.change import Wording
from trackersync.report.text.folded import hanging
from trackersync.report.text.opening import left, observed
from trackersync.report.text.plan import headline, warnings
from trackersync.report.text.screen import GOOD, Screen

MOST = 5
"""Applied changes of one kind on a screen before ``… more like the last``."""


def sync_screen(
    screen: Screen, outcome: Outcome, terms: Terms, containers: Mapping[str, tuple[str, ...]], *, every: bool = False
) -> None:
    """Draw the whole screen of a run that was meant to write."""
    observed(screen, outcome, containers)
    plan = outcome.plan or Plan(())
    if outcome.run is None:
        screen.blank()
        headline(screen, outcome)
        held(screen, outcome)
        return
    if plan.changes:
        headline(screen, outcome)
        screen.blank()
    _receipts(screen, outcome, Wording(outcome.world.tasks, terms), every=every)
    _summary(screen, outcome)


def held(screen: Screen, outcome: Outcome) -> None:
    """Why the guard held the plan."""
    if not outcome.holds:
        return
    warnings(screen, outcome)
    screen.blank()
    screen.say(("Held by the guard. Nothing was written.", "bold yellow"))
    wide = max(len(hold.name) for hold in outcome.holds)
    for hold in outcome.holds:
        screen.say(f"  {hold.name:{wide}}   {hold.sentence}")


def refused(screen: Screen, outcome: Outcome, saved: Mapping[str, Any]) -> None:
    """A saved plan that no longer holds: what moved, from what to what."""
    screen.say((f"Refused: the world moved since plan {saved['digest']} was made. Nothing was written.", "bold yellow"))
    was = {(one["tracker"], one["id"], one["field"]): one.get("says", {}) for one in saved["changes"]}
    for moved in outcome.moved:
        change = moved.change
        screen.say(
            f"  {change.key}   {describe(change, was[change.ref.tracker, change.ref.id, change.field], moved.now)}"
        )
    still = len(outcome.plan.changes) if outcome.plan else 0
    if still:
        screen.say(f"  The other {count(still, 'change')} still hold{'s' if still == 1 else ''}.")


def describe(change: Change, was: Mapping[str, str], now: Mapping[str, str]) -> str:
    """What became of the task of a change that no longer holds."""
    news = [
        f"{key} {change.field} was {was.get(key, 'not there')}, is {says} now"
        for key, says in now.items()
        if was.get(key) != says
    ]
    return "; ".join(news) or f"{change.field}: it is not planned any more"


def _receipts(screen: Screen, outcome: Outcome, wording: Wording, *, every: bool) -> None:
    plan = outcome.plan or Plan(())
    pairs: list[tuple[Change, Receipt | None]] = list(zip(plan.changes, outcome.receipts, strict=True))
    shown: Counter[str] = Counter()
    hidden = 0
    for change, receipt in pairs:
        if receipt is None and outcome.interrupted:
            # Counted below, all of them alike.
            continue
        good = receipt is not None and receipt.outcome in (Became.APPLIED, Became.ALREADY_SO)
        if good:
            shown[change.field] += 1
            if not every and shown[change.field] > MOST:
                hidden += 1
                continue
        mark = GOOD if good else ("✗", "red")
        what = wording.native(change) if change.field == "stage" else wording.step(change)
        became = "not begun" if receipt is None else receipt.outcome.value
        became = "" if became == Became.APPLIED.value else f"   {became}"
        because = f": {clean(receipt.message)}" if receipt and receipt.message and not good else ""
        screen.say("  ", mark, f" {wording.keys.short(change.key)}   {change.field}   {clean(what)}{became}{because}")
    if hidden:
        screen.say(f"  … {hidden:,} more like these: --all, or --format json")


def _summary(screen: Screen, outcome: Outcome) -> None:
    plan = outcome.plan or Plan(())
    totals: Counter[str] = Counter()
    for kinds in outcome.requests.values():
        totals.update(kinds)
    price = f"{count(totals['write'], 'write')}, {count(totals['read'], 'read')}"
    done = Counter(receipt.outcome for receipt in outcome.receipts if receipt)
    if not plan.changes:
        screen.say(f"run {outcome.run:<7}nothing to do; {price}")
    else:
        others = [f"{number} {kind.value}" for kind, number in done.items() if kind is not Became.APPLIED]
        unbegun = sum(receipt is None for receipt in outcome.receipts)
        others += [f"{unbegun} not begun"] if unbegun else []
        tail = f"; {', '.join(others)}" if others else ""
        screen.say(f"run {outcome.run:<7}{done[Became.APPLIED]} of {len(plan.changes)} applied{tail}; {price}")
    left(screen, outcome.world)
    if plan.conflicts:
        wait = "waits" if len(plan.conflicts) == 1 else "wait"
        screen.say(" " * 11, f"{count(len(plan.conflicts), 'conflict')} {wait} for a person: trackersync conflicts")
    warnings(screen, outcome)


def interrupted(screen: Screen, outcome: Outcome, terms: Terms) -> None:
    """What an interrupted run had written, what is in doubt and what was not begun."""
    plan, wording = outcome.plan or Plan(()), Wording(outcome.world.tasks, terms)
    done = Counter(receipt.outcome for receipt in outcome.receipts if receipt)
    written = f"{done[Became.APPLIED]:,} of {len(plan.changes):,}"
    screen.say((f"Stopped after run {outcome.run} had written {written}.", "bold yellow"))
    for change, receipt in zip(plan.changes, outcome.receipts, strict=True):
        if receipt is not None and receipt.outcome is Became.IN_DOUBT:
            what = f"{wording.keys.short(change.key)} {change.field} {clean(wording.step(change))}"
            hanging(screen, "  in doubt    ", f"{what}: it was under way; the next run reads it back first")
    screen.say(f"  not begun   {sum(receipt is None for receipt in outcome.receipts):,}")
