"""Workflows as far as trackers have shown them, status by status: a graph that no tracker need ever show whole.

What a status was last seen to lead to replaces what it led to before, since administrators redraw workflows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import select

from trackersync.core.model import Transition
from trackersync.store import schema
from trackersync.store.database import Database, upsert
from trackersync.store.rows import micros, text

_workflow = schema.workflow.c
_hops = msgspec.json.Decoder(tuple[Transition, ...])

Leaves = Mapping[str, tuple[Transition, ...]]
"""From a status to the transitions that leave it."""


class Workflows(Database):
    """The workflows of a store."""

    def put_workflow(self, tracker: str, scope: str, leaves: Leaves, at: datetime) -> None:
        """Remember what some statuses of a workflow lead to, in place of what they led to before.

        Args:
            tracker: its name.
            scope: names the workflow; see ``core.workflows.scope_of``.
            leaves: what was seen; statuses that are not named stay as they are known.
            at: when it was seen.
        """
        rows = [
            {"tracker": tracker, "scope": scope, "status": status, "hops": text(hops), "at": micros(at)}
            for status, hops in leaves.items()
        ]
        if rows:
            with self.write() as connection:
                upsert(connection, schema.workflow, rows)

    def workflows(self, tracker: str, *, since: datetime) -> tuple[Mapping[str, Leaves], Mapping[str, frozenset[str]]]:
        """By scope, what each status of its workflow was last seen to lead to, and the statuses seen since a moment.

        The latter are in lower case.
        """
        found: dict[str, dict[str, tuple[Transition, ...]]] = {}
        fresh: dict[str, set[str]] = {}
        wanted = select(schema.workflow).where(_workflow.tracker == tracker)
        with self.read() as connection:
            for row in connection.execute(wanted.order_by(_workflow.scope, _workflow.status)):
                found.setdefault(row.scope, {})[row.status] = _hops.decode(row.hops)
                if row.at >= micros(since):
                    fresh.setdefault(row.scope, set()).add(row.status.casefold())
        return found, {scope: frozenset(statuses) for scope, statuses in fresh.items()}
