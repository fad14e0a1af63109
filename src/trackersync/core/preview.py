"""What a changed configuration would do: two judgements of one and the same state of the trackers, side by side.

Tasks, findings and changes are known again by their items, so that a task whose links or stages are others stays the
same task.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trackersync.core.checked import Noted, known_again, noted
from trackersync.core.diagnose import Case, Finding
from trackersync.core.guard import Hold
from trackersync.core.model import Change, Facts, FieldName, ItemRef, LeftAlone, Severity
from trackersync.core.outcome import World
from trackersync.core.plan import Plan
from trackersync.core.terms import Terms


@dataclass(frozen=True, slots=True)
class Side:
    """What one configuration makes of the state of the trackers.

    Attributes:
        terms: what it decides.
        world: the tasks and findings under it.
        plan: what would be written, as far as that can be told without asking a tracker.
        holds: what would hold that plan.
        untold: what would be written if the tracker's workflow allows, which was never asked for: one per item.
        unsettled: conflicts that the latest edit might settle, of which it is not known when it was.
    """

    terms: Terms
    world: World
    plan: Plan
    holds: tuple[Hold, ...] = ()
    untold: tuple[LeftAlone, ...] = ()
    unsettled: int = 0


@dataclass(frozen=True, slots=True)
class Recounted:
    """A task that is counted in another stage: its items' keys, and the stages' keys; None: it belongs to none."""

    keys: tuple[str, ...]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Regraded:
    """A finding that there is both before and after, of another severity."""

    finding: Finding
    before: Severity


@dataclass(frozen=True, slots=True)
class Preview:
    """Both sides, and what differs.

    Attributes:
        before: under the present configuration.
        after: under the changed one.
        recounted: the tasks that change their stage; in the order of the process they come to.
        new: the findings that come.
        gone: the findings that go, as they are remembered.
        regraded: the findings that stay, and are more or less severe.
        coming: the changes that only the later plan has.
        going: those that only the earlier one has.
        staying: those of both.
        left: how many items are looked at no more.
    """

    before: Side
    after: Side
    recounted: tuple[Recounted, ...]
    new: tuple[Finding, ...]
    gone: tuple[Noted, ...]
    regraded: tuple[Regraded, ...]
    coming: tuple[Change, ...]
    going: tuple[Change, ...]
    staying: tuple[Change, ...]
    left: int

    @property
    def alike(self) -> bool:
        """Whether nothing that people see would be otherwise."""
        differences = (self.recounted, self.new, self.gone, self.regraded, self.coming, self.going, self.left)
        return not any(differences)


def compared(before: Side, after: Side) -> Preview:
    """Say what differs between two judgements of one state."""
    old = [noted(finding, finding.touched) for finding in before.world.findings]
    met, gone = known_again(after.world.findings, old)
    earlier, later = ({_wish(change): change for change in side.plan.changes} for side in (before, after))
    refs = [{item.ref for task in side.world.tasks for item in task.items} for side in (before, after)]
    return Preview(
        before=before,
        after=after,
        recounted=_recounted(before, after),
        new=tuple(finding for finding in after.world.findings if finding not in met),
        gone=gone,
        regraded=tuple(
            Regraded(finding, was.severity) for finding, was in met.items() if was.severity is not finding.severity
        ),
        coming=tuple(change for wish, change in later.items() if wish not in earlier),
        going=tuple(change for wish, change in earlier.items() if wish not in later),
        staying=tuple(change for wish, change in later.items() if wish in earlier),
        left=len(refs[0] - refs[1]),
    )


def _recounted(before: Side, after: Side) -> tuple[Recounted, ...]:
    """The tasks whose stage is another. Stages compare by their keys, also across two processes."""
    was = {item.ref: case for case in before.world.cases for item in case.task.items}
    order = after.terms.process.order
    found = []
    for case in after.world.cases:
        earlier = [was[item.ref] for item in case.task.items if item.ref in was]
        if not earlier:
            continue
        # Items that were tasks of their own and are one now: where any of them stood there already, nothing moved.
        stages = [_stage(one) for one in earlier]
        if _stage(case) not in stages:
            found.append(Recounted(_keys(case), stages[0], _stage(case)))
    last = len(order)
    earliest = before.terms.process.order
    return tuple(
        sorted(found, key=lambda one: (earliest.get(one.before or "", last), order.get(one.after or "", last)))
    )


def _stage(case: Case) -> str | None:
    return case.stage.key if case.stage else None


def _keys(case: Case) -> tuple[str, ...]:
    return tuple(item.key for item in case.task.items)


def _wish(change: Change) -> tuple[object, ...]:
    """What a change does to which item, whatever the reason."""
    wish: tuple[ItemRef, FieldName, object, str] = (change.ref, change.field, _told(change.after), change.toward)
    return wish


def _told(facts: Facts) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(sorted((fact, tuple(sorted(values))) for fact, values in facts.items()))


def pairs(recounted: Iterable[Recounted]) -> dict[tuple[str | None, str | None], list[Recounted]]:
    """The tasks that change their stage, by the two stages, those of most tasks first."""
    found: dict[tuple[str | None, str | None], list[Recounted]] = {}
    for one in recounted:
        found.setdefault((one.before, one.after), []).append(one)
    return dict(sorted(found.items(), key=lambda entry: -len(entry[1])))
