"""A plan or a run that writes as Markdown: what is held and how to let it go, what was written, and what is left.

Worst first: what could not be written, then what takes somebody off a task, then the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from trackersync.core.model import Change, Receipt
from trackersync.core.model import Outcome as Became
from trackersync.core.outcome import Outcome
from trackersync.core.plan import Plan
from trackersync.core.process import Process
from trackersync.core.terms import Terms
from trackersync.report.markdown import Findings, Tasks, footer, needs_someone, troubles, unread, verdict, where
from trackersync.report.names import count
from trackersync.report.page import Room, folded, moment
from trackersync.report.safe import markdown, markdown_order
from trackersync.report.text.change import Wording
from trackersync.report.text.opening import shown

_GOOD = frozenset({Became.APPLIED, Became.ALREADY_SO})
_MORE = "trackersync plan --all"
LOST = (
    "**The store is new**: nothing was kept of an earlier run, or it was lost. Which items belong together is read "
    "from the trackers again; what both sides had agreed on is not known any more, so every difference is a first "
    "contact, decided by `adopt`."
)


@dataclass(frozen=True, slots=True)
class Ordered:
    """What a run was ordered to do, as far as its page says.

    Attributes:
        writes: it was to write; else it only planned.
        approve: the digest that was approved; empty: none.
    """

    writes: bool
    approve: str = ""

    def refused(self, outcome: Outcome) -> bool:
        """Whether another plan was approved than there is now."""
        digest = outcome.plan.digest if outcome.plan else ""
        return self.writes and outcome.run is None and bool(self.approve) and self.approve != digest


def run_markdown(
    outcome: Outcome,
    terms: Terms,
    process: Process,
    now: datetime,
    ordered: Ordered,
    *,
    said: Sequence[str] = (),
    room: Room | None = None,
) -> str:
    """The whole page.

    Args:
        outcome: of a run that planned.
        terms: the configuration's decisions.
        process: the delivery process, whose stages are listed.
        now: the moment, from which ages are told.
        ordered: what the run was to do.
        said: sentences that belong above everything but the title and what holds the run, in Markdown.
        room: what there is room for; by default what GitHub takes of a job's summary.
    """
    room = room or Room(more=_MORE)
    world, plan = outcome.world, outcome.plan or Plan(())
    wording, tasks = Wording(world.tasks, terms), Tasks(world.tasks)
    findings = Findings(world, now, room)
    needy, rest = needs_someone(shown(world.findings), frozenset())
    parts = [
        f"## trackersync: {headline(outcome, ordered)}",
        _held(outcome, ordered),
        LOST if all(look.since is None for look in world.looks.values()) else "",
        verdict(world.findings),
        _story(outcome, plan, now),
        *said,
        *troubles(outcome),
        *(f"**Note**: {markdown(sentence)}" for sentence in outcome.warnings),
        _changes(outcome, plan, wording, tasks, room),
        _conflicts(plan, tasks, room),
        "### Needs someone\n\n" + findings.table(needy, frozenset()) if needy else "",
        folded(where(world, world.findings, process)),
        folded(("Warnings and notes", f"{len(rest):,}", findings.table(rest, frozenset()))) if rest else "",
        _left_alone(plan, tasks, room),
        " · ".join(footer(outcome)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def headline(outcome: Outcome, ordered: Ordered) -> str:
    """One sentence for a telephone's lock screen."""
    return ", ".join([*unread(outcome.world), _came_to(outcome, ordered)])


def _came_to(outcome: Outcome, ordered: Ordered) -> str:
    plan = outcome.plan or Plan(())
    conflicts = [f"{count(len(plan.conflicts), 'conflict')} open"] if plan.conflicts else []
    if outcome.run is not None and plan.changes:
        stopped = "stopped, " if outcome.interrupted else ""
        return ", ".join([f"{stopped}{written(outcome):,} of {count(len(plan.changes), 'change')} written", *conflicts])
    if ordered.refused(outcome):
        return "refused, nothing written"
    if ordered.writes and outcome.run is None and (outcome.holds or outcome.moved):
        return "held, nothing written"
    if plan.changes:
        return ", ".join([f"{count(len(plan.changes), 'change')} planned", *conflicts])
    return ", ".join(["nothing to write", *conflicts])


def written(outcome: Outcome) -> int:
    """How many changes of a run are as they were to be."""
    return sum(receipt is not None and receipt.outcome in _GOOD for receipt in outcome.receipts)


