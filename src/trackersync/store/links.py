"""Which items are the same work, for good: links once made are kept, and an item belongs to one task only.

A task's id is made from its items when they are first linked (``task_id``) and stays when others join. An item that is
linked to nothing is a task of its own, whose id ``task_id`` gives too; nothing is stored for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from trackersync.core.model import ItemRef
from trackersync.store import schema
from trackersync.store.database import Database, insert, upsert
from trackersync.store.rows import batches, micros, moment_or_none

_table = schema.link.c
_task = schema.task.c

_WORTH = 400
"""Claims in one transaction: with a few items each they stay under 1,000 rows."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Says that some items are one task, and why: at most one item per tracker."""

    task: str
    refs: tuple[ItemRef, ...]
    reason: str


def task_id(refs: Iterable[ItemRef]) -> str:
    """The id of a task made of these items: its first item's tracker and id. The same for everyone who makes it."""
    first = min(refs)
    return f"{first.tracker}:{first.id}"


def admit(claims: Iterable[Claim], links: Mapping[ItemRef, str]) -> tuple[list[Claim], list[Claim]]:
    """Tell the claims that hold from those refused.

    A claim is refused as a whole when one of its items belongs to another task, or when the task has another item of
    the same tracker already. The first claim wins.

    Args:
        claims: in order.
        links: the links that stand, as far as they touch these claims' items and tasks.
    """
    task_of = dict(links)
    taken = {(task, ref.tracker): ref for ref, task in links.items()}
    held: list[Claim] = []
    refused: list[Claim] = []
    for claim in claims:
        own = {ref.tracker: ref for ref in claim.refs}
        fits = len(own) == len(set(claim.refs)) and all(
            task_of.get(ref, claim.task) == claim.task and taken.get((claim.task, ref.tracker), ref) == ref
            for ref in claim.refs
        )
        (held if fits else refused).append(claim)
        if fits:
            task_of |= dict.fromkeys(claim.refs, claim.task)
            taken |= {(claim.task, ref.tracker): ref for ref in claim.refs}
    return held, refused


class Links(Database):
    """The tasks and links of a store."""

    def links(self) -> Mapping[ItemRef, str]:
        """Every linked item and its task."""
        with self.read() as connection:
            rows = connection.execute(select(_table.tracker, _table.item, _table.task))
            return {ItemRef(tracker, item): task for tracker, item, task in rows}

    def reasons(self, task: str) -> Mapping[ItemRef, str]:
        """The items of a task, and why each was linked."""
        with self.read() as connection:
            rows = connection.execute(select(_table.tracker, _table.item, _table.reason).where(_table.task == task))
            return {ItemRef(tracker, item): reason for tracker, item, reason in rows}

    def links_made(self, task: str) -> Mapping[ItemRef, datetime | None]:
        """The items of a task, and when each was linked; None for links older than this was noted."""
        with self.read() as connection:
            rows = connection.execute(select(_table.tracker, _table.item, _table.at).where(_table.task == task))
            return {ItemRef(tracker, item): moment_or_none(at) for tracker, item, at in rows}

    def put_links(self, claims: Iterable[Claim], at: datetime | None = None) -> tuple[Claim, ...]:
        """Link items. Doing it again changes nothing; a link that stands is never moved.

        Args:
            claims: in order; of two that exclude each other the first holds.
            at: the moment, for the task's story.

        Returns:
            The claims that were refused, because of links that stood before or came first; see ``admit``.

        Raises:
            StoreError: the store cannot be written.
        """
        refused: list[Claim] = []
        for batch in batches(list(claims), _WORTH):
            with self.write() as connection:
                held, others = admit(batch, _standing(connection, batch))
                rows = [
                    {
                        "tracker": ref.tracker,
                        "item": ref.id,
                        "task": claim.task,
                        "reason": claim.reason,
                        "at": None if at is None else micros(at),
                    }
                    for claim in held
                    for ref in claim.refs
                ]
                if rows:
                    connection.execute(insert(connection, schema.link).on_conflict_do_nothing(), rows)
            refused += others
        return tuple(refused)

    def last_open(self) -> Mapping[str, str]:
        """By task, the last open stage it was seen in: where a reopened task goes back to."""
        with self.read() as connection:
            rows = connection.execute(select(_task.id, _task.last_open))
            return {row.id: row.last_open for row in rows}

    def put_last_open(self, stages: Mapping[str, str]) -> None:
        """Remember the open stages that tasks are in now."""
        for batch in batches(list(stages.items())):
            with self.write() as connection:
                upsert(connection, schema.task, [{"id": task, "last_open": stage} for task, stage in batch])


def _standing(connection: Connection, claims: Sequence[Claim]) -> dict[ItemRef, str]:
    """The links that touch these claims, by item or by task."""
    items = defaultdict(list)
    for claim in claims:
        for ref in claim.refs:
            items[ref.tracker].append(ref.id)
    # One question for each index, so that neither walks the whole table.
    which: list[ColumnElement[bool]] = [_table.task.in_([claim.task for claim in claims])]
    which += [(_table.tracker == tracker) & _table.item.in_(ids) for tracker, ids in items.items()]
    return {
        ItemRef(tracker, item): task
        for condition in which
        for tracker, item, task in connection.execute(select(_table.tracker, _table.item, _table.task).where(condition))
    }
