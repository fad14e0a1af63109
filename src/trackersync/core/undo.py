"""The way back: what a run wrote, taken back as far as nobody has touched it since.

A fact is set to what it was when the change was planned. What the tracker sets by itself along with another fact (the
reason of a reopened GitHub issue, the resolution of a reopened Jira one) is left to the tracker where there was none.
What cannot be taken back is named with its reason, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from trackersync.core.expect import fold, ours, shows
from trackersync.core.model import STAGE, Change, Facts, Item, ItemRef, LeftAlone, Outcome, Receipt, Workflow
from trackersync.core.plan import Plan, ordered, shut
from trackersync.core.rest import Rests
from trackersync.core.stages import StageMap
from trackersync.core.terms import Task, Terms, said
from trackersync.core.terrain import Terrain

Written = tuple[Change, Receipt | None]
"""A change a run intended, and what became of it."""


def routed_back(written: Iterable[Written], tasks: Mapping[ItemRef, Task], terms: Terms) -> tuple[Item, ...]:
    """The items whose workflow must be known before their change can be taken back."""
    items = {item.ref: item for task in tasks.values() for item in task.items}
    return tuple(
        items[change.ref]
        for change, receipt in written
        if receipt is not None
        and receipt.outcome is Outcome.APPLIED
        and change.field == STAGE
        and change.ref in items
        and terms.maps[change.ref.tracker].vocabulary.routed in change.after
        and shows(change.after, change, items[change.ref].facts)
    )


def take_back(
    run: int,
    written: Iterable[Written],
    tasks: Mapping[ItemRef, Task],
    terms: Terms,
    *,
    workflows: Mapping[ItemRef, Workflow],
    rests: Rests,
    unread: Mapping[ItemRef, str] = MappingProxyType({}),
) -> Plan:
    """The plan that takes back what a run wrote.

    Args:
        run: its number.
        written: the changes it intended.
        tasks: by item, its task as observed now; an item that is gone has none.
        terms: the configuration's decisions.
        workflows: for the items ``routed_back`` named.
        rests: what people, trackers and quarrels want left alone.
        unread: by item, the tracker that could not be read, so that its task is not written.
    """
    changes: list[Change] = []
    left: list[LeftAlone] = []
    for change, receipt in written:
        if receipt is not None and receipt.outcome not in (Outcome.APPLIED, Outcome.IN_DOUBT):
            if receipt.requests and receipt.outcome is not Outcome.ALREADY_SO:
                why = f"it ended {receipt.outcome.value}, perhaps half-way ({receipt.message or 'no word why'})"
                left.append(LeftAlone("", change.ref, change.key, change.field, why))
            continue
        task = tasks.get(change.ref)
        if receipt is None or receipt.outcome is Outcome.IN_DOUBT:
            made: Change | str = "its answer was lost: `trackersync sync` looks what became of it"
        elif change.ref in unread:
            made = f"{unread[change.ref]} could not be read this time"
        elif task is None:
            made = "it is not there any more"
        else:
            item = next(item for item in task.items if item.ref == change.ref)
            made = (
                rests.task(task, terms)
                or rests.write(item, change.field)
                or _inverse(run, change, item, terms, workflows.get(change.ref))
            )
        if isinstance(made, Change):
            changes.append(made)
        else:
            left.append(LeftAlone("" if task is None else task.id, change.ref, change.key, change.field, made))
    return Plan(ordered(changes), left_alone=ordered(left))


def _inverse(run: int, change: Change, item: Item, terms: Terms, workflow: Workflow | None) -> Change | str:
    """The change that takes one back, or why there is none."""
    tracker = item.ref.tracker
    if not shows(change.after, change, item.facts):
        return f"moved since: {item.key} says {said(item, change.field, terms)} now"
    if not terms.may(change.field, tracker):
        return f"{tracker} is not written: its `writes` does not name {change.field}"
    because = f"takes back run {run}: {change.because}"
    if change.field != STAGE:
        name = change.field
        before: Facts = {name: ours(change, item.facts, name)}
        return Change(item.ref, item.key, name, name, before, {name: change.before[name]}, because, change.ours)
    stages = terms.maps[tracker]
    if not shows(_expected(change, stages), change, item.facts):
        return f"moved since: {item.key} says {said(item, change.field, terms)} now"
    # A place that is mapped no more was written all the same.
    places = dict.fromkeys((*stages.native(item.facts), *change.after))
    before = {fact: ours(change, item.facts, fact) for fact in places}
    after = _as_before(change, before, stages)
    path = (
        after if isinstance(after, str) else _path(item, after, stages, workflow or Workflow({}), shut(tracker, terms))
    )
    if isinstance(after, str) or isinstance(path, str):
        return str(path)
    routed = stages.vocabulary.routed
    fact = (
        routed if routed is not None and routed in after else change.fact if change.fact in after else next(iter(after))
    )
    return Change(item.ref, item.key, STAGE, fact, before, after, because, change.ours, path=path)


def _expected(change: Change, stages: StageMap) -> Facts:
    """What the change found and left as it was: who closed an issue that was relabelled has moved it since."""
    follows = stages.vocabulary.follows
    return {
        fact: values
        for fact, values in change.before.items()
        if fact not in change.after and follows.get(fact) not in change.after
    }


def _as_before(change: Change, now: Facts, stages: StageMap) -> Facts | str:
    """The facts to set again, or why that cannot be.

    What follows another fact is said again with it, as how an issue was closed; where it was empty it is left to the
    tracker.
    """
    follows = stages.vocabulary.follows
    again = [*change.after, *(fact for fact, leader in follows.items() if leader in change.after)]
    after = {
        fact: change.before[fact]
        for fact in dict.fromkeys(again)
        if fold(change.before[fact]) != fold(now[fact]) and (change.before[fact] or fact not in follows)
    }
    stranded = next((fact for fact in after if follows.get(fact, fact) not in after), None)
    if stranded is not None:
        return f"{stages.tracker} changes {stranded} only together with {follows[stranded]}"
    return after or "there is nothing of it to take back"


def _path(
    item: Item, after: Facts, stages: StageMap, workflow: Workflow, hands_off: Collection[str]
) -> tuple[str, ...] | str:
    """The statuses passed on the way back, or why no way leads there; none where nothing is routed."""
    routed = stages.vocabulary.routed
    if routed is None or routed not in after:
        return ()
    ways = Terrain(item, stages, routed, workflow, hands_off).ways([after])
    if not ways:
        here, goal = (next(iter(facts.get(routed, ())), "") for facts in (item.facts, after))
        return f'no path of transitions leads back from "{here}" to "{goal}"'
    return ways[0][1].path