def _held(outcome: Outcome, ordered: Ordered) -> str:
    """What holds the plan, its digest, and where to say yes."""
    plan = outcome.plan or Plan(())
    if outcome.run is not None or not (outcome.holds or ordered.refused(outcome)):
        return ""
    held = "; ".join(f"**{markdown(hold.name)}**: {markdown_order(hold.sentence)}" for hold in outcome.holds)
    if not ordered.writes:
        return f"The guard would hold this plan. {held}."
    first = [f"Held by the guard. {held}."] if outcome.holds else []
    if ordered.refused(outcome):
        first.insert(0, f"`{ordered.approve}` was approved, and the plan is another one now. Nothing was written.")
    if plan.changes:
        first.append(
            f"To write exactly these {count(len(plan.changes), 'change')}: "
            f"*Run workflow → approve = {plan.digest}*. It is refused if the trackers have moved by then."
        )
    return " ".join(first)


def _story(outcome: Outcome, plan: Plan, now: datetime) -> str:
    """Which run it was, when, and what it did to the trackers."""
    totals: Counter[str] = Counter()
    for kinds in outcome.requests.values():
        totals.update(kinds)
    run = f"Run {outcome.run}, {moment(now)}" if outcome.run is not None else f"Planned {moment(now)}"
    digest = f" Plan `{plan.digest}`." if plan.changes else ""
    return f"{run}: {count(totals['write'], 'write')}, {count(totals['read'], 'read')}.{digest}"


def _changes(outcome: Outcome, plan: Plan, wording: Wording, tasks: Tasks, room: Room) -> str:
    if not plan.changes:
        return ""
    begun = outcome.run is not None
    receipts: Iterable[Receipt | None] = outcome.receipts if begun else [None] * len(plan.changes)
    pairs = sorted(zip(plan.changes, receipts, strict=True), key=lambda pair: _rank(pair, wording, begun=begun))
    head = ["", "item", "field", "was → is" if begun else "was → will be", "because"]
    table = room.table(head, (_row(pair, wording, tasks, begun=begun) for pair in pairs), len(pairs))
    if not begun:
        return f"### Would be written: {count(len(plan.changes), 'change')}\n\n{table}"
    failed = sum(receipt is None or receipt.outcome not in _GOOD for receipt in outcome.receipts)
    undo = f"Take it back: `trackersync undo {outcome.run}`"
    if failed:
        return f"### Not all was written: {failed:,} of {count(len(plan.changes), 'change')} left\n\n{table}\n\n{undo}"
    return folded(("Written in this run", count(len(plan.changes), "change"), f"{table}\n\n{undo}"))


_Pair = tuple[Change, Receipt | None]


def _rank(pair: _Pair, wording: Wording, *, begun: bool) -> tuple[bool, bool]:
    """Worst first: what was not written, then what takes away."""
    change, receipt = pair
    good = not begun or (receipt is not None and receipt.outcome in _GOOD)
    return good, not wording.takes_away(change)


def _row(pair: _Pair, wording: Wording, tasks: Tasks, *, begun: bool) -> list[str]:
    change, receipt = pair
    good = receipt is not None and receipt.outcome in _GOOD
    mark = ("✓" if good else "✗") if begun else ("-" if wording.takes_away(change) else "")
    because = change.because
    if begun and not good:
        became = "not begun" if receipt is None else receipt.outcome.value
        because = f"{became}: {receipt.message}" if receipt is not None and receipt.message else became
    return [
        mark,
        tasks.linked(change.ref, change.key),
        change.field,
        markdown(wording.step(change)),
        markdown(because),
    ]


def _conflicts(plan: Plan, tasks: Tasks, room: Room) -> str:
    if not plan.conflicts:
        return ""
    rows = (
        [
            tasks.linked(one.sides[0].ref, one.sides[0].key),
            one.field,
            ", ".join(f"{markdown(side.ref.tracker)} {markdown(side.says)}" for side in one.sides),
            markdown(one.because),
        ]
        for one in plan.conflicts
    )
    table = room.table(["task", "field", "who says what", "because"], rows, len(plan.conflicts))
    settle = "Settle one: `trackersync resolve TASK --take TRACKER`, or let the trackers say the same."
    return folded(("Open conflicts", f"{len(plan.conflicts):,}", f"{table}\n\n{settle}"))


def _left_alone(plan: Plan, tasks: Tasks, room: Room) -> str:
    if not plan.left_alone:
        return ""
    rows = ([tasks.linked(left.ref, left.key), left.field, markdown(left.because)] for left in plan.left_alone)
    table = room.table(["task", "field", "because"], rows, len(plan.left_alone))
    return folded(("Left alone", f"{len(plan.left_alone):,}", table))
