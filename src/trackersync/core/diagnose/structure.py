"""Rules about which items are the same work, and how tasks hang together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from trackersync.core.diagnose import relations
from trackersync.core.diagnose.case import Case, Known, Witness
from trackersync.core.diagnose.rule import AnyRule, Fault, NoSettings, Rule, setting
from trackersync.core.link import Tie


@dataclass(frozen=True, slots=True)
class UnlinkedTask:
    """Settings of ``unlinked-task``."""

    trackers: tuple[str, ...] = setting((), "The trackers a task is expected in; none named: every configured one.")


def _unlinked_task(case: Case, settings: UnlinkedTask) -> Iterator[Fault]:
    """Silent where a tie or an extra tells already why an item is missing."""
    there = {item.ref.tracker for item in case.task.items}
    wanted = [tracker for tracker in case.terms.maps if not settings.trackers or tracker in settings.trackers]
    missing = [tracker for tracker in wanted if tracker not in there]
    if not missing:
        return
    missing = [tracker for tracker in missing if tracker not in _in_doubt(case.known)]
    if missing:
        where = " or ".join(missing)
        yield Fault(f"{case.keys} has no item in {where}", table=f"no item in {where}")


def _in_doubt(known: Known) -> set[str]:
    """The trackers in which a task's counterpart may be, had its items not been claimed twice."""
    refs = [ref for tie in known.ties for ref in tie.refs]
    refs += [ref for extra in known.extras for ref in (extra.ref, extra.claimed)]
    return {ref.tracker for ref in refs} | set(known.unread)


def _ambiguous_link(case: Case, _: NoSettings) -> Iterator[Fault]:
    """Said once for each tie: of the first of its tasks."""
    for tie in case.known.ties:
        tied = _tied(case, tie)
        if not tied or tied[0].item.ref not in {item.ref for item in case.task.items}:
            continue
        keys = ", ".join(witness.item.key for witness in tied)
        own = [witness for witness in tied if witness in case.witnesses]
        yield Fault(
            f"{keys} claim each other and cannot all be one task: {tie.reason}",
            own[0],
            beside=tuple(witness for witness in tied if witness not in own),
        )


def _tied(case: Case, tie: Tie) -> list[Witness]:
    """The items of a tie that are there, task by task."""
    found: list[Witness] = []
    for ref in tie.refs:
        other = case.around.of(ref)
        for witness in other.witnesses if other is not None else ():
            if witness.item.ref in tie.refs and witness not in found:
                found.append(witness)
    return found


def _linked_twice(case: Case, _: NoSettings) -> Iterator[Fault]:
    """Said of the task that claims, of each claim once; of finished work only while one of the two is open."""
    for extra in case.known.extras:
        own = next((witness for witness in case.witnesses if witness.item.ref == extra.ref), None)
        other = case.around.of(extra.claimed) if own is not None else None
        if own is None or other is None or other.task.id == case.task.id or (case.finished and other.finished):
            continue
        claimed = next(witness for witness in other.witnesses if witness.item.ref == extra.claimed)
        first = " + ".join(witness.item.key for witness in other.witnesses if witness.tracker == own.tracker)
        if first:
            yield Fault(
                f"{own.item.key} claims {claimed.item.key}, which is {first} already: {extra.reason}",
                own,
                beside=other.witnesses,
                table=f"claims {claimed.item.key}, which is {first} already",
            )


def _undone_by_another(case: Case, _: NoSettings) -> Iterator[Fault]:
    for quarrel in case.known.quarrels:
        witness = next(witness for witness in case.witnesses if witness.item.ref == quarrel.ref)
        yield Fault(
            f"{quarrel.field} of {witness.item.key} was written {quarrel.times} times and undone by another each time "
            f"within {_soon(quarrel.within)}; it is not written any more",
            witness,
            fix=f"find what sets it back in {witness.tracker}, then `trackersync resume {witness.item.key}`",
        )


def _soon(within: timedelta) -> str:
    seconds = int(within.total_seconds())
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min"


UNLINKED_TASK = Rule(
    name="unlinked-task",
    family="structure",
    summary="An open task without an item in a tracker that it is expected in.",
    why="Whoever looks into that tracker alone does not know of the work, and nothing keeps it in step there.",
    fix="open an item there whose title begins with the other's key, or name the pair under links:",
    judge=_unlinked_task,
    settings=UnlinkedTask,
    off=True,
    example="rules:\n  unlinked-task: {trackers: [jira], stages: {idea: off}}",
)
AMBIGUOUS_LINK = Rule(
    name="ambiguous-link",
    family="structure",
    summary="Items whose texts claim each other in a way that cannot all be true.",
    why="None of them is linked and none is written, so they drift apart without anybody being told.",
    fix="name the true pair under links:, or correct the text of the other",
    judge=_ambiguous_link,
    about="every",
)
LINKED_TWICE = Rule(
    name="linked-twice",
    family="structure",
    summary="An item that claims a task which already has an item of its tracker.",
    why="A task has one item in each tracker: the second is not linked, so it is not kept in step, and the same work "
    "may be done twice.",
    fix="close one of the two as a duplicate, or take the other's key out of its text",
    judge=_linked_twice,
    about="every",
    place="duplicate task",
)
UNDONE_BY_ANOTHER = Rule(
    name="undone-by-another",
    family="structure",
    summary="A field that others, most often an automation rule, set back each time it is written.",
    why="Two machines that undo each other never stop, and mail everybody each time; so the field is left alone.",
    fix="find what sets it back, then let it go on with `trackersync resume`",
    judge=_undone_by_another,
    about="every",
)
RULES: tuple[AnyRule, ...] = (
    UNLINKED_TASK,
    AMBIGUOUS_LINK,
    LINKED_TWICE,
    *relations.RULES,
    UNDONE_BY_ANOTHER,
)
