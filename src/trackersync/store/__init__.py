"""What trackersync remembers between runs: items, links, bases, the journal of writes, and what was decided.

``pipeline`` opens a store for a run, writes every page as it comes, and writes down each change before it is sent
(``intend``) and after it was answered (``settle``). Everything is synchronous; one call is one transaction, so that a
kill between any two calls leaves a store that the next run goes on from.

SQLite by default, PostgreSQL by URL. Read ``database`` for what the two have in common.
"""

from __future__ import annotations

from pydantic import SecretStr

from trackersync.core.schedule import Kept
from trackersync.store.database import WAIT
from trackersync.store.decisions import Decisions, Rejection, Ruling, Waiting
from trackersync.store.dues import owe
from trackersync.store.findings import Findings
from trackersync.store.freshness import Freshness, note_missed
from trackersync.store.history import Histories
from trackersync.store.inbox import Delivered, Received, Sorted
from trackersync.store.items import Items, Written
from trackersync.store.journal import Entry, Journal, Place
from trackersync.store.links import Claim, Links, task_id
from trackersync.store.looks import Count
from trackersync.store.moves import Moves
from trackersync.store.naming import Known, Naming
from trackersync.store.opening import prepare, present
from trackersync.store.parting import Parting
from trackersync.store.remembering import Remembering
from trackersync.store.retention import Retention
from trackersync.store.runs import Run, Runs
from trackersync.store.stats import Sizes, Stats
from trackersync.store.subjects import Ask, Dispatch, Due, Subject
from trackersync.store.timetable import Timetable
from trackersync.store.told import Told
from trackersync.store.transfers import Transfers
from trackersync.store.turn import TURN, Turn, Turns, here
from trackersync.store.workflows import Workflows

__all__ = [
    "TURN",
    "Ask",
    "Claim",
    "Count",
    "Delivered",
    "Dispatch",
    "Due",
    "Entry",
    "Freshness",
    "Kept",
    "Known",
    "Place",
    "Received",
    "Rejection",
    "Ruling",
    "Run",
    "Sorted",
    "Stats",
    "Store",
    "Subject",
    "Turn",
    "Waiting",
    "Written",
    "here",
    "note_missed",
    "open_store",
    "owe",
    "task_id",
]


class Store(
    Items,
    Moves,
    Histories,
    Links,
    Parting,
    Turns,
    Runs,
    Journal,
    Decisions,
    Told,
    Workflows,
    Naming,
    Findings,
    Transfers,
    Timetable,
    Remembering,
    Retention,
    Sizes,
):
    """An open store. Use it as a context manager, or ``close`` it.

    Safe to share between threads and between processes.

    Args:
        url: a path, ``sqlite:///…`` or ``postgresql://…``; ``sqlite://`` keeps it in memory.
        wait: seconds to wait for another writer.
        read_only: nothing is made or written, whatever is called; a store that needs an upgrade is refused.

    Raises:
        StoreError: the store cannot be made, opened or used by this version; the sentence says what to do.
    """

    def __init__(self, url: str | SecretStr, *, wait: float = WAIT, read_only: bool = False) -> None:
        super().__init__(url, wait=wait, read_only=read_only)
        try:
            if read_only:
                present(self)
            else:
                prepare(self)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(url: str | SecretStr, *, wait: float = WAIT, read_only: bool = False) -> Store:
    """Open a store, made anew where there is none and it may be written; see ``Store``."""
    return Store(url, wait=wait, read_only=read_only)
